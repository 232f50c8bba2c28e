"""One case on one session: whatever happens becomes its result, for the command line and for pytest alike."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from dataclasses import replace

from tunnelspec.checks import framing
from tunnelspec.runner.case import Case, Evidence, Result, result
from tunnelspec.runner.errors import NotSent, TargetLost
from tunnelspec.runner.session import Session
from tunnelspec.runner.unusable import describe, no_response
from tunnelspec.verdict import Outcome


def run_case(case: Case, session: Session, missing: Mapping[str, str]) -> Result:
    """Run a case, unless the mode or the operations that the target lacks (`missing`) rule it out. Never raises.

    `Result.ends_run` says why no other case can be tested, `Result.error` holds the traceback of a failure of
    our own, which says nothing about the target.
    """
    refusal = case.refusal(session.contract, session.budget.mode)
    reason = str(refusal) if refusal is not None else case.unimplemented(missing)
    if reason is not None:
        return Result(case, Outcome.SKIPPED, reason=reason)
    before, started = session.traffic.sent, time.monotonic()
    try:
        outcome = case.run(case, session)
    except NotSent as problem:
        ends_run = str(problem) if problem.ends_run else ""
        allowed = problem.rejection_allowed
        outcome = Result(case, problem.outcome, reason=str(problem), ends_run=ends_run, rejection_allowed=allowed)
        if isinstance(problem, TargetLost) and framing.is_broken(problem.exchange):
            evidence = Evidence(no_response(problem.exchange), problem.exchange)
            outcome = replace(result(case, (evidence,), observed=describe(problem.exchange)), ends_run=ends_run)
    except Exception as problem:
        reason = f"tunnelspec itself failed here ({type(problem).__name__})"
        outcome = Result(case, Outcome.INCONCLUSIVE, reason=reason, error=traceback.format_exc())
    return replace(outcome, requests=session.traffic.sent - before, duration_s=time.monotonic() - started).light()
