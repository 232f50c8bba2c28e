"""An emulator as it looks after an afternoon: two operations, wrong in a dozen ways.

Start it with `python examples/partial_emulator.py [PORT [CORRECTED]]`. The first CORRECTED of its defects, none by
default, are corrected; `DEFECTS` lists them in the order in which tunnelspec says to fix them, as the transcript
in docs/your-emulator.md shows.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from partial_validation import SHAPES, Invalid, check

#: Each defect with its correction, as a commit would name it.
DEFECTS = {
    "content-type": "The content type is application/x-amz-json-1.1",
    "validation": "Input is validated",
    "tokens": "Each end of a tunnel gets its own token",
    "malformed": "A body that is no JSON gets a SerializationException",
    "tags": "Tags are returned as a list",
    "seconds": "Times are in seconds",
    "unknown-tunnel": "An unknown tunnel gets a ResourceNotFoundException",
    "null": "A member that is null counts as absent",
    "chunked": "A chunked body is read",
    "unknown-operation": "An unknown operation gets an UnknownOperationException",
    "other-method": "Another method than POST gets a 4xx status",
    "request-id": "Responses have an x-amzn-RequestId",
    "description": "An absent description is left out",
    "states": "Connection states are returned",
    "arn": "The ARN names the service iot",
}
_CORRECTED = list(DEFECTS)[: int(sys.argv[2])] if len(sys.argv) > 2 else []
_TUNNELS: dict[str, dict[str, Any]] = {}


def corrected(defect: str) -> bool:
    """Whether this defect is corrected."""
    assert defect in DEFECTS
    return defect in _CORRECTED


def open_tunnel(body: dict[str, Any]) -> dict[str, Any]:
    """OpenTunnel."""
    if corrected("null"):
        body = _without_nulls(body)
    tunnel_id = uuid.uuid4().hex[:10]
    service = "iot" if corrected("arn") else "iotsecuredtunneling"
    ids = {"tunnelId": tunnel_id, "tunnelArn": f"arn:aws:{service}:us-east-1:000000000000:tunnel/{tunnel_id}"}
    now = time.time() if corrected("seconds") else time.time() * 1000
    tunnel = {**ids, "status": "OPEN", "createdAt": now, "lastUpdatedAt": now}
    tunnel["description"] = body.get("description")
    if corrected("description") and tunnel["description"] is None:
        del tunnel["description"]
    tags = body.get("tags", [])
    tunnel["tags"] = tags if corrected("tags") else {tag["key"]: tag["value"] for tag in tags}
    tunnel["timeoutConfig"] = {"maxLifetimeTimeoutMinutes": 720, **body.get("timeoutConfig", {})}
    if "destinationConfig" in body:
        tunnel["destinationConfig"] = body["destinationConfig"]
    if corrected("states"):
        state = {"status": "DISCONNECTED", "lastUpdatedAt": now}
        tunnel |= {"sourceConnectionState": state, "destinationConnectionState": state}
    _TUNNELS[tunnel_id] = tunnel
    source = uuid.uuid4().hex
    destination = uuid.uuid4().hex if corrected("tokens") else source
    return {**ids, "sourceAccessToken": source, "destinationAccessToken": destination}


def describe_tunnel(body: dict[str, Any]) -> dict[str, Any]:
    """DescribeTunnel."""
    if corrected("unknown-tunnel") and body["tunnelId"] not in _TUNNELS:
        raise Invalid("ResourceNotFoundException", "there is no such tunnel")
    return {"tunnel": _TUNNELS[body["tunnelId"]]}


_OPERATIONS = {"OpenTunnel": open_tunnel, "DescribeTunnel": describe_tunnel}


class Handler(BaseHTTPRequestHandler):
    """Dispatches by X-Amz-Target. No signature is looked at."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # One write for headers and body.
    wbufsize = -1

    def do_POST(self) -> None:
        """One call."""
        raw = self._body()
        target = self.headers.get("X-Amz-Target", "")
        operation = target.rpartition(".")[2]
        try:
            if operation in _OPERATIONS and (
                target == f"IoTSecuredTunneling.{operation}" or not corrected("unknown-operation")
            ):
                self._send(200, _OPERATIONS[operation](self._input(raw, operation)))
            elif corrected("unknown-operation"):
                raise Invalid("UnknownOperationException", "there is no such operation")
            else:
                self._send(404, {"error": f"unknown operation {operation}"})
        except Invalid as problem:
            self._send(400, {"__type": problem.args[0], "message": problem.args[1]})
        except Exception as problem:
            self._send(500, {"error": repr(problem)})

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server calls for a method without a function."""
        if code == 501 and corrected("other-method"):
            self._body()
            self._send(405, {"__type": "UnknownOperationException", "message": "use POST"})
        else:
            super().send_error(code, message, explain)

    def _input(self, raw: bytes, operation: str) -> Any:
        try:
            body = json.loads(raw, parse_constant=_no_number if corrected("malformed") else None)
        except (ValueError, RecursionError):
            if corrected("malformed"):
                raise Invalid("SerializationException", "the body is not JSON") from None
            raise
        if corrected("validation"):
            check(body, SHAPES[operation])
        return body

    def _body(self) -> bytes:
        if not corrected("chunked") or "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header(
            "Content-Type", "application/x-amz-json-1.1" if corrected("content-type") else "application/json"
        )
        self.send_header("Content-Length", str(len(data)))
        if corrected("request-id"):
            self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Print nothing for each call."""


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_nulls(value) if isinstance(value, dict) else value
        for name, value in body.items()
        if value is not None
    }


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8700), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
