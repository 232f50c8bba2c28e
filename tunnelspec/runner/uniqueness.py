"""Cases of what must be unique among all responses of a run. They run last, on the responses to all other cases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tunnelspec.contract import Contract
from tunnelspec.exchange import Request
from tunnelspec.printable import counted
from tunnelspec.runner.case import Case, CaseKind, Evidence, Priority, Reproduces, Result, result
from tunnelspec.runner.issued import Issue
from tunnelspec.runner.session import Session
from tunnelspec.verdict import Axis, Finding, Kind, Level, Outcome

#: Where the run has issued fewer values, the case opens resources of its own.
_FEWEST = 24
#: By kind: the case's last part, the level, the requirement and its sources.
_UNIQUE: dict[Issue, tuple[str, Level, str, tuple[str, ...]]] = {
    Issue.IDENTIFIER: (
        "unique-identifiers",
        Level.MUST,
        "each creation must return identifiers that no other creation of the run returned",
        ("api-reference",),
    ),
    Issue.SECRET: (
        "unique-access-tokens",
        Level.MUST,
        "no access token must be issued twice in a run",
        ("api-reference", "rotate-reference"),
    ),
    Issue.REQUEST_ID: (
        "unique-request-ids",
        Level.SHOULD,
        "no two responses of a run should have the same request id",
        ("json-recordings",),
    ),
}


def uniqueness_cases(contract: Contract, resource: str) -> list[Case]:
    """One case per kind of value, `identity/<operation>/unique-…`, which runs after all others."""
    operation = contract.resources[resource].create
    return [
        Case(
            id=f"identity/{operation}/{name}",
            operation=operation,
            level="behaviour",
            requirement=f"{requirement[0].upper()}{requirement[1:]}.",
            cites=cites,
            run=partial(_run, issue, contract.resources[resource].create_body),
            area="identity",
            kind=CaseKind.SCENARIO,
            priority=Priority.WHOLE_RUN,
        )
        for issue, (name, _, requirement, cites) in _UNIQUE.items()
    ]


def _run(issue: Issue, body: Mapping[str, object], case: Case, session: Session) -> Result:
    issued, before = session.budget.issued, session.traffic.sent
    exchange = issued.repeated.get(issue)
    while exchange is None and issued.counts[issue] < _FEWEST and session.traffic.sent < before + 2 * _FEWEST:
        session.send(Request(case.operation, body), fresh=True)
        exchange = issued.repeated.get(issue)
    if exchange is None:
        count = issued.counts[issue]
        if not count:
            return Result(case, Outcome.SKIPPED, reason=f"the target returned no {issue} in this run")
        return result(case, (), observed=f"{counted(count, 'value')}, each once")
    name, level, requirement, cites = _UNIQUE[issue]
    what = f"the {issue} of the response is that of an earlier response of the run"
    finding = Finding(f"identity/{name}", level, Axis.BEHAVIOUR, Kind.WRONG_VALUE, requirement, what, cites)
    reproduces = Reproduces.ALONE if _repeats_again(issue, session) else Reproduces.ONCE
    evidence = Evidence(finding, exchange, reproduces=reproduces)
    return result(case, (evidence,), observed=what)


def _repeats_again(issue: Issue, session: Session) -> bool:
    """Whether sending the request that showed it twice more, on fresh connections, shows it again."""
    exchange = session.budget.issued.repeated.pop(issue)
    for _ in range(2):
        session.resend(exchange)
    return issue in session.budget.issued.repeated
