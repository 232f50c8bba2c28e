"""Targets that lack operations, or have nothing of the service at all."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.emulator import HttpRequest, HttpResponse, serve
from tunnelspec.exchange import Exchange, RawRequest, Response
from tunnelspec.runner.case import Case
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.presence import presence_cases
from tunnelspec.runner.session import Session
from tunnelspec.runner.traffic import Sender
from tunnelspec.verdict import Kind, Outcome

from .command import tunnelspec

_PREFIX = "IoTSecuredTunneling."
_IMPLEMENTED = ("OpenTunnel", "CloseTunnel")


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(status, [("Content-Type", "text/plain; charset=utf-8")], text.encode())


class PartialServer:
    """Two operations, in the manner of a server written with Go's encoding/json.

    Errors are plain text, OpenTunnel requires a destination, member names match in any case, what follows the JSON
    value is not read, and an unmodelled member is returned.
    """

    def __init__(self) -> None:
        self.open: dict[str, Mapping[str, Any]] = {}

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond to one request."""
        name = request.headers.get("x-amz-target", "").removeprefix(_PREFIX)
        if name not in _IMPLEMENTED:
            return _plain(400, "failed to handle request: unknown target\n")
        try:
            value, _ = json.JSONDecoder().raw_decode(request.body.decode("utf-8", "replace").lstrip())
        except (ValueError, RecursionError):
            return _plain(400, "failed to handle request: invalid character\n")
        if not isinstance(value, dict):
            return _plain(400, "failed to handle request: cannot unmarshal\n")
        members = {key.lower(): inner for key, inner in value.items() if inner is not None}
        return self._open(members) if name == "OpenTunnel" else self._close(members)

    def _open(self, members: Mapping[str, Any]) -> HttpResponse:
        destination = members.get("destinationconfig")
        if not isinstance(destination, dict) or not destination.get("services"):
            return _plain(400, "failed to handle request: invalid destination\n")
        tunnel_id = str(uuid.uuid4())
        self.open[tunnel_id] = members
        return self._json(
            {
                "destinationAccessToken": uuid.uuid4().hex * 2,
                "resultMetadata": {},
                "sourceAccessToken": uuid.uuid4().hex * 2,
                "tunnelArn": f"arn:aws:iot:us-east-1:123456789012:tunnel/{tunnel_id}",
                "tunnelId": tunnel_id,
            }
        )

    def _close(self, members: Mapping[str, Any]) -> HttpResponse:
        if self.open.pop(str(members.get("tunnelid")), None) is None:
            return _plain(400, "failed to handle request: not found\n")
        return self._json({"resultMetadata": {}})

    @staticmethod
    def _json(value: object) -> HttpResponse:
        return HttpResponse(200, [("Content-Type", "application/json")], json.dumps(value).encode())


class _Sender(Sender):
    """Hands requests to a handler in this process, and counts them."""

    def __init__(self, handle: Callable[[HttpRequest], HttpResponse]) -> None:
        self.handle = handle
        self.sent = 0

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        self.sent += 1
        headers = {name.lower(): value for name, value in raw.headers}
        response = self.handle(HttpRequest(raw.method, raw.path, "", headers, raw.body))
        return Exchange(raw, raw, Response(response.status, tuple(response.headers), response.body))


def _run(handle: Callable[[HttpRequest], HttpResponse], contract: Contract, cases: list[Case]) -> tuple[Run, _Sender]:
    sender = _Sender(handle)
    run = run_cases(contract, cases, lambda: Session(contract, sender), probes=presence_cases(contract))
    return run, sender


@pytest.fixture(scope="module")
def partial_run(contract: Contract, cases: list[Case]) -> tuple[Run, PartialServer]:
    """One run of the whole suite against the partial server."""
    server = PartialServer()
    return _run(server.handle, contract, cases)[0], server


