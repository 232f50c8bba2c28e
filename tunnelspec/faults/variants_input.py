"""Conforming variants of input: other bounds than the model's, and lenient readings."""

from __future__ import annotations

import copy
import json
import sys
import unicodedata

from tunnelspec.emulator import ApiError, Emulator, Params
from tunnelspec.faults.base import UNSPECIFIED, Variant
from tunnelspec.faults.params import values
from tunnelspec.faults.rows import variant

_LIMIT = "LimitExceededException"


def quota(emulator: Emulator, *path: str) -> int:
    """The most elements that OpenTunnel's list at this path may have undisputed, by the contract document."""
    return emulator.contract.operations["OpenTunnel"].input.at(".".join(path)).most_items(sys.maxsize)


def _tag_texts(params: Params) -> list[str]:
    """The keys and values of tags, and the keys to remove."""
    return [*(text for tag in params.get("tags", ()) for text in tag.values()), *params.get("tagKeys", ())]


def _services(params: Params) -> list[str]:
    services: list[str] = params.get("destinationConfig", {}).get("services", [])
    return services


def _has_too_many_tags(self: Emulator, operation: str, params: Params) -> bool:
    return len(params.get("tags", ())) > quota(self, "tags")


def _has_too_many_services(self: Emulator, operation: str, params: Params) -> bool:
    return len(_services(params)) > quota(self, "destinationConfig", "services")


# What may be rejected: tags and services.

variant("fifty-tags", "The quota is 50.", "More than 50 tags in a request are rejected.").refusing(
    Emulator.perform, _has_too_many_tags, _LIMIT
)
variant("three-services", "A documented limit.", "More than three services are rejected.").refusing(
    Emulator.perform, _has_too_many_services, _LIMIT
)
variant(
    "limit-403",
    "The Smithy model says so, though AWS JSON ignores it.",
    "Beyond 50 tags and 3 services, LimitExceededException has status 403.",
    may_warn=True,
).refusing(
    Emulator.perform,
    lambda self, operation, params: (
        _has_too_many_tags(self, operation, params) or _has_too_many_services(self, operation, params)
    ),
    _LIMIT,
    403,
)


def _are_too_many(self: Emulator, operation: str, params: Params) -> bool:
    """Whether a tunnel would have more tags than the quota allows."""
    known = self.find_arn(params["resourceArn"]).tags if operation == "TagResource" else ()
    return len({*known, *(tag["key"] for tag in params.get("tags", ()))}) > quota(self, "tags")


variant("fifty-in-all", "The quota is 50.", "A tunnel with 50 tags takes no more.").refusing(
    Emulator.perform, _are_too_many, _LIMIT
)
variant("reserved-prefix", "The prefix is reserved.", "Tags that begin with aws: are rejected.").refusing(
    Emulator.perform,
    lambda self, operation, params: any(text.lower().startswith("aws:") for text in _tag_texts(params)),
)
variant("no-duplicate-keys", UNSPECIFIED, "A list with the same key twice is rejected.", may_skip=True).refusing(
    Emulator.perform,
    lambda self, operation, params: len({tag["key"] for tag in params.get("tags", ())}) < len(params.get("tags", ())),
)


class LimitBeforeValidation(Variant, why="No source says which is looked at first."):
    """Up to the bound of the model, too many tags are rejected by LimitExceededException before they are validated."""

    def validate(self, operation: str, body: Params) -> Params:
        tags = body.get("tags")
        most = self.schemas[operation].get("properties", {}).get("tags", {}).get("maxItems", 0)
        if isinstance(tags, list) and quota(self, "tags") < len(tags) <= most:
            raise ApiError(_LIMIT, "Too many tags")
        return super().validate(operation, body)


