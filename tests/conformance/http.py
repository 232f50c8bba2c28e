"""HTTP: the same call written as RFC 9110 and 9112 allow, and connections that serve more than one request."""

from __future__ import annotations

from functools import partial

from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case, Priority, RunFunction
from tunnelspec.runner.same_connection import run_followed, run_pipelined
from tunnelspec.runner.single import run_exchange
from tunnelspec.strategies import http


def http_cases(contract: Contract) -> list[Case]:
    """One case per request of `strategies/http.py`: `http/<Operation>/…`."""
    return [_case(contract, varied) for varied in http.cases(contract)]


def _case(contract: Contract, varied: http.HttpCase) -> Case:
    is_rejected = varied.name.startswith("after-")
    row = contract.situations["http-next" if is_rejected else varied.request.situation]
    return Case(
        id=f"http/{varied.request.operation}/{varied.name}",
        operation=str(varied.request.operation),
        level="wire",
        requirement=row.requirement,
        cites=row.cites,
        run=_run(varied),
        request=varied.request,
        area="http",
        priority=Priority.PROTOCOL,
    )


def _run(varied: http.HttpCase) -> RunFunction:
    if varied.follow_up is None:
        return run_exchange
    return partial(run_pipelined if varied.pipelined else run_followed, follow_up=varied.follow_up)
