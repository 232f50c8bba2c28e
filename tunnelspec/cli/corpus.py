"""`--corpus`: what searches found in earlier nights, kept in a directory and sent first in the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tunnelspec.cli.group import option_group
from tunnelspec.record import document as record
from tunnelspec.runner.case import Case
from tunnelspec.runner.settings import ConfigurationError
from tunnelspec.suite import add_examples, promotable


@dataclass(frozen=True, slots=True)
class Corpus:
    """A directory, or none: Hypothesis' example databases, and a file of promoted examples."""

    directory: Path | None

    @property
    def examples(self) -> tuple[Path, ...]:
        """The file of examples, if there is one. Raises ConfigurationError where there cannot be one."""
        if self.directory is None:
            return ()
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise ConfigurationError(f"Cannot write {self.directory}: {problem.strerror}.") from None
        return (self._file,) if self._file.exists() else ()

    def keep(self, run_record: record.Record, cases: Sequence[Case]) -> None:
        """Promote what only a search found. Raises ExampleError where it cannot be written.

        Listed cases are sent in every run anyway, and what a baseline lists needs no second name.
        """
        random = {case.id for case in cases if case.kind.is_random}
        rows: list[dict[str, Any]] = [
            {"id": row["id"], "findings": [finding for finding in row["findings"] if "known" not in finding]}
            for row in run_record["cases"]
            if row["id"] in random
        ]
        found = [example for example, level in promotable(rows) if level == "MUST"]
        if self.directory is not None and found:
            add_examples(self._file, found)

    @property
    def _file(self) -> Path:
        return (self.directory or Path()) / "examples.json"


corpus_options = option_group(
    "corpus",
    Corpus,
    click.option(
        "--corpus",
        "directory",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Keep what searches find here, send it first, and search on until --max-seconds [default: nowhere].",
    ),
)
