"""Does a response have the shape that the contract promises?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema_rs import validator_for

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.contract.document import Operation
from tunnelspec.contract.json_schema import extended
from tunnelspec.contract.timestamps import bounds, plausible
from tunnelspec.verdict import Axis, Finding, Kind, Level


def _timestamp(validator: Any, kind: str, instance: Any, schema: object) -> Iterator[ValidationError]:
    is_number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if is_number and not plausible(kind, instance):
        yield ValidationError(f"is not a plausible time in {kind}")


def _expected_members(
    validator: object, names: list[str], instance: object, schema: object
) -> Iterator[ValidationError]:
    if isinstance(instance, Mapping):
        for name in names:
            if name not in instance:
                yield ValidationError(f"has no {name}")


#: "Constraint traits … are not enforced on output" (Smithy 2.0, Constraint traits).
_BOUNDS = ("pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
_Validator = extended(
    {"x-timestamp": _timestamp, "x-expected": _expected_members, **dict.fromkeys(_BOUNDS)},
)


@lru_cache(maxsize=256)  # operations compare by identity, and live as long as their contract
def _validator(operation: Operation) -> Any:
    return _Validator(operation.output_schema)


@lru_cache(maxsize=256)
def _accepts(operation: Operation) -> Callable[[object], bool]:
    """Whether a body surely satisfies the schema; False where `_validator` has to decide.

    jsonschema-rs takes a twentieth of jsonschema's time. It is given stricter keywords in place of ours, so that what
    it accepts has no error.
    """
    is_valid = validator_for(_stricter(operation.output_schema)).is_valid

    def accepts(body: object) -> bool:
        try:
            return is_valid(body)
        except ValueError:  # half a surrogate pair
            return False

    return accepts


def _stricter(schema: Any) -> Any:
    stricter = {key: value for key, value in schema.items() if key not in _BOUNDS and not key.startswith("x-")}
    if "properties" in schema:
        stricter["properties"] = {name: _stricter(inner) for name, inner in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            stricter[key] = _stricter(schema[key])
    if "x-expected" in schema:
        stricter["required"] = [*schema.get("required", ()), *schema["x-expected"]]
    if "x-timestamp" in schema:
        low, high = bounds(schema["x-timestamp"])
        stricter = {**stricter, "type": "number", "minimum": low, "exclusiveMaximum": high}
    return stricter


@check("schema/response", level=Level.MUST, axis=Axis.FORM, kind=Kind.WRONG_FORM, cites=("model", "api-reference"))
def response(context: CheckContext) -> Iterator[Yielded]:
    """A success must have the members, JSON types and values that the operation's output promises.

    Null members have a check of their own, and unknown ones are allowed. Bounds and patterns are not checked.
    """
    operation, body = context.operation, context.response.json
    if not context.response.accepted or operation is None or operation.output is None or not context.enveloped:
        return
    if not isinstance(body, Mapping) or _accepts(operation)(body):
        return
    reported: set[tuple[str, str]] = set()
    for error in _validator(operation).iter_errors(_without_nulls(body)):
        path = _path(error)
        if (path, str(error.validator)) in reported:
            continue
        reported.add((path, str(error.validator)))
        if error.validator == "x-expected":
            yield _missing(context, path, error)
        else:
            yield _expected(path, error), _observed(path, error)


def _missing(context: CheckContext, path: str, error: ValidationError) -> Finding:
    """The finding for members that the model leaves optional and no document promises."""
    names: Any = error.validator_value
    present: Any = error.instance
    absent = ", ".join(name for name in names if name not in present)
    return Finding(
        "schema/response",
        Level.SHOULD,
        Axis.FORM,
        Kind.WRONG_FORM,
        f"{path} should have {absent}",
        _observed_members(path, error),
        ("model", "api-reference"),
        context.constraint,
        context.exchange.situation,
    )


def _without_nulls(value: object) -> object:
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
        "x-timestamp": f"{path} must be a present-day time in {bound}",
    }.get(keyword, f"{path} must satisfy {keyword} {bound}")


def _observed(path: str, error: ValidationError) -> str:
    if error.validator == "required":
        return _observed_members(path, error)
    # A string may be a token: its type is enough, save for enums, whose value is the finding.
    instance: Any = error.instance
    if isinstance(instance, str) and error.validator != "enum":
        return f"a string of {len(instance)} characters"
    return repr(instance)[:80]


def _observed_members(path: str, error: ValidationError) -> str:
    present: Any = error.instance
    return f"{path} has only {', '.join(present) or 'no members'}"
