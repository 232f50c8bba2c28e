"""Denials: what they say of the credentials, and what of a request that was read wrongly."""

from __future__ import annotations

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import ApiError, Emulator, HttpRequest, Params
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import build
from tunnelspec.verdict import Outcome


@pytest.fixture(scope="module")
def written(contract: Contract) -> list[Case]:
    """The cases of HTTP about an operation that only reads."""
    return [case for case in build(contract, depth="quick", seed=0) if case.id.startswith("http/ListTunnels/")]


class MayNotList(Emulator):
    """An account whose credentials may do everything but list."""

    def perform(self, operation: str, params: Params) -> Params:
        """Run the operation."""
        if operation == "ListTunnels":
            raise ApiError("AccessDeniedException", "not authorized")
        return super().perform(operation, params)


class LosesChunks(Emulator):
    """Verifies the signature of a chunked request before its body has arrived."""

    def verify(self, request: HttpRequest) -> None:
        """Verify the signature."""
        is_chunked = "transfer-encoding" in request.headers
        body = b"" if is_chunked else request.body
        super().verify(HttpRequest(request.method, request.path, request.query, request.headers, body))


def test_what_the_credentials_may_not_do_is_no_finding(contract: Contract, written: list[Case]) -> None:
    """In pairs of calls as well: no case can be tested, and none fails."""
    run, _ = run_in_process(contract, written, MayNotList, served=True)
    evidence = [(item.case.id, item.evidence) for item in run.results if item.evidence]
    assert evidence == []
    assert sum(item.outcome is Outcome.INCONCLUSIVE for item in run.results) > len(written) // 2


def test_a_correct_signature_that_is_refused_is_a_finding(contract: Contract, written: list[Case]) -> None:
    """The same credentials are admitted in the plainest call: the target read another request than was sent."""
    chunked = [case for case in written if "/chunk" in case.id]
    run, _ = run_in_process(contract, chunked, LosesChunks, verifying=True, served=True)
    failed = {item.case.id: item.evidence[0].finding for item in run.results if item.outcome is Outcome.FAIL}
    assert failed.keys() == {case.id for case in chunked}
    assert {finding.observation for finding in failed.values()} == {"status 400, InvalidSignatureException"}
