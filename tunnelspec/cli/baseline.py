"""The baseline of a run: read before anything is sent, drafted on request, and compared with the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tunnelspec.runner.settings import ConfigurationError

if TYPE_CHECKING:
    from tunnelspec.history.baseline import Baseline
    from tunnelspec.record.document import Record

_F = TypeVar("_F", bound=Callable[..., object])


def baseline_options(command: _F) -> _F:
    """`--baseline FILE` and `--update-baseline`."""
    command = click.option(
        "--update-baseline", is_flag=True, help="Write the baseline, with a draft entry for each new failure."
    )(command)
    return click.option(
        "--baseline",
        "baseline_file",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Known deviations of the target, with reasons [default: none].",
    )(command)


class RunBaseline:
    """What the baseline lists; nothing without one. `names` are those of the whole suite.

    Raises BaselineError for a file that cannot be used, ConfigurationError for an update of no file.
    """

    def __init__(self, file: Path | None, names: Sequence[str], *, update: bool) -> None:
        if update and file is None:
            raise ConfigurationError("--update-baseline needs --baseline FILE: the file to write.")
        self._file, self._names, self._update = file, names, update
        self._baseline: Baseline | None = None
        if file is not None:
            from tunnelspec.history import baseline

            is_new = update and not file.exists()
            self._baseline = baseline.Baseline(str(file)) if is_new else baseline.read(file)

    def apply(self, made: Record) -> None:
        """Say in the record what is known, after writing the draft if one is asked for.

        Raises ConfigurationError where it cannot be written.
        """
        from tunnelspec.history import baseline, draft, expected
        from tunnelspec.report import expected_failures as known

        if self._file is None or self._baseline is None:
            made["new_failures"] = known.new_failures(made)
            return
        today = datetime.now(UTC).date()
        if self._update:
            try:
                draft.write(draft.draft(made, self._baseline, self._names, today), self._file)
            except OSError as problem:
                raise ConfigurationError(f"Cannot write {self._file}: {problem.strerror}.") from problem
            # Read back, so that sentences name its lines.
            self._baseline = baseline.read(self._file)
        expected.apply(made, self._baseline, self._names, today)
