"""Faults of what is remembered: responses that a change does not reach, and page tokens that are forgotten."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from itertools import count
from typing import ClassVar

import h11

from tunnelspec.emulator import ApiError, HttpConnection, HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import LISTS, PAGINATION, STATE, TAGGING
from tunnelspec.verdict import Level


class _Cached(Fault):
    """Remembers what `operation` returned for the same members until one of `forgetting` is called; with `having`,
    where it has this member."""

    operation = having = ""
    forgetting: tuple[str, ...] = ()

    _returned = remembered(dict[str, Params])

    def perform(self, operation: str, params: Params) -> Params:
        if operation in self.forgetting:
            self._returned.clear()
        if operation != self.operation or (self.having and self.having not in params):
            return super().perform(operation, params)
        key = json.dumps(params, sort_keys=True)
        if key not in self._returned:
            self._returned[key] = super().perform(operation, params)
        return self._returned[key]


class TagsUntilTagged(_Cached, killer="tags/UntagResource/removed", defect_class=TAGGING):
    """ListTagsForResource returns what it returned before, until TagResource is called."""

    operation, forgetting = "ListTagsForResource", ("TagResource",)


class TagsUntilUntagged(_Cached, killer="tags/TagResource/overwritten", defect_class=TAGGING):
    """ListTagsForResource returns what it returned before, until UntagResource is called."""

    operation, forgetting = "ListTagsForResource", ("UntagResource",)


class DescribedUntilClosed(_Cached, killer="tags/DescribeTunnel/agrees", defect_class=TAGGING, level=Level.SHOULD):
    """DescribeTunnel returns what it returned before, until tokens are rotated or a tunnel is closed."""

    operation, forgetting = "DescribeTunnel", ("CloseTunnel", "RotateTunnelAccessToken")


class DescribedAfterDeletion(Fault, killer="lifecycle/CloseTunnel/delete", defect_class=STATE):
    """DescribeTunnel returns a deleted tunnel if it has returned it before."""

    _described = remembered(dict[str, Params])

    def describe_tunnel(self, params: Params) -> Params:
        name = params["tunnelId"]
        if self.store.get(name) is not None or name not in self._described:
            self._described[name] = super().describe_tunnel(params)
        return self._described[name]


class TagsAfterDeletion(_Cached, killer="lifecycle/ListTagsForResource/deleted-unknown", defect_class=STATE):
    """ListTagsForResource returns the tags of a deleted tunnel if it has returned them before."""

    operation, forgetting = "ListTagsForResource", ("OpenTunnel", "TagResource", "UntagResource")


class ListedUntilOpened(_Cached, killer="listing/ListTunnels/deleted", defect_class=LISTS):
    """ListTunnels returns what it returned before, until OpenTunnel is called."""

    operation, forgetting = "ListTunnels", ("OpenTunnel",)


class ThingListedUntilClosed(_Cached, killer="listing/ListTunnels/filter-complete", defect_class=LISTS):
    """ListTunnels returns for a thing what it returned before, until CloseTunnel is called."""

    operation, having, forgetting = "ListTunnels", "thingName", ("CloseTunnel",)


class PageListedUntilOpened(_Cached, killer="listing/ListTunnels/status", defect_class=LISTS):
    """ListTunnels with maxResults returns what it returned before, until OpenTunnel is called."""

    operation, having, forgetting = "ListTunnels", "maxResults", ("OpenTunnel",)


class _Tokens(Fault, defect_class=PAGINATION):
    """Knows the page tokens that it issued, and no others."""

    known = remembered(set[str])

    def make_token(self, thing: str | None, number: int) -> str:
        token = super().make_token(thing, number)
        self.known.add(token)
        return token

    def read_token(self, token: str) -> tuple[str | None, int]:
        if token not in self.known:
            raise ApiError("ValidationException", "Invalid nextToken")
        return super().read_token(token)


class TokenOnce(_Tokens, killer="listing/ListTunnels/token-kept"):
    """A page token is valid once."""

    def read_token(self, token: str) -> tuple[str | None, int]:
        content = super().read_token(token)
        self.known.remove(token)
        return content


class OneTokenAtATime(_Tokens, killer="listing/ListTunnels/token-kept"):
    """Only the page token that was issued last is valid."""

    def make_token(self, thing: str | None, number: int) -> str:
        self.known.clear()
        return super().make_token(thing, number)


class TokensUntilDescribed(_Tokens, killer="listing/ListTunnels/closed-meanwhile"):
    """DescribeTunnel makes all page tokens invalid."""

    def describe_tunnel(self, params: Params) -> Params:
        self.known.clear()
        return super().describe_tunnel(params)


class TokensOfConnections(_Tokens, killer="listing/ListTunnels/token-kept"):
    """A page token is valid on the connection that it was issued on."""

    served = True

    class Connection(HttpConnection):
        numbers: ClassVar = count()

        def __init__(self, sock: socket.socket, respond: Callable[[HttpRequest], HttpResponse]) -> None:
            super().__init__(sock, respond)
            self.number = next(self.numbers)

        def headers(self, head: h11.Request) -> dict[str, str]:
            return {**super().headers(head), "connection-number": str(self.number)}

    def set_up(self) -> None:
        super().set_up()
        self._here = threading.local()

    def handle(self, request: HttpRequest) -> HttpResponse:
        self._here.number = request.headers.get("connection-number", "")
        return super().handle(request)

    def make_token(self, thing: str | None, number: int) -> str:
        token = super().make_token(thing, number)
        self.known.add(token + self._here.number)
        return token

    def read_token(self, token: str) -> tuple[str | None, int]:
        if token + self._here.number not in self.known:
            raise ApiError("ValidationException", "Invalid nextToken")
        return super().read_token(token)


class TokensForgottenOnErrors(_Tokens, killer="listing/ListTunnels/token-kept"):
    """A call that is rejected makes all page tokens invalid."""

    def render_error(self, error: ApiError) -> HttpResponse:
        self.known.clear()
        return super().render_error(error)
