"""Runs cases against an emulator in this process, without a network between: the same cases, much faster.

HTTP does not vary there: the sender stands for a client and a server that conform. An emulator that differs in HTTP
is served on loopback instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tunnelspec.client import Credentials, Endpoint, Limits, Signer, Transport
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, serve
from tunnelspec.exchange import Exchange, RawRequest, Response
from tunnelspec.runner.case import Case
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import OnResult, Run, run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.runner.traffic import Sender

#: Credentials that a verifying emulator knows. They are temporary, so that session tokens are tested too.
KNOWN = Credentials("AKIDTUNNELSPECKNOWN", "known-secret-of-tunnelspec", "known-session-token-of-tunnelspec")
_HOST, _REGION = "emulator.invalid", "us-east-1"
#: A faulty server that waits for what does not come costs so many seconds.
_CALL_S = 2.0


class DirectSender(Sender):
    """Hands requests to an emulator; throttled ones are sent again, as the client does. They are signed
    where the emulator verifies signatures.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self._throttling = [code.encode() for code in emulator.contract.throttling]
        target = Endpoint(f"http://{_HOST}", _REGION, KNOWN, is_loopback=True, is_aws=False)
        self._signer = Signer(target, emulator.service) if emulator.verifier is not None else None

    @property
    def has_session_token(self) -> bool:
        """Whether it signs at all: `KNOWN` has a token."""
        return self._signer is not None

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        call = self._call(raw)
        for _ in range(3):
            response = self.emulator.handle(call)
            if not any(code in response.body for code in self._throttling):
                break
        interim = (100,) if raw.wire.expect_continue else ()
        return Exchange(raw, raw, Response(response.status, tuple(response.headers), response.body, interim=interim))

    def _call(self, raw: RawRequest) -> HttpRequest:
        target, fields, body = raw.path, raw.headers, raw.body
        if self._signer is not None:
            signed = self._signer.signed(raw)
            target, fields, body = signed.target, signed.headers, signed.body
        path, _, query = target.partition("?")
        headers = {name.lower(): value.strip(" \t") for name, value in fields}
        return HttpRequest(raw.method, path, query, headers, body)


def run_in_process(
    contract: Contract,
    cases: Sequence[Case],
    emulator_class: type[Emulator] = Emulator,
    emulator_contract: Contract | None = None,
    on_result: OnResult = lambda result: None,
    verifying: bool = False,
    served: bool = False,
    probed: bool = True,
) -> tuple[Run, Emulator]:
    """Run these cases against an emulator of this class; `emulator_contract` is its own document, `verifying`
    has it verify signatures, and `served` puts HTTP on loopback between. Where it is not `probed`, all operations
    are taken to be there.
    """
    emulator = emulator_class(
        emulator_contract or contract,
        credentials={KNOWN.access_key: KNOWN.secret_key} if verifying else None,
        session_tokens={KNOWN.access_key: str(KNOWN.token)} if verifying else None,
        region=_REGION,
    )
    context = RunContext(region=_REGION)
    with _sender(emulator, contract, served=served) as sender:
        run = run_cases(
            contract,
            cases,
            lambda: Session(contract, sender, context),
            probes=presence_cases(contract) if probed else (),
            on_result=on_result,
        )
    return run, emulator


@contextmanager
def _sender(emulator: Emulator, contract: Contract, *, served: bool) -> Iterator[Sender]:
    if not served:
        yield DirectSender(emulator)
        return
    with serve(emulator, connection=emulator.connection()) as server:
        target = Endpoint(server.url, _REGION, KNOWN, is_loopback=True, is_aws=False)
        transport = Transport(target, contract.service, limits=Limits(call_s=_CALL_S))
        try:
            yield transport
        finally:
            transport.close()
