"""Page tokens that hold where a list stands, in ways that changes of the list meanwhile break or do not."""

from __future__ import annotations

import base64
import json
import time
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from tunnelspec.emulator import ApiError, Emulator, Params, Tunnel
from tunnelspec.faults import isolation
from tunnelspec.faults.base import UNSPECIFIED, Fault, Variant
from tunnelspec.faults.defect_classes import PAGINATION

_LIST = "listing/ListTunnels"


class _Cursors(Emulator):
    """ListTunnels with cursors of the subclass."""

    @abstractmethod
    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> object:
        """What a page token holds: after this page of these tunnels comes `following`."""

    @abstractmethod
    def rest(self, tunnels: list[Tunnel], cursor: object) -> list[Tunnel]:
        """The tunnels that a page token leads to."""

    def list_tunnels(self, params: Params) -> Params:
        thing, cursor = params.get("thingName"), None
        if "nextToken" in params:
            thing, cursor = self._read(params["nextToken"])
        tunnels = self.listed(thing)
        rest = tunnels if cursor is None else self.rest(tunnels, cursor)
        size = params.get("maxResults", self.page_size)
        output: Params = {"tunnelSummaries": [self.summary(tunnel) for tunnel in rest[:size]]}
        if len(rest) > size:
            value = json.dumps([thing, self.cursor(tunnels, rest[:size], rest[size])]).encode()
            output["nextToken"] = base64.urlsafe_b64encode(value).decode()
        return output

    def _read(self, token: str) -> tuple[str | None, Any]:
        try:
            thing, cursor = json.loads(base64.urlsafe_b64decode(token.encode()))
        except (ValueError, TypeError, RecursionError):
            raise ApiError("ValidationException", "Invalid nextToken") from None
        return thing, cursor


class _Broken(_Cursors, Fault, defect_class=PAGINATION): ...


class Offsets(_Broken, killer=f"{_LIST}/opened-meanwhile"):
    """A page token is the number of tunnels before it."""

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> Any:
        return tunnels.index(following)

    def rest(self, tunnels: list[Tunnel], cursor: Any) -> list[Tunnel]:
        return tunnels[cursor:]


class OffsetsFromTheEnd(_Broken, killer=f"{_LIST}/next-deleted-meanwhile"):
    """A page token is the number of tunnels after it."""

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> Any:
        return len(tunnels) - tunnels.index(following)

    def rest(self, tunnels: list[Tunnel], cursor: Any) -> list[Tunnel]:
        return tunnels[-cursor:]


class OffsetsOfThePages(_Broken, killer=f"{_LIST}/last-deleted-meanwhile"):
    """A page token is the number of tunnels before it that were opened before the list began."""

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> Any:
        return tunnels.index(following), max(tunnel.number for tunnel in tunnels)

    def rest(self, tunnels: list[Tunnel], cursor: Any) -> list[Tunnel]:
        offset, newest = cursor
        return [tunnel for tunnel in tunnels if tunnel.number <= newest][offset:]


class LastById(_Broken, killer=f"{_LIST}/last-deleted-meanwhile"):
    """A page token names the last tunnel of the page before, and is invalid once that is deleted."""

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> object:
        return page[-1].id

    def rest(self, tunnels: list[Tunnel], cursor: object) -> list[Tunnel]:
        ids = [tunnel.id for tunnel in tunnels]
        if cursor not in ids:
            raise self.gone()
        return tunnels[ids.index(cursor) + 1 :]

    def gone(self) -> ApiError:
        """The error for a token whose tunnel is deleted."""
        return ApiError("ValidationException", "Invalid nextToken")


class LastByIdCrashes(LastById, killer=f"{_LIST}/last-deleted-meanwhile"):
    """A page token names the last tunnel of the page before; if that is deleted, the status is 500."""

    def gone(self) -> ApiError:
        return ApiError("InternalFailure", status=500)


class LastByIdElseAll(LastById, killer=f"{_LIST}/last-deleted-meanwhile"):
    """A page token names the last tunnel of the page before; if that is deleted, the list begins again."""

    def rest(self, tunnels: list[Tunnel], cursor: object) -> list[Tunnel]:
        try:
            return super().rest(tunnels, cursor)
        except ApiError:
            return tunnels


class NextById(_Broken, killer=f"{_LIST}/next-deleted-meanwhile"):
    """A page token names the tunnel that the next page begins with; if that is deleted, the list ends."""

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> object:
        return following.id

    def rest(self, tunnels: list[Tunnel], cursor: object) -> list[Tunnel]:
        ids = [tunnel.id for tunnel in tunnels]
        return tunnels[ids.index(cursor) :] if cursor in ids else []


