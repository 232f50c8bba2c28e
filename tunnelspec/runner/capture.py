"""Tests a target and keeps the requests and responses of each case, to compare it with another target.

Cases run one after the other by one session, so that each exchange belongs to one case.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange
from tunnelspec.model import READS
from tunnelspec.plain_data import mapped
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.executor import OnResult, Run, run_cases
from tunnelspec.runner.normalise import Normaliser, without_repeats
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session

#: Exchanges kept for one case: what follows the first difference is not compared anyhow.
MOST_CALLS = 2000


@dataclass(frozen=True)
class CapturedRun:
    """A finished run, and by the name of each case its calls; None where clients worked at the same time,
    whose calls have no order."""

    run: Run
    calls: dict[str, list[dict[str, object]] | None]

    def plain(self, redact: Callable[[str], str]) -> list[dict[str, object]]:
        """Every case as plain data, without secrets."""
        return [self._case(item, redact) for item in self.run.results]

    def _case(self, item: Result, redact: Callable[[str], str]) -> dict[str, object]:
        case = item.case
        plain = {
            "id": case.id,
            "operation": case.operation,
            "area": case.area,
            "outcome": item.outcome.value,
            "reason": item.reason,
            "findings": [
                {"check": f.rule, "constraint": f.constraint, "expected": f.requirement, "observed": f.observation}
                for f in (seen.finding for seen in item.evidence)
            ],
            "calls": self.calls.get(case.id),
        }
        redacted = mapped(plain, lambda value: redact(value) if isinstance(value, str) else value, redact)
        return cast(dict[str, object], redacted)


def capture(
    contract: Contract,
    cases: Sequence[Case],
    make_session: Callable[[], Session],
    on_result: OnResult = lambda result: None,
) -> CapturedRun:
    """Run the cases in their order and keep their calls. Never raises for what the target does."""
    calls: dict[str, list[dict[str, object]] | None] = {}
    run = run_cases(
        contract,
        [_noting(case, calls) for case in cases],
        make_session,
        probes=[_noting(case, calls) for case in presence_cases(contract)],
        on_result=on_result,
    )
    return CapturedRun(run, calls)


def _noting(case: Case, calls: dict[str, list[dict[str, object]] | None]) -> Case:
    """The case, recording its calls under its name while it runs."""

    def run(noted: Case, session: Session) -> Result:
        normaliser, notes, here = Normaliser(session.contract), list[dict[str, object]](), threading.get_ident()
        together = False

        def note(exchange: Exchange) -> None:
            nonlocal together
            if threading.get_ident() != here:
                together = True
            elif len(notes) < MOST_CALLS and not together:
                notes.append(normaliser.note(exchange))

        session.on_exchange = note
        # Each case shows its own calls, also those that another case has made.
        session.clean.clear()
        try:
            return case.run(noted, session)
        finally:
            session.on_exchange = lambda exchange: None
            calls[case.id] = None if together else list(without_repeats(notes, READS))

    return replace(case, run=run)
