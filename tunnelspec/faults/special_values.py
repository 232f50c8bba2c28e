"""Faults of values that languages, databases and libraries treat specially, and of values as long as may be."""

from __future__ import annotations

import re

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import ECHO, REFUSED, UNICODE

_DESCRIBE = "lifecycle/DescribeTunnel"
_TAG = "tags/TagResource"
#: What JavaScript objects have without being given it.
_INHERITED = {"__proto__", "constructor", "toString", "hasOwnProperty"}


class _Stored(Fault, defect_class=ECHO):
    """Every tag and description is altered before it is stored."""

    def stored_tag(self, key: str, value: str) -> tuple[str, str] | None:
        """A tag as it is stored, None if it is not."""
        return key, value

    def stored_description(self, text: str) -> str | None:
        """A description as it is stored."""
        return text

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        stored = (self.stored_tag(tag["key"], tag["value"]) for tag in tags)
        super().put_tags(tunnel, [{"key": pair[0], "value": pair[1]} for pair in stored if pair])

    def open_tunnel(self, params: Params) -> Params:
        text = params.get("description")
        return super().open_tunnel({**params, "description": None if text is None else self.stored_description(text)})


class InheritedNamesDropped(_Stored, killer=f"{_TAG}/reserved-words"):
    """Tags whose keys every JavaScript object has are dropped."""

    def stored_tag(self, key: str, value: str) -> tuple[str, str] | None:
        return None if key in _INHERITED else (key, value)


class NumbersForValues(_Stored, killer=f"{_TAG}/reserved-words"):
    """Tag values that look like numbers are stored as numbers."""

    def stored_tag(self, key: str, value: str) -> tuple[str, str] | None:
        try:
            return key, f"{float(value):g}"
        except ValueError:
            return key, value


class NullWordIsAbsent(_Stored, killer=f"{_DESCRIBE}/description-words"):
    """A description that reads null or None is stored as none."""

    def stored_description(self, text: str) -> str | None:
        return None if text in ("null", "None") else text


class FalseWordIsAbsent(_Stored, killer=f"{_DESCRIBE}/description-words"):
    """A description that reads 0 or false is stored as none."""

    def stored_description(self, text: str) -> str | None:
        return None if text in ("0", "false", "no") else text


class NumbersForDescriptions(_Stored, killer=f"{_DESCRIBE}/description-words"):
    """A description that is written in digits loses leading zeros."""

    def stored_description(self, text: str) -> str | None:
        return str(int(text)) if text.isdecimal() else text


class JsonForDescriptions(_Stored, killer=f"{_DESCRIBE}/description-words"):
    """A description that is a JSON list is stored as its first element."""

    def stored_description(self, text: str) -> str | None:
        return text[1:-1] if text[:1] == "[" else text


class WideSpacesNarrowed(_Stored, killer=f"{_TAG}/wide-spaces"):
    """No-break and wide spaces in tag values become plain spaces."""

    def stored_tag(self, key: str, value: str) -> tuple[str, str] | None:
        return key, re.sub(r"\s", " ", value)


class WideSpacesTrimmed(_Stored, killer=f"{_TAG}/wide-spaces"):
    """Tag values lose the no-break and wide spaces around them."""

    def stored_tag(self, key: str, value: str) -> tuple[str, str] | None:
        return key, value.strip("\u00a0\u3000\u2003")


class _Destination(Fault, defect_class=ECHO):
    """The destination is altered before it is stored."""

    def stored(self, destination: Params) -> Params:
        """A destination as it is stored."""
        return destination

    def open_tunnel(self, params: Params) -> Params:
        given = params.get("destinationConfig")
        return super().open_tunnel({**params, "destinationConfig": self.stored(given)} if given else params)


class ServicesCut(_Destination, killer=f"{_DESCRIBE}/destination-length"):
    """Services are cut at 32 characters."""

    def stored(self, destination: Params) -> Params:
        return {**destination, "services": [service[:32] for service in destination["services"]]}


class ThingCut(_Destination, killer=f"{_DESCRIBE}/destination-length"):
    """Thing names are cut at 64 characters."""

    def stored(self, destination: Params) -> Params:
        return (
            {**destination, "thingName": destination["thingName"][:64]} if "thingName" in destination else destination
        )


class SoftHyphenAccepted(
    Fault, killer="validation/OpenTunnel/description/pattern/excludes-Cf-U+00AD", defect_class=UNICODE
):
    """A soft hyphen is accepted in a description."""

    def matches(self, schema: Params, value: str) -> bool:
        return super().matches(
            schema, value.replace("\u00ad", "-") if schema.get("x-shape") == "Description" else value
        )


class EscapedPairsRefused(Fault, killer="protocol/OpenTunnel/escaped-pairs", defect_class=REFUSED):
    """A character that is written as two escapes is rejected."""

    def parse(self, body: bytes) -> Params:
        if re.search(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]", body):
            raise ApiError("SerializationException", "An escape is half a character")
        return super().parse(body)
