"""Faults that show only where several clients work at once."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext

from tunnelspec.emulator import HttpRequest, HttpResponse, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CONCURRENCY

#: Long enough for another client's request to come in between, in seconds.
GAP_S = 0.02


class _Race(Fault, defect_class=CONCURRENCY):
    def make_lock(self) -> AbstractContextManager[object]:
        """No lock: operations run at the same time."""
        return nullcontext()


class OneCallAtATime(Fault, killer="isolation/OpenTunnel/own-answers", defect_class=CONCURRENCY):
    """The server keeps the current request where the next one overwrites it."""

    current: HttpRequest

    def handle(self, request: HttpRequest) -> HttpResponse:
        self.current = request
        if b"tunnelId" in request.body or b"resourceArn" in request.body:
            time.sleep(GAP_S)
        return super().handle(self.current)


class LostUpdate(_Race, killer="isolation/TagResource/parallel"):
    """Tags are read, changed and written back without a lock."""

    def tag_resource(self, params: Params) -> Params:
        tunnel = self.find_arn(params["resourceArn"])
        tags = dict(tunnel.tags)
        time.sleep(GAP_S)
        tunnel.tags = tags
        return super().tag_resource(params)


class IdsFromACounter(_Race, killer="isolation/OpenTunnel/parallel"):
    """Ids come from a counter that two requests may read at once."""

    counter = 0

    def open_tunnel(self, params: Params) -> Params:
        number = self.counter
        time.sleep(GAP_S / 2)
        self.counter = number + 1
        output = super().open_tunnel(params)
        tunnel = self.find(output["tunnelId"])
        self.delete(tunnel)
        tunnel.arn = tunnel.arn.replace(tunnel.id, f"tunnel-{number}")
        tunnel.id = f"tunnel-{number}"
        self.store.put(tunnel)
        return {**output, "tunnelId": tunnel.id, "tunnelArn": tunnel.arn}


class StaleStateWritten(_Race, killer="isolation/CloseTunnel/parallel"):
    """Tagging writes the tunnel back as it was before."""

    def tag_resource(self, params: Params) -> Params:
        tunnel = self.find_arn(params["resourceArn"])
        status = tunnel.status
        time.sleep(GAP_S)
        output = super().tag_resource(params)
        tunnel.status = status
        return output
