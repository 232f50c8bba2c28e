"""The forms that a record can be written in: the name of each, its usual file, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tunnelspec.record import document as record
from tunnelspec.report import badge, html, junit, markdown, programs, sarif

Writer: TypeAlias = Callable[[Mapping[str, Any], Path], object]

#: By the name that `--format` takes.
FORMS: dict[str, tuple[str, Writer]] = {
    "html": ("report.html", html.write),
    "junit": ("junit.xml", junit.write),
    "markdown": ("summary.md", markdown.write),
    "sarif": ("report.sarif", sarif.write),
    "badge": ("badge.json", badge.write),
}


def write_all(made: Mapping[str, Any], directory: Path) -> None:
    """Write a run's record, every form of it, and the programs that show its findings. Raises OSError."""
    record.write(made, directory / "record.json")
    for name, write in FORMS.values():
        write(made, directory / name)
    programs.write(made, directory / "reproduce")
