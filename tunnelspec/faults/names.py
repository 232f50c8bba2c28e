"""Faults in the names of members: parsers that ignore their letter case, in several manners."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tunnelspec.emulator import ApiError, Params
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.defect_classes import NOT_ENFORCED, REFUSED
from tunnelspec.verdict import Level

_Name = Callable[[str, Mapping[str, Any]], str]


def _renamed(schema: Params, value: Any, name: _Name) -> Any:
    """The value with the name of every member replaced by `name(its name, the known members)`."""
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        renamed: Params = {}
        for key, inner in value.items():
            other = name(key, known)
            renamed.setdefault(other, _renamed(known.get(other, {}), inner, name))
        return renamed
    if isinstance(value, list) and "items" in schema:
        return [_renamed(schema["items"], element, name) for element in value]
    return value


def _any_case(key: str, known: Mapping[str, object]) -> str:
    return next((name for name in known if name.lower() == key.lower()), key)


class AnyCase(Fault, killer="validation/*/tunnelId/name/upper-case", defect_class=NOT_ENFORCED):
    """The names of members are compared without regard to case."""

    def validate(self, operation: str, body: Params) -> Params:
        return super().validate(operation, _renamed(self.schemas[operation], body, _any_case))


class CapitalisedToo(Fault, killer="validation/*/name/capitalised", defect_class=NOT_ENFORCED):
    """A member's name may begin with a capital letter."""

    def validate(self, operation: str, body: Params) -> Params:
        def name(key: str, known: Mapping[str, object]) -> str:
            lowered = key[:1].lower() + key[1:]
            return lowered if lowered in known else key

        return super().validate(operation, _renamed(self.schemas[operation], body, name))


class LowerCaseToo(Fault, killer="validation/*/resourceArn/name/lower-case", defect_class=NOT_ENFORCED):
    """A required member may be named in lower case, at the top of a request only."""

    def validate(self, operation: str, body: Params) -> Params:
        required = {name.lower(): name for name in self.schemas[operation].get("required", ())}
        return super().validate(operation, {required.get(key, key): value for key, value in body.items()})


class TagsInAnyCase(Fault, killer="validation/*/tags[].key/name/*", defect_class=NOT_ENFORCED):
    """Only the members of a tag are compared without regard to case."""

    def validate(self, operation: str, body: Params) -> Params:
        def name(key: str, known: Mapping[str, object]) -> str:
            return _any_case(key, known) if set(known) == {"key", "value"} else key

        return super().validate(operation, _renamed(self.schemas[operation], body, name))


class OptionalInAnyCase(Fault, killer="validation/*/name/upper-case", defect_class=REFUSED, level=Level.SHOULD):
    """The optional members of a request are compared without regard to case."""

    def validate(self, operation: str, body: Params) -> Params:
        schema = self.schemas[operation]
        optional = {
            name: inner for name, inner in schema["properties"].items() if name not in schema.get("required", ())
        }
        return super().validate(operation, {_any_case(key, optional): value for key, value in body.items()})


class MissingNameSuggested(Variant, why="The wording of messages is not specified."):
    """The error for a missing member names the member that was written in another case."""

    def validate(self, operation: str, body: Params) -> Params:
        try:
            return super().validate(operation, body)
        except ApiError as error:
            known = self.schemas[operation]["properties"]
            meant = [name for name in known if name not in body and name.lower() in {key.lower() for key in body}]
            if not meant or error.message is None:
                raise
            raise ApiError(error.code, f"{error.message}. Names are case-sensitive: {meant[0]}") from None
