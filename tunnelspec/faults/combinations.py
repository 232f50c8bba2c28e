"""Faults that show only where members, elements or tunnels meet: what is alone is handled as it should be."""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.emulator import Emulator, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CRASH, NOT_ENFORCED, TAGGING
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.params import without
from tunnelspec.faults.rows import Faults

tagging = Faults("combinations", TAGGING)
crash = Faults("combinations", CRASH)
unchecked = Faults("combinations", NOT_ENFORCED)

# Keys, tunnels and names.

tagging(
    "absent-key-blocks",
    "tags/UntagResource/absent-among-others",
    "UntagResource removes nothing if one of the keys is not there.",
).untag(lambda keys, tags: keys if set(keys) <= set(tags) else [])
tagging("last-key-stays", "tags/UntagResource/several", "UntagResource leaves a tunnel its last tag.").untag(
    lambda keys, tags: [key for key in keys if key != list(tags)[-1]] if set(tags) <= set(keys) else keys
)
tagging("tagged-not-deleted", "lifecycle/CloseTunnel/delete", "A tunnel with tags is closed and not deleted.").close(
    lambda params, tunnel: {**params, "delete": False} if tunnel.tags else params
)
crash(
    "repeated-key-crashes",
    "validation/UntagResource/tagKeys/open/repeated-keys",
    "UntagResource fails with status 500 if a key comes twice.",
).refusing(Emulator.untag_resource, lambda self, params: len(set(params["tagKeys"])) < len(params["tagKeys"]), CRASHED)
crash(
    "unknown-null-crashes", "protocol/*/unknown-member", "An unknown member that is null causes status 500."
).refusing(
    Emulator.validate,
    lambda self, operation, body: any(
        name not in self.schemas[operation].get("properties", {}) and value is None for name, value in body.items()
    ),
    CRASHED,
)


class OneTunnelAThing(Fault, killer="lifecycle/OpenTunnel/others-stay-open", defect_class=TAGGING):
    """OpenTunnel closes the other tunnels of the thing."""

    def open_tunnel(self, params: Params) -> Params:
        thing = (params.get("destinationConfig") or {}).get("thingName")
        for other in self.listed(thing) if thing else ():
            self.store.close(other)
        return super().open_tunnel(params)


def _trimmed(body: Params) -> Params:
    return {name.strip(): _trimmed(value) if isinstance(value, dict) else value for name, value in body.items()}


unchecked(
    "names-trimmed", "validation/*/name/trailing-space", "Spaces around the names of members do not count."
).after(Emulator.parse, lambda params, self, body: _trimmed(params))

# Destinations.


class FirstServiceOnly(
    Fault, killer="validation/*/destinationConfig.services[]/pattern/last-*", defect_class=NOT_ENFORCED
):
    """Of several services only the first is compared with the pattern."""

    def validate(self, operation: str, body: Params) -> Params:
        destination = body.get("destinationConfig", {})
        services = destination.get("services") if isinstance(destination, dict) else None
        if not isinstance(services, list) or not all(isinstance(service, str) for service in services):
            return super().validate(operation, body)
        first = {**body, "destinationConfig": {**destination, "services": services[:1] * len(services)}}
        return {**super().validate(operation, first), "destinationConfig": destination}


class ServicesOrThing(
    Fault, killer="validation/*/destinationConfig.services/required/absent-*", defect_class=NOT_ENFORCED
):
    """A destination with a thing needs no services."""

    def validate(self, operation: str, body: Params) -> Params:
        destination = body.get("destinationConfig")
        if isinstance(destination, dict) and "thingName" in destination:
            body = {**body, "destinationConfig": {"services": ["SSH"], **destination}}
        return super().validate(operation, body)


# What is checked alone, or first.

_Validate = Callable[[Callable[[str, Params], Params], Emulator, str, Params], Params]


def _beside(operation: str, member: str, other: str) -> _Validate:
    """A member is not validated beside another."""

    def validate(call: Callable[[str, Params], Params], self: Emulator, called: str, body: Params) -> Params:
        if called != operation or not {member, other} <= body.keys():
            return call(called, body)
        return {**call(called, without(body, member)), member: body[member]}

    return validate


def _beyond(operation: str, member: str, checked: int, valid: Callable[[int, object], object]) -> _Validate:
    """Elements beyond the first are validated as what `valid` makes of their number and themselves."""

    def validate(call: Callable[[str, Params], Params], self: Emulator, called: str, body: Params) -> Params:
        elements = body.get(member)
        if called != operation or not isinstance(elements, list):
            return call(called, body)
        others = [valid(number, element) for number, element in enumerate(elements[checked:])]
        return {**call(called, {**body, member: elements[:checked] + others}), member: elements}

    return validate


unchecked(
    "thing-beside-size",
    "validation/ListTunnels/thingName/*-beside-others",
    "A thing's name is not checked beside a page size.",
).around(Emulator.validate, _beside("ListTunnels", "thingName", "maxResults"))
unchecked(
    "description-beside-destination",
    "atomicity/OpenTunnel/rejected-calls",
    "A description is not checked beside a destination.",
).around(Emulator.validate, _beside("OpenTunnel", "description", "destinationConfig"))
unchecked(
    "size-beside-token", "listing/ListTunnels/token-pattern", "A page size is not checked beside a page token."
).around(Emulator.validate, _beside("ListTunnels", "maxResults", "nextToken"))
unchecked(
    "tags-beyond-fifty-unchecked",
    "validation/TagResource/tags[].*/pattern/last-*",
    "TagResource validates the first fifty tags.",
).around(
    Emulator.validate, _beyond("TagResource", "tags", 50, lambda number, tag: {"key": f"key{number}", "value": "x"})
)
unchecked(
    "values-beyond-ten-unchecked",
    "validation/OpenTunnel/tags[].value/pattern/last-*",
    "OpenTunnel validates the values of the first ten tags.",
).around(
    Emulator.validate,
    _beyond("OpenTunnel", "tags", 10, lambda _, tag: {**tag, "value": "x"} if isinstance(tag, dict) else tag),
)
unchecked(
    "tag-keys-beyond-hundred-unchecked",
    "validation/UntagResource/tagKeys[]/pattern/last-*",
    "UntagResource validates the first hundred keys.",
).around(Emulator.validate, _beyond("UntagResource", "tagKeys", 100, lambda number, key: f"key{number}"))
