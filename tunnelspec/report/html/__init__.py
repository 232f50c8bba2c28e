"""The HTML report as a form of the record; the page itself is made in `page`."""

from __future__ import annotations

from tunnelspec.record.document import Record
from tunnelspec.report.frame import STYLE, document


def render(record: Record) -> str:
    """The report as one HTML page."""
    # Here, so that a command that writes no page does not wait for the template engine.
    from tunnelspec.report.html import page

    return page.render(record)


__all__ = ["STYLE", "document", "render"]
