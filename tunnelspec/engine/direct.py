"""Judges an emulator in this process, without a network between: the same cases, much faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tunnelspec.contract import Contract
from tunnelspec.emulator import Call, Emulator
from tunnelspec.engine.case import Case
from tunnelspec.engine.probe import probe_cases
from tunnelspec.engine.run import OnResult, Run, run_cases
from tunnelspec.engine.session import Session
from tunnelspec.exchange import Exchange, RawRequest, Response


class DirectSender:
    """Hands requests to an emulator; throttled ones are asked again, as the client does."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        headers = {name.lower(): value for name, value in raw.headers}
        for _ in range(3):
            answer = self.emulator.handle(Call(raw.method, raw.path, "", headers, raw.body))
            if b"ThrottlingException" not in answer.body:
                break
        return Exchange(raw, raw, Response(answer.status, tuple(answer.headers), answer.body))


def judged(
    contract: Contract,
    cases: Sequence[Case],
    change: Callable[[Emulator], None] | None = None,
    emulator_contract: Contract | None = None,
    on_result: OnResult = lambda result: None,
) -> tuple[Run, Emulator]:
    """Judge an emulator, changed or honest, by these cases; `emulator_contract` is its own document."""
    emulator = Emulator(emulator_contract or contract)
    if change is not None:
        change(emulator)
    sender = DirectSender(emulator)
    run = run_cases(
        contract,
        cases,
        lambda: Session(contract, sender),
        probes=probe_cases(contract),
        on_result=on_result,
    )
    return run, emulator
