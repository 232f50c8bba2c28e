"""What the contract makes of a request body: which constraints it breaks and which row applies.

This is the oracle's own reading, taken again at verdict time from the body that was sent, so that a
shrunk or hand-written request is judged by what it is and not by what its maker meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tunnelspec.contract.constraints import constraint_name, member_path
from tunnelspec.contract.document import Contract
from tunnelspec.contract.patterns import Pattern
from tunnelspec.contract.unspecified import open_zone
from tunnelspec.exchange import Live

#: AWS integers are 32-bit (Smithy 2.0, "integer": signed 32-bit); beyond that two errors are right.
_INT32 = range(-(2**31), 2**31)

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (Mapping,),
}


@dataclass(frozen=True, slots=True)
class Classified:
    """`situation` is a key of the oracle's rows; `breaks` names every constraint broken."""

    situation: str
    breaks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    operation: str
    broken: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    overflow: bool = False

    def breaks(self, path: str, keyword: str) -> None:
        self.broken.append((path, keyword))


#: When nothing is broken, the first of these remarks that was made names the situation. What may go
#: either way comes before what must be rejected, and that before what must be accepted.
_PRECEDENCE = (
    "lone-surrogate",
    "null-element",
    "fractional-integer",
    "loose-boolean",
    "open",
    "foreign-identifier",
    "not-found",
    "external-reference",
)


#: What beside a broken constraint leaves open which error is named: what either answer is right to, and names
#: of nothing, which a server may look up before it judges the rest.
_UNDECIDED = (
    *("lone-surrogate", "null-element", "fractional-integer", "loose-boolean", "open"),
    *("foreign-identifier", "not-found"),
)


def classify(contract: Contract, operation: str, body: Any) -> Classified:
    """The situation of a body sent to an operation, and the names of the constraints it breaks.

    `Live` placeholders count as valid identifiers. A type error hides other errors of its member;
    where the contract leaves a value open, errors at that very value do not count.
    """
    described = contract.operations[operation]
    reading = _Reading(operation)
    if not isinstance(body, Mapping):
        return Classified("not-an-object")
    _read(described.input, body, "", reading)
    names = tuple(constraint_name(operation, path, keyword) for path, keyword in reading.broken)
    if names:
        keywords = {keyword for _, keyword in reading.broken}
        if any(remark in reading.remarks for remark in _UNDECIDED):
            # A server that trips over the undecided part first may name that.
            return Classified("broken-and-undecided", names)
        if reading.overflow and "type" not in keywords:
            return Classified("integer-overflow", names)
        if "type" in keywords:
            return Classified("wrong-type", names)
        if "required" in keywords:
            return Classified("missing-required", names)
        return Classified("constraint", names)
    for situation in _PRECEDENCE:
        if situation in reading.remarks:
            if situation == "external-reference" and described.situation != "valid":
                # The operation's own row allows for all that this one does.
                return Classified(described.situation)
            return Classified(situation)
    if described.situation != "valid":
        return Classified(described.situation)
    for situation in ("unknown-member", "null-optional"):
        if situation in reading.remarks:
            return Classified(situation)
    return Classified("valid")


def _read(schema: Mapping[str, Any], value: Any, path: str, reading: _Reading) -> None:
    if isinstance(value, Live):
        return
    kind = schema.get("type")
    if kind is not None and not _has_type(kind, value, path, reading):
        return
    zone = open_zone(schema, value) if "x-open" in schema else None
    if zone is not None:
        reading.remarks.append("open")
    if isinstance(value, str):
        _read_string(schema, value, path, reading, judged=zone is None)
    elif isinstance(value, bool):
        pass
    elif isinstance(value, int | float):
        _read_number(schema, value, path, reading)
    elif isinstance(value, Mapping):
        _read_object(schema, value, path, reading)
    elif isinstance(value, list | tuple):
        _read_list(schema, value, path, reading, judged=zone is None)


