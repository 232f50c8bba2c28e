"""HTTP: the same call written otherwise, calls that follow another on its connection, and two calls in one segment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from tunnelspec.contract import Contract
from tunnelspec.exchange import RawRequest
from tunnelspec.runner.case import Case, Priority, RunFunction
from tunnelspec.runner.encode import smallest
from tunnelspec.runner.intermittent import intermittent_case
from tunnelspec.runner.pairs import Calls, in_one_segment, one_after_the_other, run_after_close, run_pair
from tunnelspec.runner.rewritten import run_live, run_rewritten
from tunnelspec.runner.single import request_case
from tunnelspec.strategies import http


def http_cases(contract: Contract) -> list[Case]:
    """One case per way of writing a call: `http/<Operation>/…`."""
    close, reading = http.after_close(contract), http.reading(contract)
    return [
        *(_case(contract, raw.name, raw, run_rewritten) for raw in http.cases(contract)),
        *(_in_parts(contract, reading) if reading is not None else ()),
        *(_pair(contract, pair, one_after_the_other) for pair in http.followed(contract)),
        *(_pair(contract, pair, one_after_the_other) for pair in http.after_refusals(contract)),
        *(_pair(contract, pair, in_one_segment) for pair in http.pipelined(contract)),
        _case(contract, close.name, close.second, partial(run_after_close, close)),
        *([intermittent_case(contract, reading)] if reading is not None else []),
    ]


def _in_parts(contract: Contract, operation: str) -> Iterator[Case]:
    """Calls about a live tunnel whose body must not be lost."""
    shown = http.written(http.plain(contract, operation))
    for name in http.IN_PARTS:
        yield _case(contract, name, shown[name], partial(run_live, smallest(contract, operation), name))


def _pair(contract: Contract, pair: http.RequestPair, calls: Calls) -> Case:
    shown = pair.first if pair.checks_first and pair.first.situation in contract.situations else pair.second
    return _case(contract, pair.name, shown, partial(run_pair, pair, calls))


def _case(contract: Contract, name: str, raw: RawRequest, run: RunFunction) -> Case:
    return replace(request_case(contract, "http", name, raw, "wire", Priority.PROTOCOL), run=run)
