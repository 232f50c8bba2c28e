"""The trend page: outcomes over time for each area, and what changed from each run to the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from tunnelspec.history.diff import Change, Diff, diff
from tunnelspec.history.diff_text import sentence_of
from tunnelspec.record.document import Record, RecordError, read
from tunnelspec.report import expected_failures as known
from tunnelspec.report.plain_page import page, text
from tunnelspec.report.summary import SYMBOLS, verdict_sentence
from tunnelspec.report.table import areas, cell

#: Outcomes that want attention, as they are stacked from the axis upwards. What passes is drawn as the axis.
_STACKED = ("fail", "warn", "known", "inconclusive", "skipped")
#: Most runs that a chart has room for; older ones are counted.
MOST_RUNS = 120
#: Cases named for each kind of change.
_MOST_NAMED = 30
_WIDTH, _HEIGHT = 720, 46
#: A column is no wider than this, however few runs there are.
_WIDEST_STEP = 48.0

STYLE = """
svg { width: 100%; height: auto; display: block }
svg rect.fail, svg text.fail { fill: var(--fail) } svg rect.warn { fill: var(--warn) }
svg rect.pass { fill: var(--pass) } svg rect.known { fill: var(--wrong) }
svg rect.inconclusive { fill: var(--other) } svg rect.skipped { fill: var(--line) }
svg rect.hover { fill: transparent } svg g.run:hover rect.hover { fill: var(--fg); fill-opacity: .12 }
.area { display: grid; grid-template-columns: 9rem 1fr; gap: 0 1rem; align-items: end; padding: .35rem 0 }
.area p { margin: 0 } .area .facts { font-size: .85rem }
.key span::before { content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .35em;
  background: currentColor; vertical-align: -.05em } .key span { margin-right: 1.2rem }
.known { color: var(--wrong) }
.change { padding: 0 .9rem .6rem } .change li { overflow-wrap: anywhere; font-weight: 400 }
.area .axis { display: flex; justify-content: space-between; gap: 1rem; font-size: .75rem; color: var(--soft) }
@media (max-width: 40rem) { .area { grid-template-columns: 1fr } }
"""


def read_all(directory: Path) -> list[Record]:
    """Every run record below a directory, the oldest first; other files are passed over.

    Raises RecordError where there is none.
    """
    found = []
    for path in sorted(directory.rglob("*.json")):
        try:
            found.append(read(path))
        except RecordError:
            continue
    if not found:
        raise RecordError(f"There is no run record below {directory}.")
    return sorted(found, key=lambda record: str(record["run"]["started"]))


def write(records: Sequence[Record], path: Path) -> None:
    """Write the page. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(records), encoding="utf-8")


def render(records: Sequence[Record]) -> str:
    """The page of these records, the oldest first; there is at least one."""
    drawn = records[-MOST_RUNS:]
    last = drawn[-1]
    named = list(dict.fromkeys(area for record in reversed(drawn) for area in areas(record)))
    counts = [_counts(record) for record in drawn]
    bad = bool(known.new_failures(last))
    older = f" {len(records) - len(drawn)} older ones are not drawn." if len(records) > len(drawn) else ""
    return page(
        "tunnelspec: trend",
        STYLE,
        [
            "<header><h1>tunnelspec, run by run</h1>",
            f'<p class="verdict {"fail" if bad else "pass"}">{text(verdict_sentence(last))}</p>',
            f'<p class="facts">{_runs(len(drawn))} from {text(drawn[0]["run"]["started"])} to'
            f" {text(last['run']['started'])}.{older} Each column is a run, the newest on the right; it counts"
            " the cases that do not pass.</p>",
            f'<p class="key">{_key()}</p></header><main><h2>Areas</h2>',
            *(_area(area, [count[area] for count in counts], drawn) for area in named),
            "<h2>What changed</h2>",
            *_changes(drawn),
            "<h2>Runs</h2>",
            _table(drawn),
            "</main>",
        ],
    )


def _runs(count: int) -> str:
    return "1 run," if count == 1 else f"{count} runs,"


def _key() -> str:
    return "".join(f'<span class="{name}">{SYMBOLS[name]} {name}</span>' for name in ("pass", *_STACKED))


