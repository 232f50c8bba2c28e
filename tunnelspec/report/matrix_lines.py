"""The matrix as lines of text, at most 80 columns wide: areas by operations, cells such as `✗ 1/318`."""

from __future__ import annotations

import re

from tunnelspec.record.document import Record
from tunnelspec.report import escape, table
from tunnelspec.report.kinds import missing

#: Names longer than any of this suite are cut.
_LONGEST_FOREIGN = 12
_WIDTH = 80


def matrix_lines(record: Record, *, everything: bool = True) -> list[str]:
    """The head, several lines high, and one line an area; in blocks where 80 columns do not hold all.

    Without `everything`, operations that are not implemented and areas without a verdict are left out.
    """
    operations, areas, cells_by_place = table.operations(record), table.areas(record), table.matrix(record)
    if not everything:
        lacking = missing(record)
        tested = {key for key, cell in cells_by_place.items() if cell.kind not in ("missing", "skipped")}
        operations = [name for name in operations if name not in lacking or any(key[0] == name for key in tested)]
        areas = [area for area in areas if any((operation, area) in tested for operation in operations)]
    first = max((len(_short(area)) for area in [*areas, "area"]), default=0)
    columns = []
    for operation in operations:
        head = _words(operation)
        cells = [str(cells_by_place.get((operation, area), "")) for area in areas]
        columns.append((head, cells, max(map(len, [*head, *cells]))))
    blocks: list[list[str]] = []
    while columns:
        taken = 1
        while taken < len(columns) and first + sum(width + 1 for _, _, width in columns[: taken + 1]) <= _WIDTH:
            taken += 1
        blocks.append(_block(columns[:taken], areas, first))
        columns = columns[taken:]
    return [line for block in blocks for line in block]


def _block(columns: list[tuple[list[str], list[str], int]], areas: list[str], first: int) -> list[str]:
    height = max(len(head) for head, _, _ in columns)
    lines = []
    for row in range(height):
        label = "area" if row == height - 1 else ""
        words = [(head[row] if row < len(head) else "", width) for head, _, width in columns]
        lines.append(_row(label, words, first))
    for number, area in enumerate(areas):
        lines.append(_row(_short(area), [(cells[number], width) for _, cells, width in columns], first))
    return lines


def _row(label: str, cells: list[tuple[str, int]], first: int) -> str:
    return " ".join([f"{label:<{first}}", *(f"{text:<{width}}" for text, width in cells)]).rstrip()


def _words(name: str) -> list[str]:
    """A name on lines that are short enough, broken before capitals: Rotate, Tunnel, Access, Token."""
    lines = [""]
    for part in re.findall(r"[A-Z]?[^A-Z]+|[A-Z]+", _short(name, 40)):
        if lines[-1] and len(lines[-1]) + len(part) > 8:
            lines.append("")
        lines[-1] += part
    return [line[:_LONGEST_FOREIGN] for line in lines]


def _short(name: str, longest: int = _LONGEST_FOREIGN) -> str:
    shown = escape.plain(" ".join(name.split()))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
