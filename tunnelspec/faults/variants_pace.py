"""Conforming variants of time and size: lists that lag, few calls per second, the longest page tokens."""

from __future__ import annotations

import copy

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import Variant


class LongPageTokens(Variant, why="The pattern allows them."):
    """Page tokens have the greatest length that a request may send."""

    def make_token(self, thing: str | None, number: int) -> str:
        pattern = self.contract.operations["ListTunnels"].input.at("nextToken").pattern
        longest = pattern.lengths[1] if pattern is not None else None
        return super().make_token(thing, number).rstrip("=").ljust(longest or 0, "=")

    def read_token(self, token: str) -> tuple[str | None, int]:
        return super().read_token(token.rstrip("=") + "==")


class ListsLag(Variant, why="AWS promises no consistency of lists."):
    """ListTunnels returns what there was one second ago; needs `--settle`."""

    needs_own_run = True
    lag_s = 1.0

    def set_up(self) -> None:
        super().set_up()
        self.snapshots: list[tuple[float, list[Tunnel]]] = [(0.0, [])]

    def perform(self, operation: str, params: Params) -> Params:
        try:
            return super().perform(operation, params)
        finally:
            if operation != "ListTunnels":
                self.snapshots.append((self.clock(), [copy.copy(tunnel) for tunnel in self.store.newest_first()]))

    def listed(self, thing: str | None) -> list[Tunnel]:
        then = self.clock() - self.lag_s
        while len(self.snapshots) > 1 and self.snapshots[1][0] <= then:
            del self.snapshots[0]
        return [t for t in self.snapshots[0][1] if thing is None or (t.destination or {}).get("thingName") == thing]


class OneCallPerSecond(Variant, why="AWS throttles; its quotas are an account's own."):
    """More than one call of an operation in a second is throttled."""

    needs_own_run = True

    def set_up(self) -> None:
        super().set_up()
        self.last: dict[str, float] = {}

    def handle(self, request: HttpRequest) -> HttpResponse:
        name, now = request.headers.get("x-amz-target", ""), self.clock()
        if now - self.last.get(name, 0.0) < 1.0:
            return self.refused()
        self.last[name] = now
        return super().handle(request)

    def refused(self) -> HttpResponse:
        """The response to a call that comes too soon."""
        return self.render_error(ApiError("ThrottlingException", "Rate exceeded"))


class UnavailableWhenBusy(OneCallPerSecond, why="RFC 9110, 15.6.4: a server that is overloaded responds so."):
    """More than one call of an operation in a second gets status 503 and a page."""

    def refused(self) -> HttpResponse:
        return HttpResponse(503, [("Content-Type", "text/html"), ("Retry-After", "1")], b"<h1>503</h1>")