def _counts(record: Record) -> defaultdict[str, Counter[str]]:
    """How the cases of each area ended; areas that a run did not have count nothing."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for case in record["cases"]:
        found[case["area"]][known.state(case)] += 1
    return found


def _area(area: str, counts: Sequence[Counter[str]], records: Sequence[Record]) -> str:
    now = cell(counts[-1]) or "not in the last run"
    return (
        f'<div class="area"><div><p><b>{text(area)}</b></p><p class="facts">{text(now)}</p></div>'
        f"<div>{_chart(area, counts, records)}{_axis(counts, records)}</div></div>"
    )


def _axis(counts: Sequence[Counter[str]], records: Sequence[Record]) -> str:
    """The dates of the first and the last column, and what the highest stands for."""
    most = max(sum(count[name] for name in _STACKED) for count in counts)
    dates = list(dict.fromkeys(record["run"]["started"][:10] for record in (records[0], records[-1])))
    shown = "".join(f"<span>{text(day)}</span>" for day in dates)
    return f'<p class="axis">{shown}<span>{f"highest: {most}" if most else ""}</span></p>'


def _chart(area: str, counts: Sequence[Counter[str]], records: Sequence[Record]) -> str:
    """Stacked columns over an axis that is green where all pass; each column has its counts as its title."""
    most = max(1, *(sum(count[name] for name in _STACKED) for count in counts))
    step = min(_WIDTH / len(counts), _WIDEST_STEP)
    width = min(step * 0.8, 28)
    parts = []
    for index, (count, record) in enumerate(zip(counts, records, strict=True)):
        left, top = index * step + (step - width) / 2, float(_HEIGHT - 4)
        bars = [_bar("pass" if count["pass"] else "skipped", left, top, width, 3.0)] if count else []
        for name in _STACKED:
            if count[name]:
                height = max(2.0, count[name] / most * (_HEIGHT - 12))
                top -= height
                bars.append(_bar(name, left, top, width, height))
        counted = ", ".join(f"{count[name]} {name}" for name in ("pass", *_STACKED) if count[name])
        parts.append(
            f'<g class="run"><title>{text(record["run"]["started"])}: {counted or "not run"}</title>'
            f'{"".join(bars)}<rect class="hover" x="{index * step:.1f}" y="0" width="{step:.1f}"'
            f' height="{_HEIGHT}"/></g>'
        )
    words = "; ".join(f"{sum(count[name] for name in _STACKED)}" for count in counts)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{text(area)}: cases that do not pass, run by run: {words}">'
        f'<rect class="skipped" x="0" y="{_HEIGHT - 1}" width="{_WIDTH}" height="1"/>'
        f"{''.join(parts)}</svg>"
    )


def _bar(name: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _changes(records: Sequence[Record]) -> Iterator[str]:
    """What changed from each run to the next, the newest first; runs that changed nothing are left out."""
    quiet, shown = 0, 0
    for old, new in reversed(list(pairwise(records))):
        made = diff(old, new)
        if made.new_failures or made.newly_tested or made.fixed or made.changed or made.not_observed:
            yield _change(made, new, is_open=shown == 0)
            shown += 1
        else:
            quiet += 1
    if quiet or len(records) == 1:
        yield f"<p>{quiet} of {len(records) - 1} steps from run to run changed nothing.</p>"


def _change(made: Diff, new: Record, *, is_open: bool) -> str:
    kind = "fail" if made.new_failures else "pass" if made.fixed else "warn"
    parts = [
        _list("New failures", made.new_failures),
        _list("Newly tested", made.newly_tested),
        _list("Fixed", made.fixed),
        _list("Changed", made.changed),
        _list("Not observed", made.not_observed),
    ]
    notes = "".join(f"<p>{text(sentence)}</p>" for sentence in made.settings)
    return (
        f"<details{' open' if is_open else ''}><summary><b>{text(new['run']['started'])}</b>"
        f' <span class="{kind}">{text(sentence_of(made))}</span></summary>'
        f'<div class="change">{notes}{"".join(parts)}</div></details>'
    )


def _list(title: str, changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    items = "".join(
        f"<li><code>{text(change.case)}</code>: {text(change.words)}</li>" for change in changes[:_MOST_NAMED]
    )
    rest = len(changes) - _MOST_NAMED
    more = f"<li>and {rest} more</li>" if rest > 0 else ""
    return f"<h3>{title} ({len(changes)})</h3><ul>{items}{more}</ul>"


def _table(records: Sequence[Record]) -> str:
    """The same figures as a table, the newest first."""
    names = ("pass", *_STACKED)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("run", *names, "depth", "requests", "target"))
    rows = []
    for record in reversed(records):
        count = Counter(known.state(case) for case in record["cases"])
        cells = "".join(f'<td class="{name if count[name] else ""}">{count[name]}</td>' for name in names)
        run = record["run"]
        rows.append(
            f'<tr><th scope="row">{text(run["started"])}</th>{cells}<td>{text(run["depth"])}</td>'
            f"<td>{run['requests']}</td><td>{text(record['target']['endpoint'])}</td></tr>"
        )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
