"""The HTML report as a form of the record; the page itself is made in `page`."""

from __future__ import annotations

from pathlib import Path

from tunnelspec.record.document import Record
from tunnelspec.report.frame import STYLE, document


def write(record: Record, path: Path) -> None:
    """Write the report. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(record), encoding="utf-8", errors="backslashreplace")


def render(record: Record) -> str:
    """The report as one HTML page."""
    # Here, so that a command that writes no page does not wait for the template engine.
    from tunnelspec.report.html import page

    return page.render(record)


__all__ = ["STYLE", "document", "render", "write"]
