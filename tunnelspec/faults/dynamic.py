"""Faults of servers in dynamic languages: what looks like false or a number is taken for it, and a request's members
are taken as they come.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Emulator, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import ECHO, LISTS, STATE, TAGGING
from tunnelspec.faults.params import thing_name
from tunnelspec.faults.rows import Faults

echo = Faults("dynamic", ECHO, "lifecycle/DescribeTunnel/")
lists = Faults("dynamic", LISTS, "listing/ListTunnels/")
tagging = Faults("dynamic", TAGGING, "tags/")

# Words that look like another value.


def _equal(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


lists("numbers-compared", "filter-case", "Names of things that look like numbers are compared as numbers.").around(
    Emulator.listed,
    lambda call, self, thing: [one for one in call(None) if thing is None or _equal(thing_name(one), thing)],
)
lists("zero-is-no-filter", "filter-case", "A list for the thing 0 is a list without a filter.").around(
    Emulator.listed, lambda call, self, thing: call(None if thing == "0" else thing)
)
echo("zero-is-no-description", "description-words", "The description 0 is none.").given(
    "OpenTunnel", lambda params: {**params, "description": None} if params.get("description") == "0" else params
)


class NumericKeysAreNumbers(Fault, killer="tags/TagResource/added", defect_class=TAGGING):
    """Keys of tags that are numbers in their shortest form are returned as numbers; 0 and -1 are refused."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        if any(tag["key"] in ("0", "-1") for tag in tags):
            raise ApiError("ValidationException")
        super().put_tags(tunnel, tags)

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        tags = super().tags_of(tunnel)
        return [{**tag, "key": int(tag["key"])} if re.fullmatch("[1-9][0-9]*", tag["key"]) else tag for tag in tags]


def _halved(signs: str, sentence: str, sign: str) -> None:
    """Seed a fault: of two such signs in a description one is left."""
    echo(f"{signs}-halved", "description-markup", sentence).given(
        "OpenTunnel",
        lambda params: {**params, "description": (text := params.get("description")) and text.replace(sign * 2, sign)},
    )


_halved("backslashes", "Of two backslashes in a description one is left.", "\\")
_halved("percents", "Of two percent signs in a description one is left.", "%")
_halved("quotes", "Of two apostrophes in a description one is left.", "'")


def _untags(name: str, sentence: str, is_key: Callable[[str], bool]) -> None:
    """Seed a fault: UntagResource refuses what it does not take for a key."""
    tagging(f"untags-{name}", "UntagResource/several", sentence).refusing(
        Emulator.untag_resource, lambda self, params: not all(map(is_key, params["tagKeys"]))
    )


_untags("words", "UntagResource refuses keys with a space.", lambda key: " " not in key)
_untags("ascii", "UntagResource refuses keys with letters beyond ASCII.", str.isascii)
_untags("no-signs", "UntagResource refuses keys with an at sign.", lambda key: "@" not in key)

# Members and tags as they come.


class _Assigned(Fault, defect_class=STATE):
    """Members of a request replace those of the tunnel that it opens."""

    members: tuple[str, ...] = ()

    _assigned = remembered(dict[str, Params])
    _sent = remembered(Params)

    def validate(self, operation: str, body: Params) -> Params:
        self._sent = body
        return super().validate(operation, body)

    def open_tunnel(self, params: Params) -> Params:
        output = super().open_tunnel(params)
        self._assigned[output["tunnelId"]] = {name: self._sent[name] for name in self.members if name in self._sent}
        return output

    def description(self, tunnel: Tunnel) -> Params:
        return {**super().description(tunnel), **self._assigned.get(tunnel.id, {})}


class StatusAssigned(_Assigned, killer="lifecycle/OpenTunnel/output-members"):
    """OpenTunnel takes a status from its request."""

    members = ("status",)


class ConnectionAssigned(_Assigned, killer="lifecycle/OpenTunnel/output-members"):
    """OpenTunnel takes the states of connections from its request."""

    members = ("sourceConnectionState", "destinationConnectionState")


class _Twice(Fault, defect_class=TAGGING):
    """Stores each tag of a request, also those of one key."""

    operation = ""

    def set_up(self) -> None:
        super().set_up()
        self._others: dict[str, list[Params]] = {}
        self._called = ""

    def perform(self, operation: str, params: Params) -> Params:
        self._called = operation
        return super().perform(operation, params)

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        super().put_tags(tunnel, tags)
        if self._called == self.operation:
            last = {tag["key"]: number for number, tag in enumerate(tags)}
            others = [tag for number, tag in enumerate(tags) if number != last[tag["key"]]]
            self._others.setdefault(tunnel.id, []).extend(others)

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        return [*super().tags_of(tunnel), *self._others.get(tunnel.id, ())]


class KeyTwiceAtOpening(_Twice, killer="tags/OpenTunnel/once"):
    """OpenTunnel stores two tags of one key."""

    operation = "OpenTunnel"


class KeyTwiceInOneCall(_Twice, killer="tags/OpenTunnel/once"):
    """TagResource stores two tags of one key that it is given at once."""

    operation = "TagResource"
