"""Faults derived from the contract: each constraint dropped, loosened or tightened; types included.

No request distinguishes a few from the reference emulator, or only by unspecified behaviour; they are
left out, each with its reason.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import regex

from tunnelspec.contract import Constraint, Contract
from tunnelspec.contract.member import steps
from tunnelspec.contract.minimal import minimal
from tunnelspec.emulator import Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import NOT_ENFORCED, REFUSED
from tunnelspec.verdict import Level

_STEP = {"minimum": 1, "minLength": 1, "minItems": 1, "maximum": -1, "maxLength": -1, "maxItems": -1}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def derived_faults(contract: Contract) -> list[type[Fault]]:
    """Every derived fault of a contract, in the order of its constraints."""
    faults = []
    for row in contract.constraints:
        situation = contract.situations[contract.operations[row.operation].situation]
        for fault in _of(row):
            if row.member.identifies and row.keyword not in ("required", "type"):
                # What is not validated is looked up, and not found.
                fault.level = Level.SHOULD
            if situation.level is Level.SHOULD and fault.id.endswith("/tightened"):
                # Even the valid requests of this operation should be accepted only.
                fault.level = Level.SHOULD
            faults.append(fault)
    return faults


def _of(row: Constraint) -> Iterator[type[Fault]]:
    if row.member.opaque:
        # A page token that was not issued is rejected anyway, with any error.
        return
    if row.keyword in _STEP:
        yield from _bounds(row)
    elif row.keyword == "pattern":
        yield from _patterns(row)
    elif row.keyword == "enum":
        yield _changed(row, "dropped", "any value is accepted", {"enum": None})
    elif row.keyword == "required":
        yield _optional(row)
    elif row.keyword == "type":
        yield _untyped(row)


def _bounds(row: Constraint) -> Iterator[type[Fault]]:
    step = _STEP[row.keyword]
    possible = row.bound > 0 or row.keyword == "minimum"
    # An empty string that a pattern rejects as well is rejected with or without its own bound.
    implied = row.keyword == "minLength" and not _admits_empty(row)
    if possible and not implied:
        loose, keyword = row.bound - step, row.keyword
        yield _changed(row, "dropped", "the bound is not enforced", {keyword: None})
        yield _changed(row, "loosened", f"the bound is {loose}", {keyword: loose})
    if row.member.identifies and row.member.identifies.unknown == "foreign-identifier":
        # An unknown name is rejected with any error, so a tighter bound does not show.
        return
    if row.keyword != "minItems" or row.bound > 0:
        if row.keyword == "maxItems" and row.member.most_items(row.bound) < row.bound:
            # Between the quota and the model's bound, a target may accept or reject.
            return
        tight = row.bound + step
        yield _changed(row, "tightened", f"the bound is {tight}", {row.keyword: tight}, REFUSED)


def _admits_empty(row: Constraint) -> bool:
    return row.member.pattern is None or row.member.pattern.matches("")


def _patterns(row: Constraint) -> Iterator[type[Fault]]:
    inner = row.bound.removeprefix("^").removesuffix("$")
    yield _changed(row, "dropped", "the pattern is dropped", {"pattern": None})
    if not regex.search(inner, ""):
        # A search for what may be empty succeeds anywhere: the same as dropped.
        yield _changed(row, "searched", "the pattern is searched", {"pattern": f"(?s:.*)(?:{inner})(?s:.*)"})
    yield _changed(row, "newline-tolerant", "the pattern is newline-tolerant", {"pattern": f"(?:{inner})\\n?"})


def _changed(row: Constraint, way: str, what: str, keywords: Params, defect_class: str = NOT_ENFORCED) -> type[Fault]:
    """Keywords of the member's schema have other values, None for none."""

    class Changed(Fault):
        def schema(self, operation: str) -> Params:
            schema = super().schema(operation)
            if operation == row.operation:
                schema = copy.deepcopy(schema)
                part = _at(schema, row.path)
                part.update(keywords)
                for keyword in [name for name, value in keywords.items() if value is None]:
                    del part[keyword]
            return schema

    return _named(Changed, row, way, f"{row.operation}, {row.path}: {what} ({row.keyword} {row.bound}).", defect_class)


def _optional(row: Constraint) -> type[Fault]:
    parent, _, name = row.path.rpartition(".")

    class Optional(Fault):
        def schema(self, operation: str) -> Params:
            schema = super().schema(operation)
            if operation == row.operation:
                schema = copy.deepcopy(schema)
                part = _at(schema, parent)
                part["required"] = [other for other in part["required"] if other != name]
            return schema

        def perform(self, operation: str, params: Params) -> Params:
            try:
                return super().perform(operation, params)
            except KeyError:
                return {}

    return _named(Optional, row, "dropped", f"{row.operation} accepts a request without {row.path}.")


def _untyped(row: Constraint) -> type[Fault]:
    types, default = _PYTHON_TYPES[row.bound], minimal(row.member, live=False)
    name = f"{row.operation}/{row.path}"

    class Untyped(Fault):
        def coerce(self, member: str, schema: Params, value: object) -> object:
            value = super().coerce(member, schema, value)
            if member != name or value is None:
                return value
            of_type = isinstance(value, types) and not (row.bound == "integer" and isinstance(value, bool))
            return value if of_type else default

    sentence = f"{row.operation}, {row.path}: any value that is no {row.bound} is replaced by the least valid one."
    fault = _named(Untyped, row, "dropped", sentence, cases="as-*")
    if row.member.identifies:
        # The replacement names nothing: the request is rejected all the same, with an error that only should differ.
        fault.level = Level.SHOULD
    return fault


def _at(schema: Params, path: str) -> Params:
    """The part of an input schema that describes the member at a path."""
    for step in steps(path):
        keyword = {"[]": "items", "{}": "additionalProperties"}.get(step)
        schema = schema[keyword] if keyword else schema["properties"][step]
    return schema


def _named(
    fault: type[Fault], row: Constraint, way: str, sentence: str, defect_class: str = NOT_ENFORCED, cases: str = "*"
) -> type[Fault]:
    fault.id = f"derived/{row.name}/{way}"
    fault.sentence = sentence
    fault.defect_class = defect_class
    fault.killer = f"validation/{row.name}/{cases}"
    return fault
