"""Settings from a file: `tunnelspec.toml`, or `[tool.tunnelspec]` of `pyproject.toml`.

The keys are the options of `tunnelspec run` without their dashes. The command line wins over the environment
(`TUNNELSPEC_RUN_REPORT_DIR` is `--report-dir` of `run`), the environment over the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

import click

from tunnelspec.errors import UserError
from tunnelspec.text_file import UnreadableFile, read_text

#: The commands that read the file. Others share option names with `run`, such as --report-dir, for other things.
READERS = frozenset({"run", "cases", "replay", "sweep"})
#: A file with settings is of this size at most, in bytes.
_LARGEST = 1_000_000
#: Options for which the AWS SDKs have variables, which the environment therefore decides.
_VARIABLES = {
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "profile": ("AWS_PROFILE",),
    "endpoint-url": ("AWS_ENDPOINT_URL_IOTSECURETUNNELING", "AWS_ENDPOINT_URL"),
    "ca-bundle": ("AWS_CA_BUNDLE",),
}


def defaults(
    command: str, parameters: Iterable[click.Parameter], directory: Path, environment: Mapping[str, str]
) -> dict[str, object]:
    """Defaults of a command's parameters, by parameter name. Raises UserError for a file that cannot be used."""
    if command not in READERS:
        return {}
    file, table = _read(directory)
    options = {setting(parameter): parameter for parameter in parameters if isinstance(parameter, click.Option)}
    unknown = [key for key in table if key not in options]
    if unknown and command == "run":
        close = get_close_matches(unknown[0], options, n=1)
        hint = f"; did you mean '{close[0]}'?" if close else "."
        raise UserError(f"{file}: there is no setting '{unknown[0]}'{hint}")
    return {
        str(options[key].name): _value(file, key, value, options[key])
        for key, value in table.items()
        if key in options and not any(environment.get(name) for name in _VARIABLES.get(key, ()))
    }


def setting(option: click.Option) -> str:
    """The name of an option in the file, and with underscores in the environment: its longest spelling, no dashes."""
    return max(option.opts, key=len).lstrip("-")


def _value(file: Path, key: str, value: object, option: click.Option) -> object:
    """A value as the command line would have it. Raises UserError for one that the option does not take."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise UserError(f"{file}: '{key}' takes true or false.")
        return value
    if option.multiple != isinstance(value, list):
        raise UserError(f"{file}: '{key}' takes {'a list' if option.multiple else 'one value'}.")
    texts = [_text(file, key, part, option) for part in (value if isinstance(value, list) else [value])]
    return texts if option.multiple else texts[0]


def _text(file: Path, key: str, value: object, option: click.Option) -> str:
    """One value as text, as it would stand on the command line."""
    if isinstance(value, bool | dict | list):
        raise UserError(f"{file}: '{key}' takes texts or numbers.")
    text = str(value)
    if "\0" in text:
        raise UserError(f"{file}: '{key}' contains a NUL character.")
    try:
        option.type.convert(text, option, None)
    except click.BadParameter as problem:
        raise UserError(f"{file}: '{key}': {problem.message.rstrip('.')}.") from None
    return text


def _read(directory: Path) -> tuple[Path, Mapping[str, object]]:
    """The nearest file with settings, in this directory or above, and its table. Raises UserError."""
    for place in (directory, *directory.parents):
        for file, path in ((place / "tunnelspec.toml", ()), (place / "pyproject.toml", ("tool", "tunnelspec"))):
            if not file.exists():
                continue
            table: object = _parsed(file)
            for name in path:
                table = table.get(name) if isinstance(table, dict) else None
            if table is not None:
                if not isinstance(table, dict):
                    raise UserError(f"{file}: [tool.tunnelspec] must be a table.")
                return file, table
    return directory, {}


def _parsed(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(read_text(file, _LARGEST))
    except UnreadableFile as problem:
        raise UserError(f"Cannot read {file}: {problem}.") from None
    except RecursionError:
        raise UserError(f"{file} is not valid TOML: it is nested too deeply.") from None
    except ValueError as problem:  # also numbers with more digits than Python reads
        raise UserError(f"{file} is not valid TOML: {str(problem).rstrip('.')}.") from None
