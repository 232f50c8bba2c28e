"""Conforming variants of input: other bounds than the model's, and lenient readings."""

from __future__ import annotations

import copy
import json
import sys
import unicodedata

from tunnelspec.emulator import ApiError, Emulator, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import UNSPECIFIED, Variant
from tunnelspec.faults.params import values

# What may be rejected.


def quota(emulator: Emulator, *path: str) -> int:
    """The most elements that OpenTunnel's list at this path may have undisputed, by the contract document."""
    return emulator.contract.operations["OpenTunnel"].input.at(".".join(path)).most_items(sys.maxsize)


class _Rejecting(Variant):
    """Rejects some parameters."""

    def reject(self, operation: str, params: Params) -> None:
        """Raises ApiError for parameters that this variant rejects."""

    def perform(self, operation: str, params: Params) -> Params:
        self.reject(operation, params)
        return super().perform(operation, params)


class FiftyTags(_Rejecting, why="The quota is 50."):
    """More than 50 tags in a request are rejected."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        if len(params.get("tags", ())) > quota(self, "tags"):
            raise ApiError("LimitExceededException", "Too many tags")


class LimitBeforeValidation(Variant, why="No source says which is looked at first."):
    """Up to the bound of the model, too many tags are rejected by LimitExceededException before they are validated."""

    def validate(self, operation: str, body: Params) -> Params:
        tags = body.get("tags")
        most = self.schemas[operation].get("properties", {}).get("tags", {}).get("maxItems", 0)
        if isinstance(tags, list) and quota(self, "tags") < len(tags) <= most:
            raise ApiError("LimitExceededException", "Too many tags")
        return super().validate(operation, body)


class FiftyInAll(Variant, why="The quota is 50."):
    """A tunnel with 50 tags takes no more."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        if len({*tunnel.tags, *(tag["key"] for tag in tags)}) > quota(self, "tags"):
            raise ApiError("LimitExceededException", "Too many tags")
        super().put_tags(tunnel, tags)


class ThreeServices(_Rejecting, why="A documented limit."):
    """More than three services are rejected."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        services = params.get("destinationConfig", {}).get("services", ())
        if len(services) > quota(self, "destinationConfig", "services"):
            raise ApiError("LimitExceededException", "Too many services")


class Limit403(FiftyTags, ThreeServices, why="The Smithy model says so, though AWS JSON ignores it.", may_warn=True):
    """Beyond 50 tags and 3 services, LimitExceededException has status 403."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("LimitExceededException", status=403))


class ReservedPrefix(_Rejecting, why="The prefix is reserved."):
    """Tags that begin with aws: are rejected."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        if any(text.lower().startswith("aws:") for text in _tag_texts(params)):
            raise ApiError("ValidationException", "aws: is reserved")


class NoDuplicateKeys(_Rejecting, why=UNSPECIFIED, may_skip=True):
    """A list with the same key twice is rejected."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        keys = [tag["key"] for tag in params.get("tags", ())]
        if len(set(keys)) < len(keys):
            raise ApiError("ValidationException", "Duplicate keys")


class SourceWithoutDestination(_Rejecting, why="Documented."):
    """SOURCE with a destination is rejected."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        if params.get("clientMode") == "SOURCE" and "destinationConfig" in params:
            raise ApiError("InvalidRequestException", "SOURCE takes no destination")


class ThingsMustExist(_Rejecting, why=UNSPECIFIED, may_skip=True):
    """A thing that does not exist is rejected."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        if "thingName" in params.get("destinationConfig", {}):
            raise ApiError("ResourceNotFoundException", "No such thing")


class RotationNeedsConnection(Variant, why=UNSPECIFIED, may_skip=True):
    """The tokens of an unconnected tunnel cannot be rotated."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        self.find(params["tunnelId"])
        raise ApiError("InvalidStateException", "Not connected")


class Utf16Lengths(_Rejecting, name="utf16-lengths", why="Implementations differ."):
    """Tag lengths are counted in UTF-16 units."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        for tag in params.get("tags", ()):
            bounds = self.schemas[operation]["properties"]["tags"]["items"]["properties"]
            if any(len(text.encode("utf-16-le")) // 2 > bounds[part]["maxLength"] for part, text in tag.items()):
                raise ApiError("ValidationException", "Too long")


class OldUnicode(_Rejecting, why="Versions differ."):
    """Characters newer than Unicode 3.2 are unassigned."""

    def reject(self, operation: str, params: Params) -> None:
        super().reject(operation, params)
        category = unicodedata.ucd_3_2_0.category
        texts = [params.get("description", ""), *_tag_texts(params)]
        if any(not text.isascii() and any(category(c) == "Cn" for c in text) for text in texts):
            raise ApiError("ValidationException", "Unassigned character")


def _tag_texts(params: Params) -> list[str]:
    """The keys and values of tags, and the keys to remove."""
    return [*(text for tag in params.get("tags", ()) for text in tag.values()), *params.get("tagKeys", ())]


class ForeignArnInvalid(Variant, why=UNSPECIFIED):
    """What is no ARN of the account is rejected with ValidationException."""

    foreign = "ValidationException"

    def find_arn(self, arn: str) -> Tunnel:
        if not arn.startswith(f"arn:aws:iot:{self.region}:{self.account}:tunnel/"):
            raise ApiError(self.foreign, "Not a resource of this account")
        return super().find_arn(arn)


class ForeignArnDenied(ForeignArnInvalid, why=UNSPECIFIED):
    """What is no ARN of the account is rejected with AccessDeniedException."""

    foreign = "AccessDeniedException"


class ExistenceFirst(Variant, why=UNSPECIFIED):
    """Whether a tunnel exists is checked before the other members are validated."""

    def validate(self, operation: str, body: Params) -> Params:
        tunnel_id = body.get("tunnelId")
        is_named = operation in ("CloseTunnel", "RotateTunnelAccessToken")
        if (
            is_named
            and isinstance(tunnel_id, str)
            and self.matches(self.schemas[operation]["properties"]["tunnelId"], tunnel_id)
        ):
            self.find(tunnel_id)
        return super().validate(operation, body)


# What may be read in another way.


class EmptyBodyAccepted(Variant, why="Smithy requires it."):
    """An empty body is parsed as {}."""

    def parse(self, body: bytes) -> Params:
        return super().parse(body.strip(b" \t\r\n") or b"{}")


class FractionsRefused(Variant, why="Smithy's tests reject them."):
    """1.5 and 1.0 are no integers."""

    def parse(self, body: bytes) -> Params:
        params = super().parse(body)
        if any(isinstance(value, float) for value in values(params)):
            raise ApiError("SerializationException", "fraction")
        return params


class LooseBooleans(Variant, why="Recorded of AWS services."):
    """The string true and every number are booleans."""

    def coerce(self, member: str, schema: Params, value: object) -> object:
        value = super().coerce(member, schema, value)
        is_loose = value == "true" or isinstance(value, int | float)
        return bool(value) if schema.get("type") == "boolean" and is_loose else value


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


class NullElementsDropped(Variant, why=UNSPECIFIED):
    """A null in a list is dropped."""

    def coerce(self, member: str, schema: Params, value: object) -> object:
        value = super().coerce(member, schema, value)
        return [element for element in value if element is not None] if isinstance(value, list) else value


class FirstOfDuplicateKeys(Variant, why=UNSPECIFIED):
    """Of a key that is listed twice the first is stored."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags[::-1])
