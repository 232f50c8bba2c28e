"""What the smaller pages share: one self-contained file each, with nothing fetched and no script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from tunnelspec.report.escape import printable
from tunnelspec.report.frame import document

_LONGEST = 2000


def page(title: str, style: str, parts: Iterable[str]) -> str:
    """A whole HTML page. `title` is text, `parts` are HTML; `style` adds to that of all reports."""
    return document(title, "\n".join(part for part in parts if part), more_style=style)


def text(value: object) -> str:
    """Text for HTML: escaped, invisible characters spelt out, and cut where it is long."""
    shown = printable(str(value))
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]} … {len(shown) - _LONGEST} characters more"
    return escape(shown, quote=True)
