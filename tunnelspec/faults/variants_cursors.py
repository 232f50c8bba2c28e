"""Conforming variants of page tokens: what becomes of a list that changes while it is read."""

from __future__ import annotations

from tunnelspec.emulator import Params
from tunnelspec.faults.base import UNSPECIFIED, Variant, remembered
from tunnelspec.faults.cursors import Held, Tunnels, decoded, encoded, list_with


class SnapshotPages(Variant, why=UNSPECIFIED):
    """A list shows the tunnels that there were when it began, as they were then."""

    snapshots = remembered(list[list[Params]])

    def list_tunnels(self, params: Params) -> Params:
        if "nextToken" in params:
            _, (index, offset) = decoded(params["nextToken"])
        else:
            self.snapshots.append([self.summary(tunnel) for tunnel in self.listed(params.get("thingName"))])
            index, offset = len(self.snapshots) - 1, 0
        end = offset + params.get("maxResults", self.page_size)
        rows = self.snapshots[index]
        token = {"nextToken": encoded(None, [index, end])} if len(rows) > end else {}
        return {"tunnelSummaries": rows[offset:end], **token}


class NewcomersLast(Variant, why=UNSPECIFIED):
    """Tunnels that are opened while a list is read come at its end."""

    def list_tunnels(self, params: Params) -> Params:
        held = decoded(params["nextToken"])[1] if "nextToken" in params else None

        def cursor(tunnels: Tunnels, index: int) -> Held:
            return tunnels[index].number, held[1] if held else max(tunnel.number for tunnel in tunnels)

        return list_with(self, params, cursor, _newcomers_last)


def _newcomers_last(tunnels: Tunnels, held: Held) -> Tunnels:
    number, newest = held
    newcomers = [tunnel for tunnel in tunnels if tunnel.number > newest]
    if number > newest:
        return [tunnel for tunnel in newcomers if tunnel.number <= number]
    return [*(tunnel for tunnel in tunnels if tunnel.number <= number), *newcomers]
