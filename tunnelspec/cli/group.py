"""The root of the command line: its commands, the options they share, exit statuses, and errors as sentences.

A command's module is imported when the command is called: `--help` and `--version` load no part of the suite.
"""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from tunnelspec import __version__
from tunnelspec.cli.config import defaults, setting
from tunnelspec.cli.loading import loading
from tunnelspec.cli.output import escape_unencodable
from tunnelspec.errors import UserError
from tunnelspec.printable import safe

PASSED, FAILED, WRONG_USAGE, NO_VERDICT = 0, 1, 2, 3
_F = TypeVar("_F", bound=Callable[..., object])


class LazyCommand(NamedTuple):
    """A command that is not loaded: its one-line help, and the modules of this room that define it."""

    help: str
    modules: tuple[str, ...]


#: A self-test compares each help line with the command's own.
COMMANDS = {
    "cases": LazyCommand("List the cases by name.", ("cases",)),
    "compare": LazyCommand("Send the same cases to two endpoints and show where they differ.", ("compare",)),
    "emulator": LazyCommand("Serve the bundled reference emulator until interrupted.", ("emulator",)),
    "explain": LazyCommand("Explain a case, a check, a seeded fault or a conforming variant.", ("explain",)),
    "promote": LazyCommand("Keep the smallest requests of a record's findings as examples.", ("replay",)),
    "replay": LazyCommand("Send the findings of a record again.", ("replay",)),
    "report": LazyCommand("Render a run record in another form, or compare records.", ("report", "history")),
    "reproduce": LazyCommand("Reproduce one defect of the last run.", ("reproduce",)),
    "run": LazyCommand("Test an endpoint and write the reports.", ("run",)),
    "selfcheck": LazyCommand("Run the suite against every seeded fault and every conforming variant.", ("selfcheck",)),
    "sweep": LazyCommand("Close what runs have left open.", ("sweep",)),
}


class Command(click.Command):
    """A command whose defaults may come from the environment and the settings file, and whose errors are sentences."""

    def __init__(self, name: str, **attributes: Any) -> None:
        super().__init__(name, **attributes)
        for option in self.params:
            if isinstance(option, click.Option) and option.envvar is None:
                option.envvar = f"TUNNELSPEC_{name}_{setting(option)}".upper().replace("-", "_")

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """The context, with the file's values as defaults. Raises UserError as a usage error of click's."""
        try:
            extra.setdefault("default_map", defaults(self.name or "", self.params, Path.cwd(), os.environ))
        except UserError as problem:
            raise click.UsageError(str(problem)) from None
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. One that fails ends with a sentence and an exit status, never with a traceback."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except (UserError, OSError) as problem:
            sentence, status = exit_of(problem)
            _abandon_output(problem)
            click.echo(f"tunnelspec: {safe(sentence)}", err=True)
            sys.exit(status)


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called."""

    command_class = Command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command. What is wrong with its arguments is shown without acting on the terminal."""
        try:
            return super().invoke(ctx)
        except click.UsageError as problem:
            raise click.UsageError(safe(problem.format_message()), problem.ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, loaded or not."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded."""
        with loading():
            for module in COMMANDS[cmd_name].modules if cmd_name in COMMANDS else ():
                import_module(f"tunnelspec.cli.{module}")
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in `--help`, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tunnelspec")
def main() -> None:
    """Test an endpoint against the API contract of AWS IoT Secure Tunneling.

    Exit status: 0 nothing failed, 1 at least one new failure, 2 wrong usage or configuration, 3 no verdict.
    """
    escape_unencodable(sys.stdout, sys.stderr)


#: A path on the command line is wrong; any other error of a file is the machine's.
_WRONG_PATH = frozenset({errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EROFS})


def exit_of(problem: UserError | OSError) -> tuple[str, int]:
    """The sentence and the exit status of an error that a command cannot go on from."""
    if isinstance(problem, UserError):
        return str(problem), NO_VERDICT if problem.no_verdict else WRONG_USAGE
    if problem.filename is None:
        return f"Cannot write the output: {problem.strerror or problem}.", NO_VERDICT
    status = WRONG_USAGE if problem.errno in _WRONG_PATH else NO_VERDICT
    return f"Cannot write {problem.filename}: {problem.strerror}.", status


def _abandon_output(problem: Exception) -> None:
    """Have the interpreter's last flush go nowhere where standard output cannot be written."""
    if isinstance(problem, OSError) and problem.filename is None:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError):
            sys.stdout = None


def option_group(name: str, make: Callable[..., object], *options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """Options that a command gets as one argument, which `make` makes of their values; its parameters name them."""

    def decorate(command: _F) -> _F:
        @wraps(command)
        def wrapped(**given: object) -> object:
            values = {field: given.pop(field) for field in signature(make).parameters if field in given}
            return command(**{name: make(**values)}, **given)

        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped  # type: ignore[return-value]

    return decorate


PATH, FILE = click.Path(path_type=Path), click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
#: Names of `suite.DEPTHS`, which a self-test compares: importing them would load the suite for `--help`.
DEPTHS = ("quick", "standard", "deep")
depth_option = click.option(
    "--depth", type=click.Choice(DEPTHS), default="quick", show_default=True, help="How far to search."
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    default=lambda: secrets.randbelow(2**32),
    help="Repeat a run [default: drawn].",
)


def report_dir_option(usual: str) -> Callable[[_F], _F]:
    """`--report-dir`, with the directory that a command usually writes to."""
    return click.option(
        "--report-dir",
        type=FOLDER,
        default=Path(usual),
        show_default=True,
        help="Directory of the reports.",
    )


document_option = click.option("--document", type=PATH, help="Contract document [default: the one shipped].")
select_option = click.option("--select", "globs", multiple=True, metavar="GLOB", help="Only cases whose name matches.")
examples_option = click.option(
    "--examples", multiple=True, type=PATH, help="File of promoted findings to test as well (see replay)."
)
