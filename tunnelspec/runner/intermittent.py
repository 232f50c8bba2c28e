"""The case of responses that break off now and then. It runs last, on the responses to all other cases."""

from __future__ import annotations

from tunnelspec.checks import framing
from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, CaseKind, Evidence, Priority, Reproduces, Result, result
from tunnelspec.runner.encode import smallest
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import second_try
from tunnelspec.verdict import Axis, Finding, Kind, Level
from tunnelspec.wire_faults import WireFault

#: Where fewer requests were sent by then, the case sends the rest.
_FEWEST = 100
#: A network, too, may lose a connection once in a run.
_BY_CHANCE = 1


def intermittent_case(contract: Contract, operation: str) -> Case:
    """`http/<operation>/whole-responses`; the operation changes nothing."""
    return Case(
        id=f"http/{operation}/whole-responses",
        operation=operation,
        level="wire",
        requirement="Each response should arrive whole, and not only when its request is sent again.",
        cites=framing.RULES[WireFault.BODY_SHORT].cites,
        run=_run,
        area="http",
        kind=CaseKind.SCENARIO,
        priority=Priority.WHOLE_RUN,
    )


def _run(case: Case, session: Session) -> Result:
    request, budget = smallest(session.contract, case.operation), session.budget
    while session.traffic.sent < _FEWEST:
        exchange = session.send(request)
        if exchange.usable is None:
            second_try(session, exchange)
    first = budget.first_broken
    cause = framing.unusable(first) if first is not None and budget.broken > _BY_CHANCE else None
    if first is None or cause is None:
        return result(case, (), observed="none broke off and then arrived whole")
    rule, problem = cause
    # What lies between may have cut them, too.
    finding = Finding(
        "http/whole-responses",
        Level.SHOULD,
        Axis.SAFETY,
        Kind.NO_RESPONSE,
        rule.requirement,
        f"{rule.observed(problem)}; {budget.broken} responses broke, whose requests got whole ones when sent again",
        rule.cites,
    )
    return result(case, (Evidence(finding, first, reproduces=Reproduces.ONCE),), observed=finding.observation)
