"""Before anything is sent: the plan of a run, how long its rates make it last, and the account that it may test."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tunnelspec.client import Endpoint
from tunnelspec.client.endpoint import DUMMY
from tunnelspec.contract import Contract
from tunnelspec.emulator import HttpRequest, HttpResponse, serve
from tunnelspec.runner.account import check_account
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.case import Case
from tunnelspec.runner.plan import lasting
from tunnelspec.runner.settings import ConfigurationError, Settings
from tunnelspec.suite import AREAS

from .command import tunnelspec
from .test_limits import run_in_process


def test_how_long_rates_make_a_run_last() -> None:
    """Calls wait for their own operation only."""
    assert lasting(["a"] * 5, {"a": 1.0}) == 4
    assert lasting(["a", "b"] * 5, {"a": 1.0}) == 4
    assert lasting(["a"] * 21, {"a": 10.0}) == 2
    assert lasting(["a"] * 3, {"a": 0.5}) == 4
    assert lasting(["b"] * 100, {"a": 1.0}) == 0


@pytest.fixture
def counting() -> Iterator[tuple[str, Callable[[], int]]]:
    """A server that counts whatever is asked and answers as STS does, and its count."""
    asked: list[HttpRequest] = []
    body = (
        b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        b"<Arn>arn:aws:iam::123456789012:user/x</Arn><UserId>x</UserId><Account>123456789012</Account>"
        b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )

    def handle(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        return HttpResponse(200, [("Content-Type", "text/xml")], body)

    with serve(SimpleNamespace(handle=handle)) as server:
        yield server.url, lambda: len(asked)


def test_the_plan_is_what_the_run_sends(
    counting: tuple[str, Callable[[], int]], tmp_path: Path, contract: Contract, cases: list[Case]
) -> None:
    """Nearly the same calls of each operation, and not one request to anybody meanwhile.

    Cases share tunnels, so that one costs two calls more where those before it are left out. Searches aside: Hypothesis
    also draws constants of the modules that happen to be loaded. And isolation: how many pages a list has that grows
    meanwhile is a matter of who comes first.
    """
    url, asked = counting
    exact = {"protocol", "validation", *AREAS} - {"isolation"}
    areas = [option for area in sorted(exact) for option in ("--select", f"{area}/*")]
    done = tunnelspec("run", "--dry-run", "--json", "--seed", 7, "--endpoint-url", url, *areas, cwd=tmp_path)
    planned = json.loads(done.stdout)
    assert (done.returncode, asked()) == (0, 0)
    assert not (tmp_path / "tunnelspec-report").exists()
    listed = [case for case in cases if case.area in exact]
    _, sender = run_in_process(contract, listed, Budget())
    sent = Counter(raw.operation or "" for raw in sender.sent)
    assert planned["calls"] == {name: pytest.approx(count, rel=0.05, abs=5) for name, count in sent.items()}
    assert planned["requests"] == pytest.approx(len(sender.sent), rel=0.02)
    shown = tunnelspec("run", "--dry-run", "--rate", "OpenTunnel=1", cwd=tmp_path)
    assert "or longer" in shown.stdout
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())


def test_aws_is_tested_only_in_the_named_account(
    counting: tuple[str, Callable[[], int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """STS is asked before anything else, and only when an account is named."""
    url, asked = counting
    for name, value in (
        ("AWS_ENDPOINT_URL_STS", url),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "not-a-secret"),
    ):
        monkeypatch.setenv(name, value)
    aws = Endpoint("https://api.tunneling.iot.us-east-1.amazonaws.com", "us-east-1", DUMMY, False, True)
    for account, words in ((None, "costs money"), ("1234", "12 digits"), ("210987654321", "another account")):
        with pytest.raises(ConfigurationError, match=words):
            check_account(aws, Settings(allow_account=account))
    assert asked() == 1
    check_account(aws, Settings(allow_account="123456789012"))
    assert asked() == 2
