"""The forms that a record can be written in: the name of each, its usual file, and who writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from tunnelspec.record import document
from tunnelspec.record.document import Record
from tunnelspec.report import badge, github, html, junit, markdown, programs, sarif

Writer: TypeAlias = Callable[[Record, Path], object]

#: By the name that `--format` takes.
FORMS: dict[str, tuple[str, Writer]] = {
    "html": ("report.html", html.write),
    "junit": ("junit.xml", junit.write),
    "markdown": ("summary.md", markdown.write),
    "sarif": ("report.sarif", sarif.write),
    "badge": ("badge.json", badge.write),
    "github": ("annotations.txt", github.write),
}


def write_all(record: Record, directory: Path) -> None:
    """Write a run's record, every form of it that is a file to keep, and its reproductions. Raises OSError."""
    document.write(record, directory / "record.json")
    for form, (name, write) in FORMS.items():
        if form != "github":
            write(record, directory / name)
    programs.write(record, directory / "reproduce")