def test_a_partial_implementation_is_tested_on_what_it_has(partial_run: tuple[Run, PartialServer]) -> None:
    """The operations that it lacks are one failed case each, the others are tested; nothing is left open."""
    run, server = partial_run
    assert not run.nothing_tested
    assert not run.stopped
    assert not run.errors
    assert server.open == {}
    outcomes = {result.case.id: result for result in run.results}
    for case in presence_cases(load()):
        expected = Outcome.PASS if case.operation in _IMPLEMENTED else Outcome.FAIL
        assert outcomes[case.id].outcome is expected
    others = [r for r in run.results if r.case.operation not in _IMPLEMENTED and not r.case.id.endswith("implemented")]
    assert {result.outcome for result in others} == {Outcome.SKIPPED}
    tested = [r for r in run.results if r.outcome in (Outcome.PASS, Outcome.FAIL) and r.case.operation in _IMPLEMENTED]
    assert len(tested) > 400


def test_the_defects_of_a_partial_implementation_are_named(partial_run: tuple[Run, PartialServer]) -> None:
    """Errors in plain text, `{}` refused, no validation, garbage behind a body accepted."""
    run, _ = partial_run
    defects = {
        (item.finding.rule, item.finding.kind, item.finding.requirement)
        for result in run.results
        for item in result.evidence
        if result.case.operation in _IMPLEMENTED
    }
    assert {
        ("protocol/content-type", Kind.WRONG_FORM, "Content-Type must be application/x-amz-json-1.1"),
        ("protocol/json-body", Kind.WRONG_FORM, "the body must be a JSON object in UTF-8"),
        ("validation/decision", Kind.REJECTED_VALID, "a request that violates no constraint must be accepted"),
        ("validation/decision", Kind.ACCEPTED_INVALID, "delete must be a JSON boolean"),
        ("validation/decision", Kind.ACCEPTED_INVALID, "a body that is not JSON must be rejected"),
    } <= defects


def _ministack(request: HttpRequest) -> HttpResponse:
    body = b'{"error":"Unsupported service: IoTSecuredTunneling"}'
    return HttpResponse(400, [("Content-Type", "application/json")], body)


def _localstack(request: HttpRequest) -> HttpResponse:
    message = "API for service 'iotsecuretunneling' not yet implemented or pro feature"
    body = json.dumps({"__type": "InternalFailure", "message": message}).encode()
    return HttpResponse(501, [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "a")], body)


def _moto(request: HttpRequest) -> HttpResponse:
    page = b"<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>"
    return HttpResponse(500, [("Content-Type", "text/html; charset=utf-8")], page)


def _wiremock(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, [("Content-Type", "application/json")], b'{"tunnelId":{},"tunnelSummaries":{}}')


def _prism(request: HttpRequest) -> HttpResponse:
    problem = {"type": "https://stoplight.io/prism/errors#NO_PATH_MATCHED_ERROR", "status": 404, "detail": "/"}
    return HttpResponse(404, [("Content-Type", "application/problem+json")], json.dumps(problem).encode())


def _echo(request: HttpRequest) -> HttpResponse:
    echoed = {
        "id": str(uuid.uuid4()),
        "headers": dict(request.headers),
        "data": request.body.decode("utf-8", "replace"),
    }
    return HttpResponse(200, [("Content-Type", "application/json")], json.dumps(echoed).encode())


def _one_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse(400, [("Content-Type", "application/x-amz-json-1.1")], b'{"__type":"ValidationException"}')


ABSENT = [_ministack, _localstack, _moto, _wiremock, _prism, _echo, _one_error]


@pytest.mark.parametrize("handle", ABSENT, ids=lambda handle: handle.__name__[1:])
def test_an_absent_service_is_recognised(
    handle: Callable[[HttpRequest], HttpResponse], contract: Contract, cases: list[Case]
) -> None:
    """The run ends after the calls that show it, and says so in one sentence."""
    run, sender = _run(handle, contract, cases)
    assert run.absent
    assert run.stopped.startswith("The endpoint implements none of the 8 operations")
    assert sender.sent <= 8 * len(contract.operations)


class _Absent:
    handle = staticmethod(_moto)


def test_an_absent_service_is_exit_status_3(tmp_path: Path) -> None:
    """The command line prints the sentence, and no word of tunnels that are left."""
    with serve(_Absent()) as server:
        ended = tunnelspec("run", "--endpoint-url", server.url, cwd=tmp_path)
    assert ended.returncode == 3
    assert "implements none of the 8 operations" in ended.stderr
    assert "may have opened" not in ended.stdout
