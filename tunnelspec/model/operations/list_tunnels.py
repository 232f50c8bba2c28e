"""ListTunnels returns summaries, newest tunnels first, page by page, all or those of one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.lifecycle import Expectation, Status
from tunnelspec.model.members import Members, number, shown, structures, text
from tunnelspec.model.operation import OperationModel
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import UNKNOWN, State, Tunnel, Walk
from tunnelspec.model.summary import check_description, check_status
from tunnelspec.model.times import differ, precedes


class ListTunnels(OperationModel):
    """A read. Summaries of tunnels that others opened are not checked."""

    reads = True

    def expected(self, state: State, body: Mapping[str, Any]) -> Expectation:
        """A page token that the target issued must be accepted with the same filter and page size; AWS's sources do
        not say what becomes of any other."""
        token = body.get("nextToken")
        walk = state.walks.get(token) if token is not None else None
        expectation = super().expected(state, {**body, "nextToken": None} if walk is not None else body)
        if token is None or expectation is Expectation.REJECT:
            return expectation
        return Expectation.ACCEPT if state.continued(body) is not None else Expectation.EITHER

    def acceptance(self, state: State, body: Mapping[str, object]) -> rules.Rule:
        """Rejecting an issued page token violates a rule of its own."""
        return rules.ACCEPTED if body.get("nextToken") is None else rules.ISSUED

    def check_output(self, state: State, body: Mapping[str, Any], output: Members, now: float) -> Iterator[Mismatch]:
        """The page, and on the last one the whole list."""
        walk, summaries, size = state.walk(body), structures(output, "tunnelSummaries"), body.get("maxResults")
        if size is not None and len(summaries) > size:
            yield Mismatch(rules.SIZE, f"a page must hold at most {size} tunnels", f"it holds {len(summaries)}")
        yield from _check_repeats(walk, summaries, state)
        yield from _check_order(walk, summaries, state)
        for summary in summaries:
            tunnel = state.tunnels.get(text(summary, "tunnelId") or "")
            if tunnel is not None:
                yield from _check_summary(tunnel, summary, walk, now)
        token = text(output, "nextToken")
        if token is None:
            listed = walk.listed.union(text(summary, "tunnelId") or "" for summary in summaries)
            yield from _check_complete(walk, listed, state)
        elif token in walk.tokens:
            requirement = "nextToken must differ from those of the pages before"
            yield Mismatch(rules.ENDS, requirement, "it is the same as that of an earlier page")

    def update(self, state: State, body: Mapping[str, object], output: Members, now: float) -> None:
        """Note what the list has held by the token that continues it."""
        walk, summaries, token = state.walk(body), structures(output, "tunnelSummaries"), text(output, "nextToken")
        if token is not None:
            created = [time for summary in summaries if (time := number(summary, "createdAt")) is not None]
            state.walks[token] = replace(
                walk,
                listed=walk.listed.union(text(summary, "tunnelId") or "" for summary in summaries),
                tokens=walk.tokens | {token},
                last_created=created[-1] if created else walk.last_created,
            )


def _check_repeats(walk: Walk, summaries: list[Members], state: State) -> Iterator[Mismatch]:
    """A tunnel may come twice if it changes meanwhile, and others may change theirs."""
    listed = set(walk.listed)
    for summary in summaries:
        name = text(summary, "tunnelId") or ""
        tunnel = state.tunnels.get(name)
        if name in listed and tunnel is not None and walk.is_steady(tunnel):
            yield Mismatch(rules.DISJOINT, f"the list must hold {name} once", "it holds the tunnel twice")
        listed.add(name)


def _check_order(walk: Walk, summaries: list[Members], state: State) -> Iterator[Mismatch]:
    last = walk.last_created
    for summary in summaries:
        created, tunnel = number(summary, "createdAt"), state.tunnels.get(text(summary, "tunnelId") or "")
        if created is None or (tunnel is not None and not walk.is_steady(tunnel)):
            continue
        if last is not None and created > last:
            requirement = "a tunnel must not be newer than the one before it"
            yield Mismatch(rules.NEWEST, requirement, f"createdAt is {last}, then {created}")
        last = created


def _check_summary(tunnel: Tunnel, summary: Members, walk: Walk, now: float) -> Iterator[Mismatch]:
    steady, thing = walk.is_steady(tunnel), walk.thing
    if tunnel.status is Status.DELETED:
        if steady:
            yield Mismatch(rules.DELETED, f"the list must not hold {tunnel.id}: it was deleted", "the list holds it")
        return
    if thing is not None and tunnel.thing is not UNKNOWN and tunnel.thing != thing:
        requirement = f"the list must hold only tunnels of the thing {shown(thing)}"
        yield Mismatch(rules.FILTER, requirement, f"it holds one whose thing is {shown(tunnel.thing)}")
    if steady:
        yield from check_status(tunnel, summary, now, rules.STATUS, rules.STATUS)
    if summary.get("description") is not None:
        yield from check_description(tunnel, summary, rules.TEXT)
    arn = summary.get("tunnelArn")
    if arn not in (None, tunnel.arn):
        yield Mismatch(rules.AGREES, f"tunnelArn must be {tunnel.arn}", f"tunnelArn is {shown(arn)}")
    created, updated = number(summary, "createdAt"), number(summary, "lastUpdatedAt")
    if created is not None and updated is not None and precedes(updated, created):
        yield Mismatch(rules.ORDERED, f"lastUpdatedAt must not precede {created}", f"lastUpdatedAt is {updated}")
    if created is not None and tunnel.created_at is not None and differ(created, tunnel.created_at):
        yield Mismatch(rules.AGREES, f"createdAt must be {tunnel.created_at}", f"createdAt is {created}")


def _check_complete(walk: Walk, listed: frozenset[str], state: State) -> Iterator[Mismatch]:
    for name in sorted(walk.due - listed):
        tunnel, status = state.tunnels[name], state.tunnels[name].status
        if status is not Status.DELETED and walk.is_steady(tunnel):
            rule = rules.LISTED if status is Status.OPEN else rules.LISTED_CLOSED
            yield Mismatch(rule, f"the list must hold the {status} tunnel {name}", "the list ends without it")
