"""Classifies a request body: the constraints that it violates and the oracle's situation that applies.

Computed from the body that is sent, not taken from the code that built it, so that a shrunk or hand-written
request is tested by what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tunnelspec.contract.constraints import constraint_name
from tunnelspec.contract.document import Contract
from tunnelspec.contract.member import Member, member_path
from tunnelspec.exchange import Live, Request

#: AWS integers have 32 bits (Smithy 2.0, "integer": signed 32-bit); beyond that two errors are correct.
_INT32 = range(-(2**31), 2**31)
#: The plain type comes first: an isinstance of an abstract class alone takes ten times as long.
_OBJECT = (dict, Mapping)
_JSON_TYPES: dict[str | None, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": _OBJECT,
}
_PLAIN = {kind: types[0] for kind, types in _JSON_TYPES.items()}
#: Texts that recorded services read as a boolean.
_BOOLEAN_TEXTS = frozenset({"true", "false", "yes", "no", "1", "0"})
#: Remarks that leave the outcome open, or, for names of nothing, the error beside a violated constraint. Where no
#: constraint is violated, the first of these is the situation: what may go either way comes before what must be
#: rejected, and that before what must be accepted.
_UNDECIDED = (
    *("lone-surrogate", "null-element", "fractional-integer", "loose-boolean", "open"),
    *("foreign-identifier", "not-found"),
)


@dataclass(frozen=True, slots=True)
class Classified:
    """`situation` is a key of the oracle's rows; `breaks` names every constraint violated."""

    situation: str
    breaks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    violated: list[tuple[str, str]] = field(default_factory=list)
    remarks: set[str] = field(default_factory=set)
    overflow: bool = False


def classify(contract: Contract, operation: str, body: object) -> Classified:
    """The situation of a body sent to an operation, and the names of the constraints that it violates.

    `Live` placeholders count as valid identifiers. A wrong type hides other violations of its member; a value
    of unspecified behaviour violates nothing itself.
    """
    if not isinstance(body, _OBJECT):
        return Classified("not-an-object")
    called, reading = contract.operations[operation], _Reading()
    _read(called.input, body, reading)
    if reading.violated:
        names = tuple(constraint_name(operation, path, keyword) for path, keyword in reading.violated)
        situation = _violation(reading)
        if situation == "constraint" and all(contract.constraint[name].member.identifies for name in names):
            situation = "identifier-constraint"
        return Classified(situation, names)
    # The operation's own row allows everything that an external reference does.
    own = called.situation != "valid"
    unknown = "unknown-member" in reading.remarks
    for situation in _UNDECIDED:
        if situation in reading.remarks:
            return Classified(situation)
    if own or "external-reference" in reading.remarks:
        situation = called.situation if own else "external-reference"
        # Where that is a SHOULD already, it has no row for unknown members.
        weaker = f"unknown-member-{situation}"
        return Classified(weaker if unknown and weaker in contract.situations else situation)
    if unknown:
        return Classified("unknown-member")
    return Classified("null-optional" if "null-optional" in reading.remarks else "valid")


def request_of(contract: Contract, operation: str, body: Mapping[str, Any]) -> Request:
    """A request with this body, and what the contract makes of it."""
    verdict = classify(contract, operation, body)
    return Request(operation, body, verdict.situation, verdict.breaks)


def _violation(reading: _Reading) -> str:
    keywords = {keyword for _, keyword in reading.violated}
    if not reading.remarks.isdisjoint(_UNDECIDED):
        # A server that reaches the undecided part first may name that.
        return "broken-and-undecided"
    if "type" in keywords:
        return "wrong-type"
    if reading.overflow:
        return "integer-overflow"
    return "missing-required" if "required" in keywords else "constraint"


def _read(member: Member, value: object, reading: _Reading) -> None:
    if type(value) is not _PLAIN.get(member.type) and (
        isinstance(value, Live) or (member.type is not None and not _has_type(member, value, reading))
    ):
        return
    specified = not member.unspecified or member.unspecified_for(value) is None
    if not specified:
        reading.remarks.add("open")
    if isinstance(value, str):
        _read_text(member, value, reading, specified=specified)
    elif isinstance(value, bool):
        pass
    elif isinstance(value, int | float):
        _read_number(member, value, reading)
    elif isinstance(value, list | tuple):
        if specified:
            _read_size(member, len(value), reading)
        if member.items is not None:
            for element in value:
                _read(member.items, element, reading)
    elif isinstance(value, _OBJECT):
        _read_object(member, value, reading)


