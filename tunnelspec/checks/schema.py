"""Does a response have the shape that the contract promises?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.contract.patterns import Pattern
from tunnelspec.contract.timestamps import plausible
from tunnelspec.verdict import Axis, Kind, Level


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not Pattern(pattern).matches(instance):
        yield ValidationError(f"does not match {pattern}")


def _timestamp(validator: Any, kind: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    is_number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if is_number and not plausible(kind, instance):
        yield ValidationError(f"is not a plausible time in {kind}")


#: jsonschema's own `pattern` is Python's `re`, which cannot read \\p{…} and searches.
_extend: Any = extend  # its types do not say that it takes keywords of our own
_Validator = _extend(Draft202012Validator, {"pattern": _pattern, "x-timestamp": _timestamp, "minItems": None})
_validators: dict[int, tuple[Any, Any]] = {}


def _validator(schema: Mapping[str, Any]) -> Any:
    # Keyed by identity: schemas are inlined once for each contract and live as long as it does.
    found = _validators.get(id(schema))
    if found is None or found[0] is not schema:
        found = _validators[id(schema)] = (schema, _Validator(schema))
    return found[1]


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
    for error in _validator(operation.output).iter_errors(_without_nulls(body)):
        if _says_nothing(error, operation.output):
            continue
        path = _path(error)
        if (path, str(error.validator)) not in reported:
            reported.add((path, str(error.validator)))
            yield _expected(path, error), _observed(path, error)


def _says_nothing(error: ValidationError, schema: Mapping[str, Any]) -> bool:
    """Whether an optional text is merely empty: Smithy does not enforce input constraints on output."""
    if error.validator != "pattern" or error.instance != "":
        return False
    *above, _, member, _ = error.absolute_schema_path
    holder: Any = schema
    for step in above:
        holder = holder[step]
    return member not in holder.get("required", ())


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
