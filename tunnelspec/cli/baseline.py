"""The baseline of a run: read before anything is sent, drafted on request, and compared with the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunnelspec.cli.group import FILE, option_group
from tunnelspec.runner.settings import ConfigurationError

if TYPE_CHECKING:
    from tunnelspec.history.baseline import Baseline
    from tunnelspec.record.document import Record


class RunBaseline:
    """What the baseline of a run lists; nothing without one.

    Raises BaselineError for a file that cannot be used, ConfigurationError for an update of no file.
    """

    def __init__(self, baseline_file: Path | None, update_baseline: bool) -> None:
        if update_baseline and baseline_file is None:
            raise ConfigurationError("--update-baseline needs --baseline FILE: the file to write.")
        self._file, self._update = baseline_file, update_baseline
        self._baseline: Baseline | None = None
        if baseline_file is not None:
            from tunnelspec.history import baseline

            is_new = update_baseline and not baseline_file.exists()
            self._baseline = baseline.Baseline(str(baseline_file)) if is_new else baseline.read(baseline_file)

    def apply(self, run_record: Record, names: Sequence[str]) -> None:
        """Say in the record what is known, after writing the draft if one is asked for. `names` are those of all cases.

        Raises ConfigurationError where it cannot be written.
        """
        from tunnelspec.history import baseline, draft, expected
        from tunnelspec.report import expected_failures

        if self._file is None or self._baseline is None:
            run_record["new_failures"] = expected_failures.new_failures(run_record)
            return
        today = datetime.now(UTC).date()
        if self._update:
            try:
                draft.write(draft.draft(run_record, self._baseline, names, today), self._file)
            except OSError as problem:
                raise ConfigurationError(f"Cannot write {self._file}: {problem.strerror}.") from problem
            # Read back, so that sentences name its lines.
            self._baseline = baseline.read(self._file)
        expected.apply(run_record, self._baseline, names, today)


baseline_options = option_group(
    "baseline",
    RunBaseline,
    click.option(
        "--baseline",
        "baseline_file",
        type=FILE,
        metavar="FILE",
        help="Known deviations of the target, with reasons [default: none].",
    ),
    click.option(
        "--update-baseline", is_flag=True, help="Write the baseline, with a draft entry for each new failure."
    ),
)