def _has_type(member: Member, value: object, reading: _Reading) -> bool:
    kind, is_boolean = member.type, isinstance(value, bool)
    if isinstance(value, _JSON_TYPES[kind]) and (not is_boolean or kind == "boolean"):
        return True
    if kind == "integer" and isinstance(value, float):
        # Recordings disagree about 1.5, 1.0 and 1e2 for an integer. However one is read, it may be out of bounds.
        reading.remarks.add("fractional-integer")
        if member.minimum is not None and value <= member.minimum - 1:
            reading.violated.append((member.path, "minimum"))
        elif member.maximum is not None and value >= member.maximum + 1:
            reading.violated.append((member.path, "maximum"))
    elif kind == "boolean" and (
        value.lower() in _BOOLEAN_TEXTS if isinstance(value, str) else isinstance(value, int | float)
    ):
        reading.remarks.add("loose-boolean")
    elif value is None and member.path.endswith("[]"):
        reading.remarks.add("null-element")
    else:
        reading.violated.append((member.path, "type"))
    return False


def _read_text(member: Member, value: str, reading: _Reading, *, specified: bool) -> None:
    surrogate = _has_surrogate(value)
    if surrogate:
        reading.remarks.add("lone-surrogate")
    before = len(reading.violated)
    if specified:
        if member.enum is not None and value not in member.enum:
            reading.violated.append((member.path, "enum"))
        _read_length(member, value, reading)
        # A surrogate may be rejected or replaced by U+FFFD: the pattern then decides nothing.
        if member.pattern is not None and not surrogate and not member.pattern.matches(value):
            reading.violated.append((member.path, "pattern"))
    if len(reading.violated) > before:
        return
    if member.opaque:
        reading.remarks.add("open")
    if member.identifies is not None:
        reading.remarks.add(member.identifies.unknown)
    if member.external:
        reading.remarks.add("external-reference")


def _has_surrogate(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _read_length(member: Member, value: str, reading: _Reading) -> None:
    if member.min_length is None and member.max_length is None:
        return
    points = len(value)
    units = points if value.isascii() else len(value.encode("utf-16-le", "surrogatepass")) // 2
    if member.min_length is not None and points < member.min_length:
        # Where UTF-16 units reach the minimum and code points do not, implementations differ.
        if units >= member.min_length:
            reading.remarks.add("open")
        else:
            reading.violated.append((member.path, "minLength"))
    elif member.max_length is not None and units > member.max_length:
        if points > member.max_length:
            reading.violated.append((member.path, "maxLength"))
        else:
            reading.remarks.add("open")


def _read_number(member: Member, value: int | float, reading: _Reading) -> None:
    if member.minimum is not None and value < member.minimum:
        reading.violated.append((member.path, "minimum"))
    elif member.maximum is not None and value > member.maximum:
        reading.violated.append((member.path, "maximum"))
    else:
        return
    if isinstance(value, int) and value not in _INT32:
        reading.overflow = True


def _read_size(member: Member, size: int, reading: _Reading) -> None:
    if member.min_items is not None and size < member.min_items:
        reading.violated.append((member.path, "minItems"))
    elif member.max_items is not None and size > member.max_items:
        reading.violated.append((member.path, "maxItems"))


def _read_object(member: Member, value: Mapping[str, object], reading: _Reading) -> None:
    for name in member.required:
        if value.get(name) is None:
            reading.violated.append((member_path(member.path, name), "required"))
    for name, inner in value.items():
        known = member.properties.get(name)
        if known is not None:
            if inner is not None:
                _read(known, inner, reading)
            elif name not in member.required:
                reading.remarks.add("null-optional")
        elif member.values is not None:
            _read(member.values, inner, reading)
        else:
            reading.remarks.add("unknown-member")
            _read_unknown(inner, reading)


def _read_unknown(value: object, reading: _Reading) -> None:
    """What a parser may reject wherever it stands, even in a member that no server reads."""
    if isinstance(value, float):
        reading.remarks.add("fractional-integer")
    elif isinstance(value, int):
        if value not in _INT32:
            reading.remarks.add("open")
    elif isinstance(value, str):
        if _has_surrogate(value):
            reading.remarks.add("lone-surrogate")
    elif isinstance(value, Mapping | list | tuple):
        for name, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            _read_unknown(name, reading)
            _read_unknown(inner, reading)