def _has_type(kind: str, value: Any, path: str, reading: _Reading) -> bool:
    expected = _JSON_TYPES.get(kind, (object,))
    is_boolean = isinstance(value, bool)
    if isinstance(value, expected) and (not is_boolean or kind == "boolean"):
        return True
    if kind == "integer" and isinstance(value, float):
        # Recordings disagree about 1.5, 1.0 and 1e2 for an integer; beyond the range it is wrong.
        reading.remarks.append("fractional-integer")
    elif kind == "boolean" and (value in (0, 1) or isinstance(value, str)) and not is_boolean:
        if isinstance(value, str) and value.lower() not in _LOOSE:
            reading.breaks(path, "type")
        else:
            reading.remarks.append("loose-boolean")
    elif value is None and path.endswith("[]"):
        reading.remarks.append("null-element")
    else:
        reading.breaks(path, "type")
    return False


_LOOSE = frozenset({"true", "false", "yes", "no", "1", "0"})


def _read_string(schema: Mapping[str, Any], value: str, path: str, reading: _Reading, *, judged: bool) -> None:
    surrogate = not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value)
    if surrogate:
        reading.remarks.append("lone-surrogate")
    before = len(reading.broken)
    if judged:
        if "enum" in schema and value not in schema["enum"]:
            reading.breaks(path, "enum")
        _read_length(schema, value, path, reading)
        # A surrogate may be refused or replaced by U+FFFD: the pattern then decides nothing.
        if "pattern" in schema and not surrogate and not Pattern(schema["pattern"]).matches(value):
            reading.breaks(path, "pattern")
    if len(reading.broken) > before:
        return
    if schema.get("x-opaque"):
        reading.remarks.append("open")
    if "x-identifies" in schema:
        reading.remarks.append(str(schema["x-identifies"].get("unknown", "not-found")))
    if "x-external" in schema:
        reading.remarks.append("external-reference")


def _read_length(schema: Mapping[str, Any], value: str, path: str, reading: _Reading) -> None:
    points = len(value)
    units = points if value.isascii() else points + sum(c > "\uffff" for c in value)
    low, high = schema.get("minLength", 0), schema.get("maxLength", units)
    if points < low:
        # Where UTF-16 units reach the minimum and code points do not, implementations differ.
        reading.remarks.append("open") if units >= low else reading.breaks(path, "minLength")
    elif points > high:
        reading.breaks(path, "maxLength")
    elif units > high:
        reading.remarks.append("open")


def _read_number(schema: Mapping[str, Any], value: int | float, path: str, reading: _Reading) -> None:
    if value < schema.get("minimum", value):
        reading.breaks(path, "minimum")
    elif value > schema.get("maximum", value):
        reading.breaks(path, "maximum")
    else:
        return
    if isinstance(value, int) and value not in _INT32:
        reading.overflow = True


def _read_object(schema: Mapping[str, Any], value: Mapping[str, Any], path: str, reading: _Reading) -> None:
    required = schema.get("required", ())
    known = schema.get("properties", {})
    for member in required:
        if value.get(member) is None:
            reading.breaks(member_path(path, member), "required")
    others = schema.get("additionalProperties")
    for member, inner in value.items():
        if member in known:
            if inner is not None:
                _read(known[member], inner, member_path(path, member), reading)
            elif member not in required:
                reading.remarks.append("null-optional")
        elif isinstance(others, Mapping):
            _read(others, inner, path + "{}", reading)
        else:
            reading.remarks.append("unknown-member")
            _read_unknown(inner, reading)


def _read_unknown(value: Any, reading: _Reading) -> None:
    """What a parser may refuse wherever it stands, be it in a member that nobody looks at."""
    if isinstance(value, float):
        reading.remarks.append("fractional-integer")
    elif isinstance(value, int):
        if value not in _INT32:
            reading.remarks.append("open")
    elif isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):
            reading.remarks.append("lone-surrogate")
    elif isinstance(value, Mapping | list | tuple):
        for name, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            _read_unknown(name, reading)
            _read_unknown(inner, reading)


def _read_list(schema: Mapping[str, Any], value: Any, path: str, reading: _Reading, *, judged: bool) -> None:
    if judged:
        if len(value) < schema.get("minItems", 0):
            reading.breaks(path, "minItems")
        elif len(value) > schema.get("maxItems", len(value)):
            reading.breaks(path, "maxItems")
    items = schema.get("items")
    if isinstance(items, Mapping):
        for item in value:
            _read(items, item, path + "[]", reading)