class LastBySecond(_Broken, killer=f"{_LIST}/complete-in-ones"):
    """A page token is the second in which the last tunnel of the page was opened; the next page has older ones."""

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> Any:
        return int(page[-1].created_at)

    def rest(self, tunnels: list[Tunnel], cursor: Any) -> list[Tunnel]:
        return [tunnel for tunnel in tunnels if int(tunnel.created_at) < cursor]


class OffsetsOfOpenTunnels(_Broken, killer=f"{_LIST}/closed-meanwhile"):
    """A page token is the number of OPEN tunnels before it."""

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> object:
        return sum(tunnel.status == "OPEN" for tunnel in tunnels[: tunnels.index(following)])

    def rest(self, tunnels: list[Tunnel], cursor: Any) -> list[Tunnel]:
        before = [sum(tunnel.status == "OPEN" for tunnel in tunnels[:index]) for index in range(len(tunnels))]
        return [tunnel for tunnel, count in zip(tunnels, before, strict=True) if count >= cursor]


class OpeningEndsLists(_Broken, killer="isolation/ListTunnels/read-while-opening"):
    """OpenTunnel makes the page tokens of all lists invalid."""

    opened = 0

    def open_tunnel(self, params: Params) -> Params:
        self.opened += 1
        return super().open_tunnel(params)

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> object:
        time.sleep(isolation.GAP_S / 4)
        return following.number, self.opened

    def rest(self, tunnels: list[Tunnel], cursor: Any) -> list[Tunnel]:
        number, opened = cursor
        if opened != self.opened:
            raise ApiError("ValidationException", "Invalid nextToken")
        return [tunnel for tunnel in tunnels if tunnel.number <= number]


class TokensTrimmed(Fault, killer=f"{_LIST}/token-pattern", defect_class=PAGINATION):
    """White space around a page token is ignored."""

    def validate(self, operation: str, body: Params) -> Params:
        return super().validate(operation, _with_token(body, str.strip))


class TokensCleaned(Fault, killer=f"{_LIST}/token-pattern", defect_class=PAGINATION):
    """Exclamation marks before a page token are dropped."""

    def validate(self, operation: str, body: Params) -> Params:
        return super().validate(operation, _with_token(body, lambda token: token.lstrip("!")))


class TokensUpToTheirPadding(Fault, killer=f"{_LIST}/token-pattern", defect_class=PAGINATION):
    """What follows an exclamation mark in a page token is dropped with it."""

    def validate(self, operation: str, body: Params) -> Params:
        return super().validate(operation, _with_token(body, lambda token: token[:1] + token[1:].partition("!")[0]))


def _with_token(body: Params, change: Callable[[str], str]) -> Params:
    token = body.get("nextToken")
    return {**body, "nextToken": change(token)} if isinstance(token, str) else body


# What conforms.


class _Conforming(_Cursors, Variant): ...


class SnapshotPages(_Conforming, why=UNSPECIFIED):
    """A list shows the tunnels that there were when it began, as they were then."""

    def set_up(self) -> None:
        super().set_up()
        self.snapshots: list[list[Params]] = []

    def list_tunnels(self, params: Params) -> Params:
        if "nextToken" in params:
            _, (index, offset) = self._read(params["nextToken"])
        else:
            tunnels = [self.summary(tunnel) for tunnel in self.listed(params.get("thingName"))]
            self.snapshots.append(tunnels)
            index, offset = len(self.snapshots) - 1, 0
        size = params.get("maxResults", self.page_size)
        rest = self.snapshots[index][offset:]
        output: Params = {"tunnelSummaries": rest[:size]}
        if len(rest) > size:
            value = json.dumps([None, [index, offset + size]]).encode()
            output["nextToken"] = base64.urlsafe_b64encode(value).decode()
        return output


class NewcomersLast(_Conforming, why=UNSPECIFIED):
    """Tunnels that are opened while a list is read come at its end."""

    newest: int | None = None

    def list_tunnels(self, params: Params) -> Params:
        self.newest = None
        return super().list_tunnels(params)

    def cursor(self, tunnels: list[Tunnel], page: list[Tunnel], following: Tunnel) -> Any:
        newest = self.newest if self.newest is not None else max(tunnel.number for tunnel in tunnels)
        return following.number, newest

    def rest(self, tunnels: list[Tunnel], cursor: Any) -> list[Tunnel]:
        number, self.newest = cursor
        newcomers = [tunnel for tunnel in tunnels if tunnel.number > cursor[1]]
        older = [tunnel for tunnel in tunnels if tunnel.number <= cursor[1]]
        if number > cursor[1]:
            return [tunnel for tunnel in newcomers if tunnel.number <= number]
        return [*(tunnel for tunnel in older if tunnel.number <= number), *newcomers]
