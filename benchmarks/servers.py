"""Runs the suite at quick against servers from the package registries, and writes docs/servers.md.

`nox -s servers` installs them: moto and MiniStack from PyPI, Prism and WireMock from npm (WireMock needs Java). Give
names to run some of them. Prism gets a small adapter, which makes the path of X-Amz-Target, since OpenAPI has no
dispatch by header. A server that is not installed is left out, and the page says so.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tunnelspec.emulator import HttpRequest, HttpResponse, serve

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "servers.md"
DOCUMENT = ROOT / "openapi" / "iotsecuretunneling-2018-10-05.yaml"
#: Why each finding is true, by server and by the text of the finding.
CONFIRMED = Path(__file__).with_name("servers.yaml")
_START_S = 60.0
#: Prism takes a quarter of a second for a request.
PART = ("protocol/OpenTunnel/*", "protocol/*/plain", "validation/*/required/*", "lifecycle/CloseTunnel/*", "listing/*")
#: Prism has no parser and no serializer for AWS's media type; the adapter translates it.
_AWS_JSON, _JSON = "application/x-amz-json-1.1", "application/json"


@dataclass(frozen=True, slots=True)
class Server:
    """A server: how it is started, given a free port and a directory of its own; None if it is not installed."""

    name: str
    kind: str
    command: Callable[[int, Path], list[str] | None]
    adapter: bool = False
    select: tuple[str, ...] = ("*",)


def _installed(program: str, *arguments: str) -> list[str] | None:
    path = shutil.which(program)
    return [path, *arguments] if path else None


def _moto(port: int, directory: Path) -> list[str] | None:
    return _installed("moto_server", "-p", str(port))


def _ministack(port: int, directory: Path) -> list[str] | None:
    return _installed("ministack")


def _wiremock(port: int, directory: Path) -> list[str] | None:
    stub = {
        "request": {"urlPattern": ".*", "method": "ANY"},
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/x-amz-json-1.1"},
            "jsonBody": {"tunnelId": {}, "tunnelArn": {}, "tunnel": {}, "tunnelSummaries": []},
        },
    }
    (directory / "mappings").mkdir()
    (directory / "mappings" / "all.json").write_text(json.dumps(stub), encoding="utf-8")
    return _installed("wiremock", "--port", str(port), "--root-dir", str(directory))


def _prism(port: int, directory: Path) -> list[str] | None:
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    document["paths"] = {f"/{path.rpartition('.')[2]}": item for path, item in document["paths"].items()}
    text = json.dumps(document, default=str).replace(_AWS_JSON, _JSON)
    (directory / "api.json").write_text(text, encoding="utf-8")
    return _installed("prism", "mock", "-h", "127.0.0.1", "-p", str(port), str(directory / "api.json"))


SERVERS = (
    Server("moto", "emulator of AWS; without this service", _moto),
    Server("MiniStack", "emulator of AWS; without this service", _ministack),
    Server("WireMock", "stubs; here one response for everything", _wiremock),
    Server(
        "Prism",
        "mock made from the OpenAPI document, behind an adapter; part of the suite",
        _prism,
        adapter=True,
        select=PART,
    ),
)


class Adapter:
    """Hands each request to another server, with the operation that X-Amz-Target names as its path."""

    def __init__(self, port: int) -> None:
        self._port = port

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond as the other server does; 502 where it does not."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        skipped = ("host", "content-length", "transfer-encoding", "connection", "expect")
        headers = {name: value for name, value in request.headers.items() if name not in skipped}
        if request.media_type == _AWS_JSON:
            headers["content-type"] = _JSON
        try:
            connection.request(request.method, f"{request.path}{operation}", request.body, headers)
            response = connection.getresponse()
            fields = [pair for pair in response.getheaders() if pair[0].lower() not in (*skipped, "date")]
            adapted = HttpResponse(response.status, fields, response.read())
            is_json = (response.getheader("content-type") or "").startswith(_JSON)
            return adapted.set_header("Content-Type", _AWS_JSON) if is_json else adapted
        except (OSError, http.client.HTTPException):
            return HttpResponse(502)
        finally:
            connection.close()


@contextmanager
def running(server: Server) -> Iterator[str | None]:
    """The URL of a running server, None if it is not installed. Raises TimeoutError if it does not start."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = server.command(port, directory)
        if command is None:
            yield None
            return
        environment = {**os.environ, "GATEWAY_PORT": str(port)}
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command, env=environment, cwd=directory, stdout=silent, stderr=silent)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        wait_for(port)
        yield stack.enter_context(serve(Adapter(port))).url if server.adapter else f"http://127.0.0.1:{port}"


