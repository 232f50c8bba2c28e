"""The calls that reproduce a finding: what must be set up for it, the calls before it, and the one that shows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Resource
from tunnelspec.edits import EDITS
from tunnelspec.exchange import Exchange, Live, RawRequest, Request
from tunnelspec.record.wire import manner
from tunnelspec.runner.case import Evidence
from tunnelspec.runner.encode import lives

#: A row of one byte that is longer than this is written by a loop.
LONGEST_ROW = 2000


@dataclass(frozen=True, slots=True)
class CallToSend:
    """One call. `sent` are its bytes; a `request` with placeholders is sent with what earlier calls returned.

    `returns` is the name that later calls, and the clean-up, use for its response; `deletes` is set where it may
    have created a resource.
    """

    sent: RawRequest
    request: Request | None
    returns: str = ""
    deletes: Resource | None = None

    @property
    def uses(self) -> list[str]:
        """The names of earlier responses in its body."""
        return sorted(lives(self.request.body)) if self.request else []


def steps(evidence: Evidence, contract: Contract) -> list[CallToSend]:
    """The calls that show a finding, in their order."""
    calls = [_step(exchange, contract) for exchange in (*evidence.before, evidence.exchange)]
    known = {step.returns for step in calls}
    wanted = dict.fromkeys(name for step in calls for name in step.uses if name not in known)
    first = [_set_up(contract, contract.resources[name]) for name in wanted if name in contract.resources]
    return [*first, *(_named(step, number) for number, step in enumerate(calls, 1))]


def _step(exchange: Exchange, contract: Contract) -> CallToSend:
    request = exchange.request if isinstance(exchange.request, Request) else None
    deletes = contract.created_by(exchange.sent.operation) if exchange.sent.operation else None
    return CallToSend(exchange.sent, request, request.returns if request else "", deletes)


def _set_up(contract: Contract, resource: Resource) -> CallToSend:
    request = Request(resource.create, resource.create_body, returns=resource.name)
    body = json.dumps(resource.create_body, separators=(",", ":")).encode()
    return CallToSend(
        RawRequest(body, resource.create, contract.headers(resource.create)), request, resource.name, resource
    )


def _named(step: CallToSend, number: int) -> CallToSend:
    """The step with a name, where something must be deleted after it."""
    if step.returns or step.deletes is None:
        return step
    return CallToSend(step.sent, step.request, f"response{number}", step.deletes)


def deletion(step: CallToSend) -> Mapping[str, object]:
    """The body that deletes what a step created, with placeholders for what it returned."""
    assert step.deletes is not None
    resource = step.deletes
    return {
        key: Live(step.returns, resource.identifiers[value["$member"]]) if isinstance(value, Mapping) else value
        for key, value in resource.delete_body.items()
    }


def long_row(body: bytes) -> tuple[int, int] | None:
    """Where a row of one byte that is longer than LONGEST_ROW begins and ends, with nothing but it between."""
    middle = body[len(body) // 2 : len(body) // 2 + 1] * LONGEST_ROW
    start, end = body.find(middle), body.rfind(middle) + LONGEST_ROW
    return (start, end) if middle and start >= 0 and body[start:end] == middle[:1] * (end - start) else None


def line(request: Request) -> str:
    """A call in one line, by the names of what earlier calls returned: `t1 = Operation {}`."""
    name = f"{request.returns} = " if request.returns else ""
    return f"{name}{request.operation} {written(request.body, _words)}"


def described(exchange: Exchange) -> str:
    """The call of an exchange in one line."""
    if isinstance(exchange.request, Request):
        return line(exchange.request)
    sent = exchange.sent
    return f"{sent.operation or sent.method} {manner(sent)}{sent.body[:200].decode('utf-8', 'backslashreplace')}"


def _words(live: Live) -> str:
    return f"{live.resource}.{live.member}{f' {EDITS[live.edit].words}' if live.edit else ''}"


def written(value: object, live: Callable[[Live], str], scalar: Callable[[object], str] = json.dumps) -> str:
    """A body as JSON, or in a language that writes it alike, with an expression for each placeholder."""
    if isinstance(value, Live):
        return live(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {written(inner, live, scalar)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(written(inner, live, scalar) for inner in value) + "]"
    return scalar(value)


def not_reproducing(evidence: Evidence) -> str:
    """Why these calls alone may not show the finding again, or nothing."""
    return {
        "beside": "Calls of other clients ran beside these when it was observed: these alone may not show it.",
        "once": "It was observed once; the same calls did not show it again.",
    }.get(evidence.reproduces.value, "")
