"""Faults of page tokens that hold where a list stands, in ways that changes of the list meanwhile break."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from tunnelspec.emulator import ApiError, Emulator, Params, Tunnel
from tunnelspec.faults import isolation
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import PAGINATION
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.rows import Faults

_LIST = "listing/ListTunnels/"
Tunnels = list[Tunnel]
#: What a page token holds: a value of JSON.
Held: TypeAlias = Any
#: What a page token holds, of all tunnels and of the index at which the next page begins.
Cursor = Callable[[Tunnels, int], Held]
#: The tunnels that a page token leads to, of all tunnels and of what it holds.
Rest = Callable[[Tunnels, Held], Tunnels]


def encoded(thing: str | None, cursor: object) -> str:
    """A page token: the filter, and what it holds."""
    return base64.urlsafe_b64encode(json.dumps([thing, cursor]).encode()).decode()


def decoded(token: str) -> tuple[str | None, Held]:
    """The content of a page token. Raises ApiError."""
    try:
        thing, cursor = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, RecursionError):
        raise ApiError("ValidationException", "Invalid nextToken") from None
    return thing, cursor


def list_with(self: Emulator, params: Params, cursor: Cursor, rest: Rest) -> Params:
    """ListTunnels with these page tokens."""
    thing, held = decoded(params["nextToken"]) if "nextToken" in params else (params.get("thingName"), None)
    tunnels = self.listed(thing)
    left = tunnels if held is None else rest(tunnels, held)
    size = params.get("maxResults", self.page_size)
    output: Params = {"tunnelSummaries": [self.summary(tunnel) for tunnel in left[:size]]}
    if len(left) > size:
        output["nextToken"] = encoded(thing, cursor(tunnels, tunnels.index(left[size])))
    return output


paging = Faults("cursors", PAGINATION, _LIST)


def _cursor(name: str, case: str, sentence: str, cursor: Cursor, rest: Rest) -> None:
    """Seed a fault of page tokens."""
    paging(name, case, sentence).around(
        Emulator.list_tunnels, lambda call, self, params: list_with(self, params, cursor, rest)
    )


# Numbers.


def _open_before(tunnels: Tunnels, index: int) -> int:
    return sum(tunnel.status == "OPEN" for tunnel in tunnels[:index])


_cursor(
    "offsets",
    "opened-meanwhile",
    "A page token is the number of tunnels before it.",
    lambda tunnels, index: index,
    lambda tunnels, offset: tunnels[offset:],
)
_cursor(
    "offsets-from-the-end",
    "next-deleted-meanwhile",
    "A page token is the number of tunnels after it.",
    lambda tunnels, index: len(tunnels) - index,
    lambda tunnels, left: tunnels[-left:],
)
_cursor(
    "offsets-of-the-pages",
    "last-deleted-meanwhile",
    "A page token is the number of tunnels before it that were opened before the list began.",
    lambda tunnels, index: (index, max(tunnel.number for tunnel in tunnels)),
    lambda tunnels, held: [tunnel for tunnel in tunnels if tunnel.number <= held[1]][held[0] :],
)
_cursor(
    "offsets-of-open-tunnels",
    "closed-meanwhile",
    "A page token is the number of OPEN tunnels before it.",
    _open_before,
    lambda tunnels, count: [one for index, one in enumerate(tunnels) if _open_before(tunnels, index) >= count],
)
_cursor(
    "last-by-second",
    "complete-in-ones",
    "A page token is the second in which the page's last tunnel was opened; the next page has older ones.",
    lambda tunnels, index: int(tunnels[index - 1].created_at),
    lambda tunnels, second: [tunnel for tunnel in tunnels if int(tunnel.created_at) < second],
)

# Ids.


def _by_id(gone: Callable[[Tunnels], Tunnels], behind: int) -> Rest:
    """The tunnels from so many behind the one that the token names; if that is deleted, what `gone` makes of all."""

    def rest(tunnels: Tunnels, held: Held) -> Tunnels:
        ids = [tunnel.id for tunnel in tunnels]
        return tunnels[ids.index(held) + behind :] if held in ids else gone(tunnels)

    return rest


def _raising(code: str, status: int) -> Callable[[Tunnels], Tunnels]:
    def gone(tunnels: Tunnels) -> Tunnels:
        raise ApiError(code, "Invalid nextToken", status)

    return gone


def _last_id(tunnels: Tunnels, index: int) -> str:
    return tunnels[index - 1].id


_cursor(
    "last-by-id",
    "last-deleted-meanwhile",
    "A page token names the last tunnel of the page before, and is invalid once that is deleted.",
    _last_id,
    _by_id(_raising("ValidationException", 400), behind=1),
)
_cursor(
    "last-by-id-crashes",
    "last-deleted-meanwhile",
    "A page token names the last tunnel of the page before; if that is deleted, the status is 500.",
    _last_id,
    _by_id(_raising(CRASHED, 500), behind=1),
)
_cursor(
    "last-by-id-else-all",
    "last-deleted-meanwhile",
    "A page token names the last tunnel of the page before; if that is deleted, the list begins again.",
    _last_id,
    _by_id(lambda tunnels: tunnels, behind=1),
)
_cursor(
    "next-by-id",
    "next-deleted-meanwhile",
    "A page token names the tunnel that the next page begins with; if that is deleted, the list ends.",
    lambda tunnels, index: tunnels[index].id,
    _by_id(lambda tunnels: [], behind=0),
)


class OpeningEndsLists(Fault, killer="isolation/ListTunnels/read-while-opening", defect_class=PAGINATION):
    """OpenTunnel makes the page tokens of all lists invalid."""

    opened = 0

    def open_tunnel(self, params: Params) -> Params:
        self.opened += 1
        return super().open_tunnel(params)

    def list_tunnels(self, params: Params) -> Params:
        return list_with(self, params, self.cursor, self.rest)

    def cursor(self, tunnels: Tunnels, index: int) -> Held:
        """The next tunnel, and how many were opened."""
        time.sleep(isolation.GAP_S / 4)
        return tunnels[index].number, self.opened

    def rest(self, tunnels: Tunnels, held: Held) -> Tunnels:
        """The tunnels from there on, if none was opened since."""
        number, opened = held
        if opened != self.opened:
            raise ApiError("ValidationException", "Invalid nextToken")
        return [tunnel for tunnel in tunnels if tunnel.number <= number]


# Tokens that are altered before they are read.


def _read_as(name: str, sentence: str, alter: Callable[[str], str]) -> None:
    def validate(call: Callable[[str, Params], Params], self: Emulator, operation: str, body: Params) -> Params:
        token = body.get("nextToken")
        return call(operation, {**body, "nextToken": alter(token)} if isinstance(token, str) else body)

    paging(name, "token-pattern", sentence).around(Emulator.validate, validate)


_read_as("tokens-trimmed", "White space around a page token is ignored.", str.strip)
_read_as("tokens-cleaned", "Exclamation marks before a page token are dropped.", lambda token: token.lstrip("!"))
_read_as(
    "tokens-up-to-their-padding",
    "What follows an exclamation mark in a page token is dropped with it.",
    lambda token: token[:1] + token[1:].partition("!")[0],
)
