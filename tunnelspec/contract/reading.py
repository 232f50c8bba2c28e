"""Reads the documents of a contract: YAML, of bounded size, valid by `openapi/contract.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema.exceptions import ValidationError, best_match

from tunnelspec.contract.errors import ContractError
from tunnelspec.contract.json_schema import Validator
from tunnelspec.contract.references import check_size
from tunnelspec.text_file import UnreadableFile, read_text

#: libyaml parses the document some ten times faster than the pure Python loader, which takes time without bound for
#: some texts.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: Larger files are no contract documents, in bytes; AWS's largest models have half of it.
_LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The text of a document and its values; `name` is the file as reports show it, without its directory on
    this machine.
    """

    name: str
    text: str
    values: dict[str, Any]


def read(path: Path | None, shipped: str, kind: str) -> SourceFile:
    """The document at `path`, or the one with this name that ships with the package.

    `kind` is its definition in `contract.schema.json`, by which every document but the shipped ones is
    validated. Raises ContractError.
    """
    name = f"openapi/{shipped}" if path is None else _name(path)
    try:
        shipped_file = files("tunnelspec.openapi") / shipped
        text = shipped_file.read_text(encoding="utf-8") if path is None else read_text(path, _LARGEST)
        values = yaml.load(text, Loader=LOADER)
        if path is not None:
            check_size(values)
            _validate(values, text, kind)
    except ContractError as problem:
        raise ContractError(problem.problem, str(path or name), problem.line) from problem
    except UnreadableFile as problem:
        raise ContractError(f"cannot be read ({problem})", str(path or name)) from problem
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
        raise ContractError("is not valid YAML", str(path or name), mark.line + 1 if mark else None) from problem
    return SourceFile(name, text, values)


def _name(path: Path) -> str:
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()


@cache
def _validator(kind: str) -> Any:
    schema = json.loads((files("tunnelspec.openapi") / "contract.schema.json").read_text(encoding="utf-8"))
    return Validator({**schema, "$ref": f"#/$defs/{kind}"})


def _validate(values: Any, text: str, kind: str) -> None:
    error: ValidationError | None = best_match(_validator(kind).iter_errors(values))
    if error is not None:
        where = ".".join(map(str, error.absolute_path)) or "the document"
        raise ContractError(f"{where} {_problem(error)}", line=_line(text, error.absolute_path))


def _problem(error: ValidationError) -> str:
    bound: Any = error.validator_value
    present: Any = error.instance
    match error.validator:
        case "required":
            return f"must have '{next(name for name in bound if name not in present)}'"
        case "type":
            return f"must be of type {bound}, not {present!r:.60}"
        case "enum":
            return f"must be one of {', '.join(map(str, bound))}, not {present!r:.60}"
        case "minProperties" | "minItems":
            return "must not be empty"
        case _:
            return f"must satisfy {error.validator} {bound!r:.60}"


def _line(text: str, path: Iterable[str | int]) -> int | None:
    """The line of the value at a path of keys and indices, or of what is nearest above it."""
    node: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    line = None if node is None else node.start_mark.line + 1
    for step in path:
        entries: list[Any] = []
        if isinstance(node, yaml.MappingNode):
            entries = [(name, value) for name, value in node.value if name.value == str(step)]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            entries = [(value, value) for value in node.value[step : step + 1]]
        if not entries:
            break
        key, node = entries[-1]
        line = key.start_mark.line + 1
    return line
