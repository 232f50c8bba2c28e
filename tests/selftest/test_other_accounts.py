"""What a sweep does not find is not gone where the sweep has the credentials of another account."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tunnelspec.client import Journal
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse, serve
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import open_target

from .accounts import opened, state
from .command import tunnelspec

FIRST, SECOND = "AKIDOFTHEFIRST000000", "AKIDOFTHESECOND00000"


class Accounts(Emulator):
    """The first access key has an account of its own, as each has in some emulators."""

    def __init__(self, contract: Contract) -> None:
        super().__init__(contract)
        self.first = Emulator(contract)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer for the account of the request's signature."""
        return (
            self.first.handle(request) if FIRST in request.headers.get("authorization", "") else super().handle(request)
        )


def test_another_account_proves_nothing(tmp_path: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of the first account was killed with a tunnel open and a request in flight; in the second account, somebody
    has opened what that request asked for. The second's sweep closes neither entry and no tunnel; the first's does."""
    emulator = Accounts(contract)
    with serve(emulator) as server:
        _log_in(monkeypatch, FIRST)
        settings = Settings(endpoint_url=server.url)
        with open_target(settings, contract, tmp_path / "run.jsonl") as target:
            target.journal.created(target.journal.creating("tunnel", b"{}"), opened(emulator.first))
            target.journal.creating("tunnel", b'{"description":"in flight"}')
            shutil.copy(tmp_path / "run.jsonl", tmp_path / "killed.jsonl")
        opened(emulator.first, description="in flight")
        opened(emulator, description="in flight")
        foreign, own = state(emulator), state(emulator.first)
        _log_in(monkeypatch, SECOND)
        elsewhere = tunnelspec("sweep", "--journal", "killed.jsonl", "--apply", cwd=tmp_path)
        assert elsewhere.returncode == 1
        assert "another account" in elsewhere.stdout
        assert (state(emulator), state(emulator.first)) == (foreign, own)
        assert len(Journal(tmp_path / "killed.jsonl").read()) == 2
        _log_in(monkeypatch, FIRST)
        assert tunnelspec("sweep", "--journal", "killed.jsonl", "--apply", cwd=tmp_path).returncode == 0
    assert (state(emulator), state(emulator.first)) == (foreign, {})
    assert Journal(tmp_path / "killed.jsonl").read() == []


def _log_in(monkeypatch: pytest.MonkeyPatch, access_key: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-verified-by-this-emulator")