def wait_for(port: int) -> None:
    """Return once a server responds on this port. Raises TimeoutError."""
    until = time.monotonic() + _START_S
    while True:
        try:
            # MiniStack loads its parts with the first signed request, which takes seconds.
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_S)
            scope = f"{time.strftime('%Y%m%d')}/us-east-1/IoTSecuredTunneling/aws4_request"
            signature = f"AWS4-HMAC-SHA256 Credential=A/{scope}, SignedHeaders=host, Signature=0"
            connection.request("POST", "/", "{}", {"Authorization": signature})
            connection.getresponse().read()
            connection.close()
            return
        except (OSError, http.client.HTTPException):
            if time.monotonic() > until:
                raise TimeoutError(f"nothing listens on port {port}") from None
            time.sleep(0.2)


def run(url: str, select: Sequence[str]) -> dict[str, Any]:
    """A run of the suite at quick: exit status, requests, the sentence of a run without verdict, and the findings."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "tunnelspec", "run", "--endpoint-url", url, "--seed", "1"]
        command += [part for glob in select for part in ("--select", glob)]
        ended = subprocess.run([*command, "--report-dir", directory], capture_output=True, text=True, check=False)
        record = json.loads((Path(directory) / "record.json").read_text(encoding="utf-8"))
    findings: dict[tuple[str, str, str], int] = {}
    for case in record["cases"]:
        for finding in case.get("findings", ()):
            key = (finding["level"], finding["check"], finding["expected"])
            findings[key] = findings.get(key, 0) + 1
    return {
        "exit": ended.returncode,
        "requests": record["run"]["requests"],
        "sentence": ended.stderr.strip(),
        "totals": record["totals"],
        "findings": [[*key, count] for key, count in findings.items()],
    }


def page(results: dict[str, dict[str, Any] | None]) -> str:
    """The page as Markdown."""
    confirmed = yaml.safe_load(CONFIRMED.read_text(encoding="utf-8"))
    lines = [
        "# Servers",
        "",
        "Written by `nox -s servers`: the suite at quick, against servers that can be had from package registries.",
        "",
        "| server | what it is | exit status | requests | passed | failed | warned | inconclusive |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    kinds = {server.name: server.kind for server in SERVERS}
    for name, result in results.items():
        if result is None:
            lines.append(f"| {name} | {kinds[name]} | not installed | | | | | |")
            continue
        totals = result["totals"]
        figures = " | ".join(str(totals[key]) for key in ("pass", "fail", "warn", "inconclusive"))
        lines.append(f"| {name} | {kinds[name]} | {result['exit']} | {result['requests']} | {figures} |")
    lines += ["", *confirmed["text"].strip().splitlines(), ""]
    for name, result in results.items():
        if result is None:
            continue
        lines += [f"## {name}", "", confirmed["servers"][name].strip(), ""]
        if result["exit"] == 3:
            lines += [f"> {result['sentence']}", ""]
            continue
        lines += ["| level | rule | requirement | findings |", "| --- | --- | --- | --- |"]
        lines += [f"| {level} | `{check}` | {text} | {count} |" for level, check, text, count in result["findings"]]
        lines += [""]
    return "\n".join(lines)


def main() -> int:
    """Run them one after another, and write the page unless some were left out on purpose."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--json", type=Path, help="where the results are written as data")
    given = parser.parse_args()
    results: dict[str, dict[str, Any] | None] = {}
    for server in SERVERS:
        if given.names and server.name not in given.names:
            continue
        with running(server) as url:
            results[server.name] = run(url, server.select) if url is not None else None
        print(server.name, results[server.name], flush=True)
    if given.json:
        given.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
    if not given.names:
        PAGE.write_text(page(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
