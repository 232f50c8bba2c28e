"""The page of many targets: for each its levels, defects and versions, and when it was tested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tunnelspec.record.document import Record
from tunnelspec.report import expected_failures as known
from tunnelspec.report.causes import causes
from tunnelspec.report.kinds import KINDS, missing
from tunnelspec.report.levels import LEVELS, Score, scores
from tunnelspec.report.plain_page import page, text
from tunnelspec.report.table import operations

_STYLE = """
td, th { vertical-align: top } td { white-space: nowrap } th[scope=row] { text-align: left; overflow-wrap: anywhere }
th small, td small { display: block; font-weight: 400; color: var(--soft); overflow-wrap: anywhere }
"""


def write(records: Mapping[str, Record], path: Path) -> None:
    """Write the page of records by the target's name. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(records), encoding="utf-8")


def render(records: Mapping[str, Record]) -> str:
    """The page, the target with the fewest defects first."""
    levels = [*LEVELS]
    rows = sorted(records.items(), key=lambda pair: (len(missing(pair[1])), len(_defects(pair[1])), pair[0]))
    explained = "".join(f"<dt>{text(name)}</dt><dd>{text(words)}</dd>" for name, words in LEVELS.items())
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in ("target", *levels, "defects", "operations", "run"))
    count = f"{len(records)} target{'s' * (len(records) != 1)}"
    return page(
        "tunnelspec: targets",
        _STYLE,
        [
            f"<header><h1>tunnelspec, {count}</h1>",
            '<p class="facts">Cases that pass on each level, and the number of defects: violated rules.</p></header>',
            '<main><div class="scroll" tabindex="0"><table>',
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(_row(name, made, levels) for name, made in rows)}</tbody>",
            f"</table></div><h2>Levels</h2><dl>{explained}</dl></main>",
        ],
    )


def _defects(record: Record) -> list[str]:
    return [cause.title for cause in causes(record) if cause.kind in ("fail", "wrong-error", "known")]


def _row(name: str, record: Record, levels: Sequence[str]) -> str:
    by_level = {score.level: score for score in scores(record)}
    lacking, named = missing(record), operations(record)
    defects, run = _defects(record), record["run"]
    new = known.new_failures(record) - len(lacking)
    kind = "fail" if new > 0 else "known" if defects else "pass"
    facts = f"{run['started'][:10]}<small>tunnelspec {text(record['suite']['version'])}, {text(run['depth'])}</small>"
    return (
        f'<tr><th scope="row">{text(name)}<small>{text(record["target"]["endpoint"])}</small></th>'
        f"{''.join(_level(by_level.get(level)) for level in levels)}"
        f'<td class="{kind}" title="{text("; ".join(defects[:5]))}">{KINDS[kind].symbol} {len(defects)}</td>'
        f"<td>{len(named) - len(lacking)} of {len(named)}</td><td>{facts}</td></tr>"
    )


def _level(score: Score | None) -> str:
    if score is None:
        return "<td>-</td>"
    figure = "not tested" if score.not_tested or not score.tested else f"{score.passed}/{score.tested}"
    return f'<td class="{score.kind}">{KINDS[score.kind].symbol} {figure}</td>'
