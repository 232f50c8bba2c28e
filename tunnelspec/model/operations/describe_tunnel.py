"""DescribeTunnel returns a tunnel as it was opened, with its status and times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tunnelspec.contract.timestamps import plausible
from tunnelspec.model import rules, tags
from tunnelspec.model.lifecycle import Status
from tunnelspec.model.members import Members, number, shown, structure, structures, text, texts
from tunnelspec.model.operation import TunnelOperation
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import UNKNOWN, State, Tunnel
from tunnelspec.model.summary import check_description, check_status
from tunnelspec.model.times import precedes


class DescribeTunnel(TunnelOperation):
    """A read; a closed tunnel is described until it is deleted."""

    reads = True

    def acceptance(self, state: State, body: Mapping[str, object]) -> rules.Rule:
        """Retention is a rule of its own."""
        tunnel = state.find(body)
        return rules.KEPT if tunnel is not None and tunnel.status is Status.CLOSED else rules.ACCEPTED

    def shows_another(self, state: State, output: Members) -> bool:
        """By its id and its ARN."""
        members = structure(output, "tunnel")
        known = {value for tunnel in state.tunnels.values() for value in (tunnel.id, tunnel.arn)}
        return known.isdisjoint(text(members, name) or "" for name in ("tunnelId", "tunnelArn")) and bool(members)

    def check_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, object], output: Members, now: float
    ) -> Iterator[Mismatch]:
        """Every member that is returned."""
        members = structure(output, "tunnel")
        for name, value in (("tunnelId", tunnel.id), ("tunnelArn", tunnel.arn)):
            if members.get(name, value) != value:
                yield Mismatch(rules.SAME, f"{name} must be {value}", f"{name} is {shown(members[name])}")
        yield from check_status(tunnel, members, now, rules.OPEN, rules.CLOSED)
        for name in ("sourceConnectionState", "destinationConnectionState"):
            status = structure(members, name).get("status")
            if status is None and members:
                yield Mismatch(rules.DOCUMENTED, f"{name} should have a status", "it has none")
            elif status not in (None, "DISCONNECTED"):
                yield Mismatch(rules.CONNECTION, f"{name} must be DISCONNECTED", f"its status is {shown(status)}")
        yield from check_description(tunnel, members, rules.DESCRIPTION)
        yield from _check_destination(tunnel, members)
        yield from _check_lifetime(tunnel, members, state.default_minutes)
        yield from _check_times(tunnel, members)
        yield from _check_tags(tunnel, members)

    def update_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, object], output: Members, now: float
    ) -> None:
        """Read what the model cannot know otherwise."""
        members = structure(output, "tunnel")
        created, updated = number(members, "createdAt"), number(members, "lastUpdatedAt")
        tunnel.created_at = created if tunnel.created_at is None else tunnel.created_at
        if updated is not None:
            tunnel.updated_at = max(updated, tunnel.updated_at or updated)
        if members.get("status") == Status.CLOSED and now >= tunnel.expires_at:
            tunnel.status = Status.CLOSED
        if tunnel.destination is UNKNOWN and members:
            returned = structure(members, "destinationConfig")
            tunnel.destination = {"services": texts(returned, "services"), "thingName": text(returned, "thingName")}


def _check_destination(tunnel: Tunnel, members: Members) -> Iterator[Mismatch]:
    if tunnel.destination is UNKNOWN:
        return
    due, returned = tunnel.destination or {}, structure(members, "destinationConfig")
    given, services = list(due.get("services", ())), texts(returned, "services")
    if set(given) == set(services) and given != services:
        # That lists keep their order is Smithy's rule for values, not this service's for what it stores.
        yield Mismatch(rules.ORDER, f"services should be {shown(given)}", f"services are {shown(services)}")
    if set(given) != set(services) or (returned.get("thingName") or None) != due.get("thingName"):
        requirement = f"destinationConfig must be {shown(tunnel.destination)}"
        observation = f"destinationConfig is {shown(members.get('destinationConfig'))}"
        yield Mismatch(rules.DESTINATION, requirement, observation)


def _check_lifetime(tunnel: Tunnel, members: Members, default: int) -> Iterator[Mismatch]:
    minutes = structure(members, "timeoutConfig").get("maxLifetimeTimeoutMinutes")
    observation = f"maxLifetimeTimeoutMinutes is {shown(minutes)}"
    if tunnel.timeout_minutes is not None:
        if minutes != tunnel.timeout_minutes:
            requirement = f"maxLifetimeTimeoutMinutes must be {tunnel.timeout_minutes}"
            yield Mismatch(rules.TIMEOUT, requirement, observation)
    elif minutes not in (None, default):
        # Whether a default is returned is unspecified.
        yield Mismatch(rules.DEFAULT, f"maxLifetimeTimeoutMinutes must be {default} or absent", observation)


def _check_times(tunnel: Tunnel, members: Members) -> Iterator[Mismatch]:
    created, updated = number(members, "createdAt"), number(members, "lastUpdatedAt")
    for name, value in (("createdAt", created), ("lastUpdatedAt", updated)):
        if value is not None and not plausible("epoch-seconds", value):
            yield Mismatch(rules.SECONDS, f"{name} must be in seconds", f"{name} is {value}")
            return
    if created is not None and tunnel.created_at not in (None, created):
        yield Mismatch(rules.CREATED, f"createdAt must be {tunnel.created_at}", f"createdAt is {created}")
    if created is not None and updated is not None and precedes(updated, created):
        yield Mismatch(rules.ORDERED, f"lastUpdatedAt must not precede {created}", f"lastUpdatedAt is {updated}")
    if updated is not None and tunnel.updated_at is not None and updated < tunnel.updated_at:
        requirement = f"lastUpdatedAt must not precede {tunnel.updated_at}"
        yield Mismatch(rules.UPDATED, requirement, f"lastUpdatedAt is {updated}")


def _check_tags(tunnel: Tunnel, members: Members) -> Iterator[Mismatch]:
    if not tunnel.tags_known or not isinstance(members.get("tags"), list):
        return
    returned = tags.values(structures(members, "tags"))
    if returned != tunnel.tags:
        yield Mismatch(rules.BOTH, f"tags should be {shown(tunnel.tags)}", f"tags are {shown(returned)}")
