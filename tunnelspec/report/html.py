"""The HTML report: one self-contained file, readable from disk, with nothing fetched from anywhere.

Everything that the target sent is text here: escaped, with invisible characters spelt out. The
page's Content-Security-Policy allows its own style and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from tunnelspec.report import known
from tunnelspec.report.record import printable
from tunnelspec.report.table import areas, cells
from tunnelspec.report.words import SYMBOLS, told, verdict_sentence

#: Findings shown in full. A page of more is not read; the record holds them all.
MOST_FINDINGS = 400
_LONGEST = 4000

#: Of every page: light and dark, on paper-wide and on narrow screens.
STYLE = """
:root { color-scheme: light dark; --fg:#1c2330; --bg:#fff; --soft:#f3f5f8; --line:#d5dae2;
  --fail:#b3261e; --warn:#8a5a00; --pass:#1b6e3c; --other:#5b4b8a; --link:#0b57b0 }
@media (prefers-color-scheme: dark) { :root { --fg:#e4e8ef; --bg:#12161d; --soft:#1b212b;
  --line:#333c4a; --fail:#ff9a90; --warn:#f0c060; --pass:#7fd69c; --other:#c3b4f5; --link:#8ab8ff } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--fg); background: var(--bg);
  margin: 0 auto; max-width: 68rem; padding: 1.5rem 1rem 4rem }
h1 { font-size: 1.1rem; margin: 0 0 .25rem; font-weight: 600; letter-spacing: .02em }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem }
a { color: var(--link) }
.verdict { font-size: 1.45rem; line-height: 1.3; margin: 0 0 .75rem; font-weight: 600 }
.facts { color: var(--fg); opacity: .8; margin: 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line);
  white-space: nowrap }
.fail { color: var(--fail) } .warn { color: var(--warn) } .pass { color: var(--pass) }
.skipped, .inconclusive { color: var(--other) }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0;
  background: var(--soft) }
summary { padding: .6rem .9rem; cursor: pointer; overflow-wrap: anywhere }
summary b { font-weight: 600 } summary span { display: block; opacity: .85 }
.finding { padding: 0 .9rem .6rem }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .35rem .75rem; margin: .5rem 0 }
dt { opacity: .75 } dd { margin: 0; overflow-wrap: anywhere }
pre { margin: 0; padding: .6rem; background: var(--bg); border: 1px solid var(--line);
  border-radius: .35rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem;
  max-height: 20rem; overflow: auto }
