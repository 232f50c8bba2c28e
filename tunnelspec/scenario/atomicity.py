"""A rejected call changes nothing (RFC 9110, 15). Rejected calls are sent in batches; if what the target shows differs
after a batch, halves of it are sent on fresh tunnels until one call is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.model import Mismatch
from tunnelspec.model.members import number, shown, structure, structures, text
from tunnelspec.model.rules import UNCHANGED
from tunnelspec.runner.case import Evidence, Reproduces
from tunnelspec.runner.errors import SetupFailed
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.runner import NotApplicable, RejectionAllowed, finding_of
from tunnelspec.strict_json import Json

Calls: TypeAlias = Sequence[Request | RawRequest]
#: How long the response of another client's OpenTunnel may be on its way, in seconds.
_IN_FLIGHT_S = 0.2
#: How often what is left of a batch is sent again if a part of it was accepted.
_MOST_REPEATS = 3
#: Others who open something in every second call, the worst for this, pass for a change once in some thousand runs.
_TURNS = 8
#: What may change by itself.
_TIMES = ("lastUpdatedAt", "createdAt")


@dataclass(frozen=True, slots=True)
class Trial:
    """A batch that was sent: the calls that were rejected, whether all were, and the first sign of a change."""

    rejected: Calls
    clean: bool
    change: Evidence | None


#: Sends a batch on resources of its own.
Try: TypeAlias = Callable[[Calls], Trial]


def require_unchanged(client: ScenarioClient, attempt: Try, calls: Calls, *, shared: bool = False) -> None:
    """Keep what shows that one of the rejected calls changed something, with that call alone where it can be found.

    `shared`: others may cause the same sign, which then counts only where this call shows it each time and no call
    never does. Raises SetupFailed where the target does not always accept or reject a call, and NotApplicable where it
    rejects none.
    """
    change = _change(attempt, calls, shared=shared)
    client.confirmed += [change] if change is not None else []


def _change(attempt: Try, calls: Calls, *, shared: bool) -> Evidence | None:
    trial = attempt(calls)
    for _ in range(_MOST_REPEATS):
        if trial.clean:
            break
        # Calls that were accepted may change what they like.
        trial = attempt(trial.rejected)
    if not trial.clean:
        raise SetupFailed("the target accepts some of these calls, but not each time")
    if not trial.rejected:
        raise NotApplicable("the target rejects none of these calls")
    if trial.change is None:
        return None
    left, change = trial.rejected, trial.change
    while len(left) > 1:
        halves = (left[: len(left) // 2], left[len(left) // 2 :])
        culprit = next(((half, shows) for half in halves if (shows := attempt(half).change) is not None), None)
        if culprit is None:
            return None if shared else replace(change, reproduces=Reproduces.ONCE)
        left, change = culprit
    confirmed = attempt(left).change
    if shared and (confirmed is None or not _only_then(attempt, left)):
        return None
    return confirmed or replace(change, reproduces=Reproduces.ONCE)


def _only_then(attempt: Try, calls: Calls) -> bool:
    """Whether these calls show a change each time, and no call never does, by turns."""
    return all(attempt(()).change is None and attempt(calls).change is not None for _ in range(_TURNS))


def try_on_tunnel(client: ScenarioClient, opening: Mapping[str, object]) -> Try:
    """Batches of calls on `t1`, a tunnel that is opened for each batch."""

    def attempt(calls: Calls) -> Trial:
        own = _opened(client, opening)
        try:
            opened, before = own.calls[0].exchange, _look(own)
            rejected, exchanges = _send(own, calls)
            client.apart += own.apart
            for (_, was), (exchange, now) in zip(before, _look(own), strict=True):
                name = next((name for name in {**was, **now} if now.get(name) != was.get(name)), None)
                if name is not None:
                    observation = f"{name} is {now[name]}" if name in now else f"there is no {name}"
                    mismatch = Mismatch(UNCHANGED, f"{name} must still be {was.get(name)}", observation)
                    change = Evidence(finding_of(mismatch), exchange, (opened, *exchanges))
                    return Trial(rejected, len(rejected) == len(calls), change)
            return Trial(rejected, len(rejected) == len(calls), None)
        finally:
            own.close()

    return attempt


def _opened(client: ScenarioClient, opening: Mapping[str, object]) -> ScenarioClient:
    """A client with the tunnel `t1`, which is for a thing unless the target requires that things exist."""
    own = client.sibling()
    try:
        own.open(destinationConfig={"thingName": own.thing, "services": ["SSH"]}, **opening)
    except RejectionAllowed:
        own.close()
        own = client.sibling()
        own.open(destinationConfig={"services": ["SSH"]}, **opening)
    return own


def try_opening(client: ScenarioClient, mark: str) -> Try:
    """Batches of calls of OpenTunnel. The newest tunnels are looked at, as many as a page holds.

    A new tunnel shows a change if it has the description `mark`. Others may have opened one that has not: it counts in
    a run of one process, where none of its clients was given it.
    """
    size = client.number("ListTunnels", "maxResults")

    def attempt(calls: Calls) -> Trial:
        own = client.sibling()
        try:
            before, _ = _newest(own, size)
            rejected, exchanges = _send(own, calls)
            client.apart += own.apart
            after, shows = _newest(own, size)
            newest = max((created for created, _ in before.values()), default=0.0)
            descriptions = {
                name: text for name, (created, text) in after.items() if name not in before and created >= newest
            }
            new = [name for name, text in descriptions.items() if text == mark or own.session.context.alone]
            if new:
                # Other clients of the run open tunnels as well.
                own.sleep(_IN_FLIGHT_S)
            new = [name for name in new if not own.session.budget.issued.has_identifier(name)]
            change = None
            if new:
                mismatch = Mismatch(UNCHANGED, "ListTunnels must hold no new tunnel", f"it holds {shown(new[0])}")
                # Malformed calls are no steps of a script: the request that did it stands for itself.
                alone = exchanges[0] if len(calls) == 1 and isinstance(calls[0], RawRequest) else None
                before_it = tuple(step for step in exchanges if isinstance(step.request, Request))
                change = Evidence(finding_of(mismatch), alone or shows, () if alone else before_it)
            return Trial(rejected, len(rejected) == len(calls), change)
        finally:
            own.close()

    return attempt


def _send(client: ScenarioClient, calls: Calls) -> tuple[Calls, list[Exchange]]:
    """Send a batch: the calls that were rejected, and their exchanges. An accepted one is a finding of the client."""
    rejected: list[Request | RawRequest] = []
    exchanges = []
    for call in calls:
        session = client.session
        exchange = session.send_raw(call) if isinstance(call, RawRequest) else session.step(call, client.names)
        if exchange.usable is not None and exchange.usable.rejected:
            rejected.append(call)
            exchanges.append(exchange)
        elif isinstance(call, Request):
            client.note_apart(exchange)
    return rejected, exchanges


def _look(client: ScenarioClient) -> list[tuple[Exchange, dict[str, str]]]:
    """What DescribeTunnel and ListTagsForResource show of `t1`, but for times, and with tags in order."""
    client.describe("t1")
    client.list_tags("t1")
    described, tagged = client.calls[-2:]
    members = structure(described.response.members, "tunnel")
    state = {name: shown(_without_times(value)) for name, value in members.items() if name not in (*_TIMES, "tags")}
    tags = {"tags": ", ".join(sorted(map(shown, structures(tagged.response.members, "tags"))))}
    return [
        (described.exchange, {"the outcome of DescribeTunnel": described.response.summary, **state}),
        (tagged.exchange, {"the outcome of ListTagsForResource": tagged.response.summary, **tags}),
    ]


def _without_times(value: Json) -> Json:
    return {key: inner for key, inner in value.items() if key not in _TIMES} if isinstance(value, dict) else value


def _newest(client: ScenarioClient, size: int) -> tuple[dict[str, tuple[float, str | None]], Exchange]:
    """When the newest tunnels were created and their descriptions, by their ids, and the exchange that shows them."""
    client.page(size=size)
    call = client.calls[-1]
    if not call.response.accepted:
        raise SetupFailed(f"ListTunnels was rejected: {call.response.summary}")
    summaries = structures(call.response.members, "tunnelSummaries")
    newest = {
        text(one, "tunnelId") or "": (number(one, "createdAt") or 0.0, text(one, "description")) for one in summaries
    }
    return newest, call.exchange