class Utf16Lengths(Variant, name="utf16-lengths", why="Implementations differ."):
    """Tag lengths are counted in UTF-16 units."""

    def perform(self, operation: str, params: Params) -> Params:
        for tag in params.get("tags", ()):
            bounds = self.schemas[operation]["properties"]["tags"]["items"]["properties"]
            if any(len(text.encode("utf-16-le")) // 2 > bounds[part]["maxLength"] for part, text in tag.items()):
                raise ApiError("ValidationException", "Too long")
        return super().perform(operation, params)


class OldUnicode(Variant, why="Versions differ."):
    """Characters newer than Unicode 3.2 are unassigned."""

    def perform(self, operation: str, params: Params) -> Params:
        category = unicodedata.ucd_3_2_0.category
        texts = [params.get("description", ""), *_tag_texts(params)]
        if any(not text.isascii() and any(category(c) == "Cn" for c in text) for text in texts):
            raise ApiError("ValidationException", "Unassigned character")
        return super().perform(operation, params)


# What may be rejected: tunnels and things.

variant("source-without-destination", "Documented.", "SOURCE with a destination is rejected.").refusing(
    Emulator.perform,
    lambda self, operation, params: params.get("clientMode") == "SOURCE" and "destinationConfig" in params,
    "InvalidRequestException",
)
variant("things-must-exist", UNSPECIFIED, "A thing that does not exist is rejected.", may_skip=True).refusing(
    Emulator.perform,
    lambda self, operation, params: "thingName" in params.get("destinationConfig", {}),
    "ResourceNotFoundException",
)
variant(
    "rotation-needs-connection", UNSPECIFIED, "The tokens of an unconnected tunnel cannot be rotated.", may_skip=True
).refusing(
    Emulator.rotate_tunnel_access_token, lambda self, params: self.find(params["tunnelId"]), "InvalidStateException"
)
variant(
    "foreign-arn-invalid", UNSPECIFIED, "What is no ARN of the account is rejected with ValidationException."
).refusing(Emulator.find_arn, lambda self, arn: not arn.startswith(_own(self)))
variant(
    "foreign-arn-denied", UNSPECIFIED, "What is no ARN of the account is rejected with AccessDeniedException."
).refusing(Emulator.find_arn, lambda self, arn: not arn.startswith(_own(self)), "AccessDeniedException")


def _own(self: Emulator) -> str:
    return f"arn:aws:iot:{self.region}:{self.account}:tunnel/"


class ExistenceFirst(Variant, why=UNSPECIFIED):
    """Whether a tunnel exists is checked before the other members are validated."""

    def validate(self, operation: str, body: Params) -> Params:
        tunnel_id = body.get("tunnelId")
        if operation not in ("CloseTunnel", "RotateTunnelAccessToken") or not isinstance(tunnel_id, str):
            return super().validate(operation, body)
        if self.matches(self.schemas[operation]["properties"]["tunnelId"], tunnel_id):
            self.find(tunnel_id)
        return super().validate(operation, body)


# What may be read in another way.

variant("empty-body-accepted", "Smithy requires it.", "An empty body is parsed as {}.").parse(
    lambda body: body.strip(b" \t\r\n") or b"{}"
)
variant("loose-booleans", "Recorded of AWS services.", "The string true and every number are booleans.").coerce(
    ("boolean",), lambda value: bool(value) if value == "true" or isinstance(value, int | float) else value
)
variant("null-elements-dropped", UNSPECIFIED, "A null in a list is dropped.").after(
    Emulator.coerce,
    lambda known, self, member, schema, value: (
        [element for element in known if element is not None] if isinstance(known, list) else known
    ),
)
variant("first-of-duplicate-keys", UNSPECIFIED, "Of a key that is listed twice the first is stored.").put_tags(
    lambda tags, tunnel: tags[::-1]
)


class FractionsRefused(Variant, why="Smithy's tests reject them."):
    """1.5 and 1.0 are no integers."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        if any(isinstance(value, float) for value in values(params)):
            raise ApiError("SerializationException", "fraction")
        return params


class SurrogatesReplaced(Variant, why=UNSPECIFIED):
    """Half a surrogate pair becomes U+FFFD."""

    def parse(self, body: bytes) -> Params:
        text = json.dumps(super().parse(body), ensure_ascii=False)
        return super().parse(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode())


class DotsInServices(Variant, why="AWS's documentation does so."):
    """A service may be named like a host."""

    def schema(self, operation: str) -> Params:
        schema = copy.deepcopy(super().schema(operation))
        destination = schema["properties"].get("destinationConfig")
        if destination:
            service = destination["properties"]["services"]["items"]
            service["pattern"] = service["pattern"].replace(":_", ".:_")
        return schema
