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
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from benchmarks.running import run
from tunnelspec.emulator import HttpRequest, HttpResponse, serve
from tunnelspec.record.document import Totals

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
    #: Where it is started, if not in the directory of its own.
    folder: Path | None = None


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
        # Started by root, some work as another user.
        directory.chmod(0o777)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = server.command(port, directory)
        if command is None:
            yield None
            return
        environment = {**os.environ, "GATEWAY_PORT": str(port)}
        silent = subprocess.DEVNULL
        process = subprocess.Popen(
            command, env=environment, cwd=server.folder or directory, stdout=silent, stderr=silent
        )
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


@dataclass(frozen=True, slots=True)
class Result:
    """A run of the suite: exit status, requests, the sentence of a run without verdict, and the
    violated requirements: level, check, text, how often."""

    status: int
    requests: int
    sentence: str
    totals: Totals
    findings: list[tuple[str, str, str, int]]

    def cells(self, *outcomes: str) -> str:
        """The counts of these outcomes, as cells of a table."""
        return " | ".join(str(count) for name, count in self.totals.items() if name in outcomes)


def tested(server: Server) -> Result | None:
    """Run the suite at quick against a server; None if it is not installed."""
    with running(server) as url:
        if url is None:
            return None
        selection = [part for glob in server.select for part in ("--select", glob)]
        ran = run("--endpoint-url", url, "--seed", "1", *selection)
    findings = [finding for case in ran.record["cases"] for finding in case["findings"]]
    counts = Counter((finding["level"], finding["check"], finding["expected"]) for finding in findings)
    listed = [(*key, count) for key, count in counts.items()]
    return Result(ran.status, ran.record["run"]["requests"], ran.errors.strip(), ran.record["totals"], listed)


def main(servers: Sequence[Server], path: Path, page: Callable[[Mapping[str, Result | None]], str]) -> None:
    """Run the suite against one server after another, and write the page unless some were left out on purpose."""
    parser = argparse.ArgumentParser(description="Runs the suite at quick against each server.")
    parser.add_argument("names", nargs="*", help="run these alone, and write no page")
    parser.add_argument("--json", type=Path, help="where the results are written as data")
    given = parser.parse_args()
    names, results = given.names, {}
    for server in servers:
        if not names or server.name in names:
            results[server.name] = tested(server)
            print(server.name, results[server.name], flush=True)
    if given.json:
        data = {name: result and asdict(result) for name, result in results.items()}
        given.json.write_text(json.dumps(data, indent=1), encoding="utf-8")
    if not names:
        path.write_text(page(results), encoding="utf-8")


def page(results: Mapping[str, Result | None]) -> str:
    """docs/servers.md."""
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
        figures = result.cells("pass", "fail", "warn", "inconclusive")
        lines.append(f"| {name} | {kinds[name]} | {result.status} | {result.requests} | {figures} |")
    lines += ["", *confirmed["text"].strip().splitlines(), ""]
    for name, result in results.items():
        if result is None:
            continue
        lines += [f"## {name}", "", confirmed["servers"][name].strip(), ""]
        if result.status == 3:
            lines += [f"> {result.sentence}", ""]
            continue
        lines += ["| level | rule | requirement | findings |", "| --- | --- | --- | --- |"]
        lines += [f"| {level} | `{check}` | {text} | {count} |" for level, check, text, count in result.findings]
        lines += [""]
    return "\n".join(lines)


if __name__ == "__main__":
    main(SERVERS, PAGE, page)
