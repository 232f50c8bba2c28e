"""Faults in the names of members: parsers that ignore their letter case, in several manners."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from tunnelspec.emulator import ApiError, Emulator, Params
from tunnelspec.faults.base import Variant
from tunnelspec.faults.defect_classes import NOT_ENFORCED, REFUSED
from tunnelspec.faults.rows import Faults, Row
from tunnelspec.verdict import Level

names = Faults("names", NOT_ENFORCED, "validation/")
#: What a member's name is taken for, among the known names.
_Name = Callable[[str, Collection[str]], str]


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


def _everywhere(row: Row, name: _Name) -> None:
    """The change of a row: members of a request are called what `name` makes of their names."""
    row.around(
        Emulator.validate,
        lambda call, self, operation, body: call(operation, _renamed(self.schemas[operation], body, name)),
    )


def _any_case(key: str, known: Collection[str]) -> str:
    return next((name for name in known if name.lower() == key.lower()), key)


def _uncapitalised(key: str, known: Collection[str]) -> str:
    return name if (name := key[:1].lower() + key[1:]) in known else key


_everywhere(names("any-case", "*/tunnelId/name/upper-case", "The case of members' names does not count."), _any_case)
_everywhere(
    names("capitalised-too", "*/name/capitalised", "A member's name may begin with a capital letter."), _uncapitalised
)
_everywhere(
    names("tags-in-any-case", "*/tags[].key/name/*", "The case of the names of a tag's members does not count."),
    lambda key, known: _any_case(key, known) if set(known) == {"key", "value"} else key,
)


def _lowered(key: str, schema: Params) -> str:
    return next((name for name in schema.get("required", ()) if name.lower() == key), key)


def _optional_in_any_case(key: str, schema: Params) -> str:
    return _any_case(key, schema["properties"].keys() - set(schema.get("required", ())))


def _at_the_top(row: Row, name: Callable[[str, Params], str]) -> None:
    """The change of a row: members at the top of a request are called what `name` makes of their names."""
    row.around(
        Emulator.validate,
        lambda call, self, operation, body: call(
            operation, {name(key, self.schemas[operation]): value for key, value in body.items()}
        ),
    )


_at_the_top(
    names(
        "lower-case-too",
        "*/resourceArn/name/lower-case",
        "A required member may be named in lower case, at the top of a request only.",
    ),
    _lowered,
)
_at_the_top(
    names(
        "optional-in-any-case",
        "*/name/upper-case",
        "The optional members of a request are compared without regard to case.",
        REFUSED,
        level=Level.SHOULD,
    ),
    _optional_in_any_case,
)


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