ol { margin: 0; padding-left: 1.5rem } li:last-child { font-weight: 600 }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: .1rem } dd { margin-bottom: .5rem } }
"""


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write the report. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(record), encoding="utf-8")


def render(record: Mapping[str, Any]) -> str:
    """The report as one HTML page."""
    run, target = record["run"], record["target"]
    shown = [*told(record, "fail"), *told(record, "warn")]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta http-equiv="Content-Security-Policy"'
        " content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>tunnelspec: {_text(target['endpoint'])}</title><style>{STYLE}</style></head>",
        "<body><header><h1>tunnelspec</h1>",
        f'<p class="verdict {_class(record)}">{_text(verdict_sentence(record))}</p>',
        f'<p class="facts">{_text(target["service"])}, region {_text(target["region"])} ·'
        f" {len(record['cases'])} cases, {run['requests']} requests in {run['duration_s']:.1f} s ·"
        f" depth {_text(run['depth'])}, seed {run['seed']} · {_text(run['started'])} ·"
        f" tunnelspec {_text(record['suite']['version'])}</p></header><main>",
        *(f'<p class="fail">{_text(sentence)}</p>' for sentence in known.problems(record)),
        "<h2>Operations and areas</h2>",
        _matrix(record),
        "<h2>Findings</h2>" if shown else "",
        *(_case(case, is_open=index < 3) for index, case in enumerate(shown[:MOST_FINDINGS])),
    ]
    if len(shown) > MOST_FINDINGS:
        parts.append(f"<p>And {len(shown) - MOST_FINDINGS} more, in record.json.</p>")
    parts += [
        *(["<h2>Known</h2>"] if known.lines(record) else []),
        *(f"<p>{_text(line)}</p>" for line in known.lines(record)),
        _unjudged(record),
        "<h2>What a pass does not prove</h2><p>Every judged answer kept the sentences of the"
        " contract that are cited here. What AWS's own sources leave open was not judged, nor were"
        " the data plane, quotas under load, or permissions.</p></main></body></html>",
    ]
    return "\n".join(part for part in parts if part)


def _class(record: Mapping[str, Any]) -> str:
    return "fail" if known.new_failures(record) else "inconclusive" if record["run"]["stopped"] else "pass"


def _text(value: Any) -> str:
    text = printable(str(value))
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} … {len(text) - _LONGEST} characters more"
    return escape(text, quote=True)


def _matrix(record: Mapping[str, Any]) -> str:
    columns = areas(record)
    names = {symbol: outcome for outcome, symbol in SYMBOLS.items()}
    head = "".join(f'<th scope="col">{_text(area)}</th>' for area in columns)
    rows = []
    for operation, row in cells(record, columns):
        tds = "".join(f'<td class="{names.get(cell[:1], "")}">{_text(cell)}</td>' for cell in row)
        rows.append(f'<tr><th scope="row">{_text(operation)}</th>{tds}</tr>')
    key = ", ".join(f"{symbol} {outcome}" for outcome, symbol in SYMBOLS.items())
    return (
        f'<div class="scroll"><table><thead><tr><th scope="col">operation</th>{head}</tr></thead>'
        f'<tbody>{"".join(rows)}</tbody></table></div><p class="facts">{key}</p>'
    )


def _case(case: Mapping[str, Any], *, is_open: bool) -> str:
    outcome = case["outcome"]
    findings = "".join(_finding(finding) for finding in case["findings"])
    return (
        f"<details{' open' if is_open else ''}><summary>"
        f'<b class="{outcome}">{SYMBOLS[outcome]} {outcome}</b> <b>{_text(case["id"])}</b>'
        f"<span>expected {_text(case['expected'])}; observed {_text(case['observed'])}</span>"
        f"</summary>{findings}</details>"
    )


def _finding(finding: Mapping[str, Any]) -> str:
    cites = "<br>".join(
        f'<a href="{escape(c["url"], quote=True)}" rel="noreferrer">{_text(c["title"])}</a>'
        for c in finding["cites"]
        if c["url"].startswith("https://")
    )
    return (
        '<div class="finding"><dl>'
        f"<dt>contract</dt><dd>{_text(finding['level'])}: {_text(finding['expected'])}</dd>"
        f"<dt>observed</dt><dd>{_text(finding['observed'])}</dd>"
        f"{_sent(finding)}"
        f"<dt>answer</dt><dd><pre>{_text(finding['response']['shown'])}</pre></dd>"
        f"<dt>source</dt><dd>{cites}</dd>"
        f"<dt>curl</dt><dd><pre>{_text(finding['reproduce']['curl'])}</pre></dd>"
        f"<dt>Python</dt><dd><pre>{_text(finding['reproduce']['python'])}</pre></dd>"
        "</dl></div>"
    )


def _sent(finding: Mapping[str, Any]) -> str:
    """What was sent: one request, or a script of calls of which the last was answered wrongly."""
    steps = finding.get("script")
    if not steps:
        return f"<dt>sent</dt><dd><pre>{_text(finding['request']['shown'])}</pre></dd>"
    calls = "".join(f"<li><code>{_text(step['call'])}</code></li>" for step in steps)
    return f"<dt>calls</dt><dd><ol>{calls}</ol></dd>"


def _unjudged(record: Mapping[str, Any]) -> str:
    reasons: dict[tuple[str, str], int] = {}
    for case in record["cases"]:
        if case["outcome"] in ("skipped", "inconclusive"):
            key = (case["outcome"], case.get("reason") or "")
            reasons[key] = reasons.get(key, 0) + 1
    if not reasons:
        return ""
    rows = "".join(
        f'<tr><td class="{outcome}">{SYMBOLS[outcome]} {outcome}</td><td>{count}</td>'
        f'<td style="white-space:normal">{_text(reason)}</td></tr>'
        for (outcome, reason), count in reasons.items()
    )
    return f'<h2>Not judged</h2><div class="scroll"><table>{rows}</table></div>'
