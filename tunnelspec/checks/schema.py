"""Does a response have the shape that the contract promises?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import ValidationError

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.contract.document import Operation
from tunnelspec.contract.json_schema import extended
from tunnelspec.contract.timestamps import plausible
from tunnelspec.verdict import Axis, Kind, Level


def _timestamp(validator: Any, kind: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    is_number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if is_number and not plausible(kind, instance):
        yield ValidationError(f"is not a plausible time in {kind}")


#: Smithy does not enforce constraints on output: an empty list is no deviation.
_Validator = extended({"x-timestamp": _timestamp, "minItems": None})


@lru_cache(maxsize=256)  # operations compare by identity, and live as long as their contract
def _validator(operation: Operation) -> Any:
    return _Validator(operation.output_schema)


@check("schema/response", level=Level.MUST, axis=Axis.FORM, kind=Kind.WRONG_FORM, cites=("model", "api-reference"))
def response(context: CheckContext) -> Iterator[Yielded]:
    """A success must have the members, JSON types and values that the operation's output promises.

    Null members have a check of their own, and unknown ones are allowed.
    """
    operation, body = context.operation, context.response.json
    if not context.response.accepted or operation is None or operation.output is None or not context.enveloped:
        return
    if not isinstance(body, Mapping):
        return
    reported: set[tuple[str, str]] = set()
    for error in _validator(operation).iter_errors(_without_nulls(body)):
        if _is_empty_text(error, operation.output_schema):
            continue
        path = _path(error)
        if (path, str(error.validator)) not in reported:
            reported.add((path, str(error.validator)))
            yield _expected(path, error), _observed(path, error)


def _is_empty_text(error: ValidationError, schema: Any) -> bool:
    """Whether an optional text is merely empty: Smithy does not enforce input constraints on output."""
    if error.validator != "pattern" or error.instance != "":
        return False
    *above, _, member, _ = error.absolute_schema_path
    for step in above:
        schema = schema[step]
    return member not in schema.get("required", ())


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _path(error: ValidationError) -> str:
    path = ""
    for part in error.absolute_path:
        path = f"{path}[]" if isinstance(part, int) else f"{path}.{part}" if path else str(part)
    return path or "the response"


def _expected(path: str, error: ValidationError) -> str:
    keyword = str(error.validator)
    bound: Any = error.validator_value
    if keyword == "required":
        present: Any = error.instance
        missing = [name for name in bound if name not in present]
        return f"{path} must have {', '.join(missing)}"
    return {
        "type": f"{path} must be a JSON {bound}",
        "enum": f"{path} must be one of {bound}",
        "x-timestamp": f"{path} must be a number in {bound}",
    }.get(keyword, f"{path} must satisfy {keyword} {bound}")


def _observed(path: str, error: ValidationError) -> str:
    if error.validator == "required":
        present: Any = error.instance
        return f"{path} has only {', '.join(present) or 'no members'}"
    # A string may be a token: its type is enough, save for enums, whose value is the finding.
    instance: Any = error.instance
    if isinstance(instance, str) and error.validator != "enum":
        return f"a string of {len(instance)} characters"
    return repr(instance)[:80]
