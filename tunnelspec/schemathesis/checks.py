"""This suite's checks as Schemathesis' checks, and the removal of its own where they do not fit this API.

Schemathesis' checks decide by status alone and by what its generators meant. On an API whose response is 400 to
whatever is refused, a correct server fails them: a valid call that names no tunnel is "schema-valid and
rejected", a null that AWS JSON reads as absent is "schema-violating and accepted". What they ask, the checks
registered here ask of the request as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import schemathesis
from schemathesis.core.failures import Failure, FailureGroup, ResponseTimeExceeded, Severity

from tunnelspec.checks import CHECKS
from tunnelspec.schemathesis.calls import findings_of, operation_of, session_of
from tunnelspec.schemathesis.document import CONTRACT, Case
from tunnelspec.verdict import Axis, Finding, Level


class ContractBroken(Failure):
    """A MUST of the contract is broken."""

    code = "ST901"
    kind_title = "Contract broken"
    __slots__ = ("finding",)

    def __init__(self, operation: str, case_id: str, finding: Finding, message: str) -> None:
        super().__init__(
            operation=operation,
            title=f"{finding.rule}: {finding.constraint or operation}",
            message=message,
            case_id=case_id,
            severity=Severity.CRITICAL if finding.axis is Axis.SAFETY else Severity.HIGH,
        )
        self.finding = finding

    @property
    def _unique_key(self) -> str:
        return "|".join(self.finding.identity)


def _check(name: str) -> Callable[..., bool | None]:
    def check(_: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> bool | None:
        operation = operation_of(case)
        if operation is None:
            return True  # another document: nothing was checked
        broken = [
            ContractBroken(operation, case.id, found, session_of(case).redacted(_sentences(found)))
            for found in findings_of(case)
            # A warning has no place among Schemathesis' outcomes, and a broken SHOULD is no failure.
            if found.rule == name and found.level is Level.MUST
        ]
        if broken:
            raise FailureGroup(broken)
        return None

    check.__name__ = check.__qualname__ = "tunnelspec_" + re.sub(r"\W", "_", name)
    check.__doc__ = CHECKS[name].sentence
    return check


def _sentences(finding: Finding) -> str:
    """What was expected, what came, and where to read that it is wrong."""
    lines = [f"expected: {finding.requirement}", f"observed: {finding.observation}"]
    sources = CONTRACT.cited(finding.cites)
    return "\n".join([*lines, *(f"source:   {source.title}, {source.url}" for source in sources)])


#: The names under which `--checks` and `--exclude-checks` know them.
NAMES = tuple(schemathesis.check(_check(name)).__name__ for name in CHECKS)


@schemathesis.hook
def filter_failure(_: schemathesis.HookContext, failure: Failure, case: Case, response: schemathesis.Response) -> bool:
    """Of cases of our document, keep our failures, those of the owner's own checks, and slow responses."""
    if operation_of(case) is None or isinstance(failure, ContractBroken | ResponseTimeExceeded):
        return True
    return not failure.checks
