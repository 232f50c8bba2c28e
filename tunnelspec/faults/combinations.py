"""Faults that show only where members, elements or tunnels meet: what is alone is handled as it should be."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CRASH, DISPATCH, NOT_ENFORCED, TAGGING


class AbsentKeyBlocks(Fault, killer="tags/UntagResource/absent-among-others", defect_class=TAGGING):
    """UntagResource removes nothing if one of the keys is not there."""

    def untag_resource(self, params: Params) -> Params:
        known = self.find_arn(params["resourceArn"]).tags
        return super().untag_resource(params) if set(params["tagKeys"]) <= set(known) else {}


class LastKeyStays(Fault, killer="tags/UntagResource/several", defect_class=TAGGING):
    """UntagResource leaves a tunnel its last tag."""

    def untag_resource(self, params: Params) -> Params:
        known = self.find_arn(params["resourceArn"]).tags
        stays = list(known)[-1:] if set(known) <= set(params["tagKeys"]) else []
        return super().untag_resource({**params, "tagKeys": [key for key in params["tagKeys"] if key not in stays]})


class RepeatedKeyCrashes(Fault, killer="validation/UntagResource/tagKeys/open/repeated-keys", defect_class=CRASH):
    """UntagResource fails with status 500 if a key comes twice."""

    def untag_resource(self, params: Params) -> Params:
        if len(set(params["tagKeys"])) < len(params["tagKeys"]):
            raise ApiError("InternalFailure", status=500)
        return super().untag_resource(params)


class OneTunnelAThing(Fault, killer="lifecycle/OpenTunnel/others-stay-open", defect_class=TAGGING):
    """OpenTunnel closes the other tunnels of the thing."""

    def open_tunnel(self, params: Params) -> Params:
        thing = (params.get("destinationConfig") or {}).get("thingName")
        for other in self.listed(thing) if thing else ():
            self.store.close(other)
        return super().open_tunnel(params)


class TaggedNotDeleted(Fault, killer="lifecycle/CloseTunnel/delete", defect_class=TAGGING):
    """A tunnel with tags is closed where it should be deleted."""

    def close_tunnel(self, params: Params) -> Params:
        tagged = self.find(params["tunnelId"]).tags
        return super().close_tunnel({**params, "delete": False} if tagged else params)


class UnknownNullCrashes(Fault, killer="protocol/*/unknown-member", defect_class=CRASH):
    """An unknown member that is null causes status 500."""

    def validate(self, operation: str, body: Params) -> Params:
        known = self.schemas[operation].get("properties", {})
        if any(name not in known and value is None for name, value in body.items()):
            raise ApiError("InternalFailure", status=500)
        return super().validate(operation, body)


class FirstServiceOnly(
    Fault, killer="validation/*/destinationConfig.services[]/pattern/last-*", defect_class=NOT_ENFORCED
):
    """Of several services only the first is compared with the pattern."""

    def validate(self, operation: str, body: Params) -> Params:
        destination = body.get("destinationConfig")
        if not isinstance(destination, dict):
            return super().validate(operation, body)
        services = destination.get("services")
        if not isinstance(services, list) or not all(isinstance(service, str) for service in services):
            return super().validate(operation, body)
        first = {**body, "destinationConfig": {**destination, "services": services[:1] * len(services)}}
        return {**super().validate(operation, first), "destinationConfig": destination}


class _BeyondUnchecked(Fault, defect_class=NOT_ENFORCED):
    """Of a list with many elements only the first `checked` are validated."""

    operation: ClassVar[str]
    member: ClassVar[str]
    checked: ClassVar[int]

    def valid(self, number: int, element: object) -> object:
        """What is validated in the place of an element."""
        return {"key": f"key{number}", "value": "x"}

    def validate(self, operation: str, body: Params) -> Params:
        elements = body.get(self.member)
        if operation != self.operation or not isinstance(elements, list):
            return super().validate(operation, body)
        others = [self.valid(number, element) for number, element in enumerate(elements[self.checked :])]
        return {
            **super().validate(operation, {**body, self.member: elements[: self.checked] + others}),
            self.member: elements,
        }


class TagsBeyondFiftyUnchecked(_BeyondUnchecked, killer="validation/TagResource/tags[].*/pattern/last-*"):
    """TagResource validates the first fifty tags."""

    operation, member, checked = "TagResource", "tags", 50


class ValuesBeyondTenUnchecked(_BeyondUnchecked, killer="validation/OpenTunnel/tags[].value/pattern/last-*"):
    """OpenTunnel validates the values of the first ten tags."""

    operation, member, checked = "OpenTunnel", "tags", 10

    def valid(self, number: int, element: object) -> object:
        return {**element, "value": "x"} if isinstance(element, dict) else element


class TagKeysBeyondHundredUnchecked(_BeyondUnchecked, killer="validation/UntagResource/tagKeys[]/pattern/last-*"):
    """UntagResource validates the first hundred keys."""

    operation, member, checked = "UntagResource", "tagKeys", 100

    def valid(self, number: int, element: object) -> object:
        return f"key{number}"


class _Targets(Fault, defect_class=DISPATCH):
    """Reads another target than the one that was sent."""

    def target(self, sent: str) -> str:
        """The target that is looked up."""
        return sent

    def handle(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("x-amz-target", "")
        headers = {**request.headers, "x-amz-target": self.target(sent)} if sent else request.headers
        return super().handle(replace(request, headers=headers))


class HashForDot(_Targets, killer="protocol/*/target-with-hash"):
    """A hash sign in X-Amz-Target is taken for the dot."""

    def target(self, sent: str) -> str:
        return sent.replace("#", ".")


class TailOfTarget(_Targets, killer="protocol/*/target-with-tail"):
    """What follows a second dot in X-Amz-Target is ignored."""

    def target(self, sent: str) -> str:
        return ".".join(sent.split(".")[:2])


class QueryOfTarget(_Targets, killer="protocol/*/target-with-query"):
    """What follows a question mark in X-Amz-Target is ignored."""

    def target(self, sent: str) -> str:
        return sent.partition("?")[0]


class WordsOfTarget(_Targets, killer="protocol/*/target-with-words"):
    """What follows a space in X-Amz-Target is ignored."""

    def target(self, sent: str) -> str:
        return sent.split(" ")[0]


class OperationInAnyCase(_Targets, killer="protocol/*/target-operation-lower-case"):
    """The letter case of the operation does not count."""

    def target(self, sent: str) -> str:
        prefix, _, operation = sent.partition(".")
        names = {name.lower(): name for name in self.operations}
        return f"{prefix}.{names.get(operation.lower(), operation)}"


class _Prefixes(_Targets):
    """Takes other prefixes for the target's own."""

    @abstractmethod
    def is_known(self, prefix: str) -> bool:
        """Whether this prefix will do."""

    def target(self, sent: str) -> str:
        prefix, dot, operation = sent.partition(".")
        return f"{self.service.target_prefix if self.is_known(prefix) else prefix}{dot}{operation}"


