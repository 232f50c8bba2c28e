"""Lists: which tunnels they hold, in which order, on which pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import UNKNOWN, Told, Tunnel, Walk, number, shown
from tunnelspec.model.tunnels import status, text

#: Two operations may tell a time to the second or to its fraction.
_PRECISION_S = 1.0


def page(walk: Walk, told: Told, size: int | None, tunnels: Mapping[str, Tunnel], now: float) -> Iterator[Mismatch]:
    """What is wrong with the next page of a list. Tunnels of others are nobody's concern here."""
    items = told.items("tunnelSummaries")
    if size is not None and len(items) > size:
        yield Mismatch(rules.SIZE, f"at most {size} tunnels", f"{len(items)} tunnels")
    seen = set(walk.told)
    last = walk.last_created
    for item in items:
        name, created = str(item.get("tunnelId")), number(item.get("createdAt"))
        if name in seen:
            yield Mismatch(rules.DISJOINT, f"{name} once in a list", "it is there twice")
        seen.add(name)
        if last is not None and created is not None and created > last:
            yield Mismatch(
                rules.NEWEST,
                "each tunnel is older than the one before it",
                f"created at {last}, then at {created}",
            )
        last = created if created is not None else last
        if name in tunnels:
            yield from _summary(tunnels[name], item, walk.thing, now)
    following = (told.structure() or {}).get("nextToken")
    if isinstance(following, str) and following in walk.tokens:
        yield Mismatch(rules.ENDS, "a page token that leads on", "a page token that came before in this list")
    if following is None:
        yield from _complete(walk, seen, tunnels)


def _summary(tunnel: Tunnel, told: Mapping[str, Any], thing: str | None, now: float) -> Iterator[Mismatch]:
    if tunnel.status == "GONE":
        yield Mismatch(rules.DELETED, f"{tunnel.id} is not listed: it was deleted", "it is listed")
        return
    if thing is not None and tunnel.thing is not UNKNOWN and tunnel.thing != thing:
        yield Mismatch(rules.FILTER, f"tunnels to the thing {shown(thing)}", f"one to {shown(tunnel.thing)} as well")
    yield from status(tunnel, told.get("status"), now, rules.STATUS)
    yield from text(tunnel, told.get("description"), rules.TEXT)
    if told.get("tunnelArn", tunnel.arn) != tunnel.arn:
        yield Mismatch(rules.AGREES, f"tunnelArn is {tunnel.arn}", f"it is {shown(told['tunnelArn'])}")
    created = number(told.get("createdAt"))
    if created is not None and tunnel.created_at is not None and abs(created - tunnel.created_at) >= _PRECISION_S:
        yield Mismatch(rules.AGREES, f"createdAt is {tunnel.created_at}", f"it is {created}")


def _complete(walk: Walk, seen: set[str], tunnels: Mapping[str, Tunnel]) -> Iterator[Mismatch]:
    for name in sorted(walk.due - seen):
        tunnel = tunnels[name]
        if tunnel.status == "GONE":
            continue
        rule = rules.LISTED if tunnel.status == "OPEN" else rules.LISTED_CLOSED
        yield Mismatch(rule, f"the {tunnel.status} tunnel {name} is listed", "the list ends without it")


def after(walk: Walk, told: Told) -> str | None:
    """Note what a page told; the token of the next page, or None at the end."""
    for item in told.items("tunnelSummaries"):
        walk.told.add(str(item.get("tunnelId")))
        created = number(item.get("createdAt"))
        walk.last_created = created if created is not None else walk.last_created
    following = (told.structure() or {}).get("nextToken")
    if not isinstance(following, str) or not following or following in walk.tokens:
        return None
    walk.tokens.add(following)
    return following
