"""How a tunnel is told by DescribeTunnel, and what opening and closing make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.contract.timestamps import plausible
from tunnelspec.model import rules
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import UNKNOWN, Tunnel, number, shown


def described(tunnel: Tunnel, told: Mapping[str, Any], default_timeout: int, now: float) -> Iterator[Mismatch]:
    """What is wrong with a description of a tunnel, its tags apart."""
    yield from identity(tunnel, told)
    yield from status(tunnel, told.get("status"), now, rules.CLOSED)
    for end in ("sourceConnectionState", "destinationConnectionState"):
        state = told.get(end)
        seen = state.get("status") if isinstance(state, Mapping) else None
        if seen not in (None, "DISCONNECTED"):
            yield Mismatch(rules.CONNECTION, f"{end} is DISCONNECTED", f"{end} is {shown(seen)}")
    yield from text(tunnel, told.get("description"), rules.DESCRIPTION)
    if tunnel.destination is not UNKNOWN and not _same_destination(tunnel.destination, told.get("destinationConfig")):
        yield Mismatch(
            rules.DESTINATION,
            f"destinationConfig is {shown(tunnel.destination)}",
            f"destinationConfig is {shown(told.get('destinationConfig'))}",
        )
    yield from _timeout(tunnel, told.get("timeoutConfig"), default_timeout)
    yield from _times(tunnel, told)


def identity(tunnel: Tunnel, told: Mapping[str, Any]) -> Iterator[Mismatch]:
    """The id and the ARN are the tunnel's."""
    for member, due in (("tunnelId", tunnel.id), ("tunnelArn", tunnel.arn)):
        if told.get(member, due) != due:
            yield Mismatch(rules.SAME, f"{member} is {due}", f"{member} is {shown(told[member])}")


def status(tunnel: Tunnel, told: Any, now: float, closed_rule: rules.Rule) -> Iterator[Mismatch]:
    """The status is due; around the end of its lifetime an open tunnel may be either."""
    if told == tunnel.status or told is None:
        return
    if tunnel.status == "OPEN" and now < tunnel.expires_at:
        rule = rules.OPEN if closed_rule is rules.CLOSED else closed_rule
        yield Mismatch(rule, "status is OPEN: nobody closed the tunnel", f"status is {shown(told)}")
    elif tunnel.status == "CLOSED":
        yield Mismatch(closed_rule, "status is CLOSED: the tunnel was closed", f"status is {shown(told)}")


def text(tunnel: Tunnel, told: Any, rule: rules.Rule) -> Iterator[Mismatch]:
    """The description is the same, code point for code point; none, null and empty are alike."""
    if (told or None) != tunnel.description:
        yield Mismatch(rule, f"description is {shown(tunnel.description)}", f"description is {shown(told)}")


def learn(tunnel: Tunnel, told: Mapping[str, Any], now: float) -> None:
    """Take over from an answer whatever the model could not know."""
    created, updated = number(told.get("createdAt")), number(told.get("lastUpdatedAt"))
    tunnel.created_at = created if tunnel.created_at is None else tunnel.created_at
    if updated is not None:
        tunnel.updated_at = max(updated, tunnel.updated_at or updated)
    if told.get("status") == "CLOSED" and tunnel.status == "OPEN" and now >= tunnel.expires_at:
        tunnel.status = "CLOSED"
    if tunnel.destination is UNKNOWN and "sourceConnectionState" in told:
        destination = told.get("destinationConfig")
        tunnel.destination = destination if isinstance(destination, Mapping) else None


def _same_destination(due: Mapping[str, Any] | None, told: Any) -> bool:
    if due is None or not isinstance(told, Mapping):
        return due is None and not told
    services = told.get("services")
    # Whether a service may be named twice, and in which order they are told, is nowhere said.
    same_services = isinstance(services, list) and {str(s) for s in services} == {*due["services"]}
    return same_services and (told.get("thingName") or None) == due.get("thingName")


def _timeout(tunnel: Tunnel, told: Any, default: int) -> Iterator[Mismatch]:
    minutes = told.get("maxLifetimeTimeoutMinutes") if isinstance(told, Mapping) else None
    if tunnel.timeout is not None:
        if minutes != tunnel.timeout:
            yield Mismatch(rules.TIMEOUT, f"the lifetime is {tunnel.timeout}", f"it is {shown(minutes)}")
    elif minutes not in (None, default):
        # Whether a default is told at all is open; another number is not.
        yield Mismatch(rules.DEFAULT, f"the lifetime is {default} or not told", f"it is {shown(minutes)}")


def _times(tunnel: Tunnel, told: Mapping[str, Any]) -> Iterator[Mismatch]:
    created, updated = number(told.get("createdAt")), number(told.get("lastUpdatedAt"))
    for member, value in (("createdAt", created), ("lastUpdatedAt", updated)):
        if value is not None and not plausible("epoch-seconds", value):
            yield Mismatch(rules.SECONDS, f"{member} is in seconds", f"{member} is {value}")
            return
    if created is not None and tunnel.created_at is not None and created != tunnel.created_at:
        yield Mismatch(rules.CREATED, f"createdAt is {tunnel.created_at}", f"createdAt is {created}")
    if created is not None and updated is not None and updated < created:
        yield Mismatch(rules.ORDERED, f"lastUpdatedAt is {created} or later", f"lastUpdatedAt is {updated}")
    if updated is not None and tunnel.updated_at is not None and updated < tunnel.updated_at:
        yield Mismatch(rules.UPDATED, f"lastUpdatedAt is {tunnel.updated_at} or later", f"lastUpdatedAt is {updated}")