class VersionOfPrefix(_Prefixes, killer="protocol/*/target-versioned"):
    """What follows an underscore in the target's prefix is ignored."""

    def is_known(self, prefix: str) -> bool:
        return prefix.partition("_")[0] == self.service.target_prefix


class PrefixByItsBeginning(_Prefixes, killer="protocol/*/target-prefix-cut"):
    """The target's prefix may be cut short."""

    def is_known(self, prefix: str) -> bool:
        return prefix != "" and self.service.target_prefix.startswith(prefix)


class PrefixOfSdks(_Prefixes, killer="protocol/*/target-of-sdk"):
    """The target's prefix may be the service's name in the SDKs."""

    def is_known(self, prefix: str) -> bool:
        return prefix == self.service.sdk_id


class PrefixInAnyCase(_Prefixes, killer="protocol/*/target-prefix-lower-case"):
    """The letter case of the target's prefix does not count."""

    def is_known(self, prefix: str) -> bool:
        return prefix.lower() == self.service.target_prefix.lower()


class NamesTrimmed(Fault, killer="validation/*/name/trailing-space", defect_class=NOT_ENFORCED):
    """Spaces around the names of members do not count."""

    def parse(self, body: bytes) -> Params:
        return _trimmed(super().parse(body))


def _trimmed(body: Params) -> Params:
    return {name.strip(): _trimmed(value) if isinstance(value, dict) else value for name, value in body.items()}


class ServicesOrThing(
    Fault, killer="validation/*/destinationConfig.services/required/absent-*", defect_class=NOT_ENFORCED
):
    """A destination with a thing needs no services."""

    def validate(self, operation: str, body: Params) -> Params:
        destination = body.get("destinationConfig")
        if isinstance(destination, dict) and "thingName" in destination and "services" not in destination:
            body = {**body, "destinationConfig": {**destination, "services": ["SSH"]}}
        return super().validate(operation, body)


class _Unchecked(Fault, defect_class=NOT_ENFORCED):
    """A member is not checked beside another."""

    operation = member = beside = ""

    def validate(self, operation: str, body: Params) -> Params:
        if operation != self.operation or not {self.member, self.beside} <= body.keys():
            return super().validate(operation, body)
        checked = super().validate(operation, {name: value for name, value in body.items() if name != self.member})
        return {**checked, self.member: body[self.member]}


class ThingBesideSize(_Unchecked, killer="validation/ListTunnels/thingName/*-beside-others"):
    """A thing's name is not checked beside a page size."""

    operation, member, beside = "ListTunnels", "thingName", "maxResults"


class DescriptionBesideDestination(_Unchecked, killer="atomicity/OpenTunnel/rejected-calls"):
    """A description is not checked beside a destination."""

    operation, member, beside = "OpenTunnel", "description", "destinationConfig"


class SizeBesideToken(_Unchecked, killer="listing/ListTunnels/token-pattern"):
    """A page size is not checked beside a page token."""

    operation, member, beside = "ListTunnels", "maxResults", "nextToken"
