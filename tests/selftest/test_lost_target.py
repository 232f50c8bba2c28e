"""A target that is lost in the middle of a run: what is reported of it, and how its clean-up ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import ApiError, Emulator, HttpRequest, HttpResponse, Params, serve
from tunnelspec.exchange import Exchange, RawRequest, Request
from tunnelspec.record import document as record
from tunnelspec.runner import liveness
from tunnelspec.runner.errors import TargetLost
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.session import Session

from .command import tunnelspec

#: After so many requests the next error is the last response.
_ALIVE = 120


class _Dying(Emulator):
    """Dies after an error; the errors of its last moments name a secret, and act on a terminal."""

    seen = 0
    is_dead = False

    def handle(self, request: HttpRequest) -> HttpResponse:
        if self.is_dead:
            raise ConnectionResetError
        self.seen += 1
        return super().handle(request)

    def error_body(self, error: ApiError) -> Params:
        self.is_dead = self.seen > _ALIVE
        hostile = {"__type": f"x\x1b[2J{self.token()}"} if self.is_dead else {}
        return {**super().error_body(error), **hostile}

    def token(self) -> str:
        tunnels = self.store.newest_first()
        return tunnels[0].tokens["source"] if tunnels else ""


def test_the_last_calls_are_named(contract: Contract, tmp_path: Path) -> None:
    """The first call without a response and the last with one stand in the verdict, and nothing secret or active."""
    emulator = _Dying(contract)
    with serve(emulator) as server:
        done = tunnelspec("run", "--endpoint-url", server.url, "--seed", "1", cwd=tmp_path)
    stopped = str(record.read(tmp_path / "tunnelspec-report/record.json")["run"]["stopped"])
    assert re.search(
        r"the first call without a response is [A-Z]\w+ \{.*, after [A-Z]\w+ \{.* with status 400, ", stopped
    )
    assert "[2J" in stopped  # the last response was the hostile error
    printed = done.stdout + done.stderr
    assert "\u27e8ESCAPE U+001B\u27e9[2J" in printed
    assert "\x1b" not in printed
    assert emulator.token() not in stopped + printed


class _Hanging(DirectSender):
    """Waits in vain for every response, once it `hangs`."""

    hangs = False
    waited = 0

    def send(self, raw: RawRequest) -> Exchange:
        if not self.hangs:
            return super().send(raw)
        self.waited += 1
        return Exchange(raw, raw, None, failure="timeout")


def test_a_target_that_hangs_is_not_waited_for_again_and_again(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two calls and two plain ones show that it is lost; of eight deletions, each of several calls, three are tried."""
    monkeypatch.setattr(liveness, "_GRACE_S", 0.0)
    sender = _Hanging(Emulator(contract))
    session = Session(contract, sender)
    for _ in range(8):
        session.step(Request("OpenTunnel", {}), {})
    session.hold()
    sender.hangs = True
    session.send(Request("ListTunnels", {}))
    with pytest.raises(
        TargetLost, match=r"first call without a response is ListTunnels \{\}, after OpenTunnel \{\} with"
    ):
        session.send(Request("ListTunnels", {}))
    lost = sender.waited
    assert lost <= 6
    session.budget.stop("the target is lost")
    session.close()
    assert sender.waited - lost == 3
