"""What the smaller pages share: one self-contained file each, with nothing fetched and no script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from tunnelspec.report.html import STYLE
from tunnelspec.report.record import printable

_LONGEST = 2000


def page(title: str, style: str, parts: Iterable[str]) -> str:
    """A whole HTML page. `title` is text, `parts` are HTML; `style` adds to that of all reports."""
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta http-equiv="Content-Security-Policy"'
            " content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(title)}</title><style>{STYLE}{style}</style></head><body>",
            *(part for part in parts if part),
            "</body></html>\n",
        ]
    )


def text(value: Any) -> str:
    """Text for HTML: escaped, invisible characters spelt out, and cut where it is long."""
    told = printable(str(value))
    if len(told) > _LONGEST:
        told = f"{told[:_LONGEST]} … {len(told) - _LONGEST} characters more"
    return escape(told, quote=True)
