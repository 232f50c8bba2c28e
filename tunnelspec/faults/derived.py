"""Faults made mechanically from the contract: every constraint dropped, loosened, tightened; types included.

A few cannot be told from the honest emulator by any request, or only by what AWS leaves open; they are
left out, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex

from tunnelspec.contract import Constraint, Contract
from tunnelspec.contract.member import steps
from tunnelspec.contract.minimal import minimal
from tunnelspec.emulator import Emulator
from tunnelspec.faults.registry import Fault

_STEP = {
    "minimum": 1,
    "minLength": 1,
    "minItems": 1,
    "maximum": -1,
    "maxLength": -1,
    "maxItems": -1,
}


def derived_faults(contract: Contract) -> list[Fault]:
    """Every derived fault of a contract, by constraint."""
    return [found for row in contract.constraints for found in _of(row)]


def _of(row: Constraint) -> Iterator[Fault]:
    if row.member.opaque:
        # A page token that was not issued is refused anyway, and with whatever error.
        return
    if row.keyword in _STEP:
        yield from _bounds(row)
    elif row.keyword == "pattern":
        inner = row.bound.removeprefix("^").removesuffix("$")
        ways: dict[str, Any] = {
            "dropped": lambda text: True,
            "searched": regex.compile(inner).search,
            "newline-tolerant": lambda text: regex.fullmatch(inner, text.removesuffix("\n")),
        }
        if regex.search(inner, ""):
            # A search for what may be empty finds it anywhere: the same as dropped.
            del ways["searched"]
        for way, matcher in ways.items():
            yield _fault(row, way, f"the pattern is {way}", {"matcher": matcher})
    elif row.keyword == "enum":
        yield _fault(row, "dropped", "any value is taken", {"enum": None})
    elif row.keyword == "required":
        yield _required(row)
    elif row.keyword == "type":
        yield _untyped(row)


def _bounds(row: Constraint) -> Iterator[Fault]:
    step = _STEP[row.keyword]
    possible = row.bound > 0 or row.keyword == "minimum"
    # An empty string that a pattern refuses as well is refused with or without its own bound.
    implied = row.keyword == "minLength" and not _admits_empty(row)
    if possible and not implied:
        yield _fault(row, "dropped", "the bound is not enforced", {row.keyword: None})
        loose = {row.keyword: row.bound - step}
        yield _fault(row, "loosened", f"the bound is {row.bound - step}", loose)
    if row.member.identifies and row.member.identifies.unknown == "foreign-identifier":
        # A name of nothing is refused with whatever error, so a tighter bound does not show.
        return
    if row.keyword != "minItems" or row.bound > 0:
        if row.keyword == "maxItems" and row.member.most_items(row.bound) < row.bound:
            # Between what the quota and the model say, refusal is as right as acceptance.
            return
        tight = {row.keyword: row.bound + step}
        yield _fault(row, "tightened", f"the bound is {row.bound + step}", tight)


def _at(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """The part of an emulator's schema that describes the member at a path."""
    for step in steps(path):
        inner = {"[]": "items", "{}": "additionalProperties"}.get(step)
        schema = schema[inner] if inner else schema["properties"][step]
    return schema


def _admits_empty(row: Constraint) -> bool:
    return row.member.pattern is None or row.member.pattern.matches("")


def _fault(row: Constraint, way: str, words: str, changes: dict[str, Any]) -> Fault:
    def apply(emulator: Emulator) -> None:
        schema: Any = _at(emulator.schemas[row.operation], row.path)
        for key, value in changes.items():
            if value is None:
                schema.pop(key, None)
            else:
                schema[key] = value

    return Fault(
        f"derived/{row.name}/{way}",
        f"{row.operation}, {row.path}: {words} ({row.keyword} {row.bound}).",
        "constraint not enforced" if way != "tightened" else "valid input refused",
        _cases_of(row),
        apply,
    )


def _cases_of(row: Constraint, variants: str = "*") -> str:
    """A glob of the cases of one constraint, or of some variants of it."""
    return f"validation/{row.name}/{variants}"


def _required(row: Constraint) -> Fault:
    parent, _, name = row.path.rpartition(".")
    holder = parent or ""

    def apply(emulator: Emulator) -> None:
        schema: Any = _at(emulator.schemas[row.operation], holder)
        schema["required"] = [other for other in schema["required"] if other != name]
        perform = emulator.perform

        def lenient(operation: str, params: dict[str, Any]) -> dict[str, Any]:
            try:
                return perform(operation, params)
            except KeyError:
                return {}

        emulator.perform = lenient  # type: ignore[method-assign]

    return Fault(
        f"derived/{row.name}/dropped",
        f"{row.operation} accepts a request without {row.path}.",
        "constraint not enforced",
        _cases_of(row),
        apply,
    )


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _untyped(row: Constraint) -> Fault:
    known, taken_for = _PYTHON_TYPES[row.bound], minimal(row.member, live=False)

    def converted(value: Any) -> Any:
        of_type = isinstance(value, known) and not (row.bound == "integer" and isinstance(value, bool))
        return value if value is None or of_type else taken_for

    def apply(emulator: Emulator) -> None:
        schema: Any = _at(emulator.schemas[row.operation], row.path)
        schema["converter"] = converted

    return Fault(
        f"derived/{row.name}/dropped",
        f"{row.operation}, {row.path}: whatever is no {row.bound} is taken for the least valid one.",
        "constraint not enforced",
        _cases_of(row, "as-*"),
        apply,
    )
