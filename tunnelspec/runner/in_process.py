"""Judges an emulator in this process, without a network between: the same cases, much faster."""

from __future__ import annotations

from collections.abc import Sequence

from tunnelspec.client import Credentials, Endpoint, Signer
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest
from tunnelspec.exchange import Exchange, RawRequest, Response
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import OnResult, Run, run_cases
from tunnelspec.runner.ownership import Ownership
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session

#: Credentials that a verifying emulator knows. They are temporary, so that session tokens are judged too.
KNOWN = Credentials("AKIDTUNNELSPECKNOWN", "known-secret-of-tunnelspec", "known-session-token-of-tunnelspec")
_HOST, _REGION = "emulator.invalid", "us-east-1"


class DirectSender:
    """Hands requests to an emulator; throttled ones are asked again, as the client does. They are signed
    where the emulator verifies signatures.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.temporary = emulator.verifier is not None
        target = Endpoint(f"http://{_HOST}", _REGION, KNOWN, is_loopback=True, is_aws=False)
        self._signer = Signer(target, emulator.service) if emulator.verifier is not None else None

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        call = self._call(raw)
        for _ in range(3):
            answer = self.emulator.handle(call)
            if b"ThrottlingException" not in answer.body:
                break
        return Exchange(raw, raw, Response(answer.status, tuple(answer.headers), answer.body))

    def _call(self, raw: RawRequest) -> HttpRequest:
        if self._signer is None:
            headers = {name.lower(): value for name, value in raw.headers}
            return HttpRequest(raw.method, raw.path, "", headers, raw.body)
        signed = self._signer.signed(raw)
        path, _, query = signed.target.partition("?")
        headers = {name.lower(): value for name, value in signed.headers}
        return HttpRequest(raw.method, path, query, headers, signed.body)


def run_in_process(
    contract: Contract,
    cases: Sequence[Case],
    emulator_class: type[Emulator] = Emulator,
    emulator_contract: Contract | None = None,
    on_result: OnResult = lambda result: None,
    verifying: bool = False,
) -> tuple[Run, Emulator]:
    """Run these cases against an emulator of this class; `emulator_contract` is its own document, and
    `verifying` has it verify signatures.
    """
    emulator = emulator_class(
        emulator_contract or contract,
        credentials={KNOWN.access_key: KNOWN.secret_key} if verifying else None,
        session_tokens={KNOWN.access_key: str(KNOWN.token)} if verifying else None,
        region=_REGION,
    )
    sender, ownership = DirectSender(emulator), Ownership()
    run = run_cases(
        contract,
        cases,
        lambda: Session(contract, sender, ownership=ownership, region=_REGION),
        probes=presence_cases(contract),
        on_result=on_result,
    )
    return run, emulator
