"""Whether a file's content is a run record, by `record.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_LONGEST = 120


def first_violation(record: Mapping[str, object]) -> str:
    """Where a record is not as its schema has it and why, in a clause; empty for a valid one."""
    if _is_valid(record):
        return ""
    from jsonschema.exceptions import best_match

    error = best_match(_validator().iter_errors(record))
    if error is None:
        return ""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    # The error's message repeats the value, which is somebody else's text of any length.
    why = {"required": "a member is missing", "type": f"must be of type {error.validator_value}"}
    reason = why.get(str(error.validator), f"violates '{error.validator}'")
    if error.validator == "required" and isinstance(error.instance, Mapping):
        missing = [str(name) for name in error.validator_value if name not in error.instance]
        reason = f"has no '{missing[0]}'"
    place = where.lstrip(".")[:_LONGEST]
    return f"{place} {reason}" if place else f"it {reason}"


def _is_valid(record: Mapping[str, object]) -> bool:
    """Whether jsonschema-rs accepts the record, in a hundredth of the time; False for what it cannot read."""
    from jsonschema_rs import validator_for

    try:
        return bool(validator_for(_schema()).is_valid(record))
    except ValueError:  # half a surrogate pair
        return False


@cache
def _validator() -> Draft202012Validator:
    # Here, so that a command that reads no record does not wait for the import.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_schema())


def _schema() -> dict[str, object]:
    text = (files("tunnelspec.record") / "record.schema.json").read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema
