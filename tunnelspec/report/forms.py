"""The forms that a record can be written in: the name of each, its usual file, and the text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tunnelspec.record import document
from tunnelspec.record.document import Record
from tunnelspec.report import badge, github, html, junit, markdown, programs, sarif
from tunnelspec.text_file import write_text

#: By the name that `--format` takes.
FORMS: dict[str, tuple[str, Callable[[Record], str]]] = {
    "html": ("report.html", html.render),
    "junit": ("junit.xml", junit.render),
    "markdown": ("summary.md", markdown.render),
    "sarif": ("report.sarif", sarif.render),
    "badge": ("badge.json", badge.render),
    "github": ("annotations.txt", github.render),
}


def write_all(record: Record, directory: Path) -> None:
    """Write a run's record, every form of it that is a file to keep, and its reproductions. Raises OSError."""
    document.write(record, directory / "record.json")
    for form, (name, render) in FORMS.items():
        if form != "github":
            write_text(directory / name, render(record))
    programs.write(record, directory / "reproduce")
