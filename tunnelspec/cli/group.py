"""What all commands share: the group that they belong to, options, exit statuses, sentences for bad input."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from tunnelspec import __version__
from tunnelspec.client import EndpointError, JournalError
from tunnelspec.contract import ContractError
from tunnelspec.history.baseline import BaselineError
from tunnelspec.record.document import RecordError
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.target import ConfigurationError
from tunnelspec.suite import ExampleError, UnknownCase

PASSED, FAILED, WRONG_USAGE, COULD_NOT_JUDGE = 0, 1, 2, 3
#: What wrong input raises; each says what is wrong in one sentence.
_WRONG = (
    BaselineError,
    ConfigurationError,
    ContractError,
    ExampleError,
    JournalError,
    RecordError,
    EndpointError,
    UnknownCase,
)
_F = TypeVar("_F", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tunnelspec")
def main() -> None:
    """Run an endpoint of AWS IoT Secure Tunneling by the service's contract."""
    ignore_local_constants()


def sentences(command: _F) -> _F:
    """Bad input ends in one clear sentence and exit status 2, never in a traceback."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except _WRONG as problem:
            click.echo(f"tunnelspec: {problem}", err=True)
            sys.exit(WRONG_USAGE)
        except OSError as problem:
            if problem.filename is None:
                raise  # nothing that a path on the command line could mend
            click.echo(f"tunnelspec: Cannot write {problem.filename}: {problem.strerror}.", err=True)
            sys.exit(WRONG_USAGE)

    return wrapped  # type: ignore[return-value]


document_option = click.option(
    "--document", type=click.Path(path_type=Path), help="Contract document instead of the own one."
)
select_option = click.option("--select", "globs", multiple=True, metavar="GLOB", help="Only cases whose name matches.")
examples_option = click.option(
    "--examples",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File of promoted findings to judge as well (see replay).",
)
