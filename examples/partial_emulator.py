"""An emulator as it looks after an afternoon: two operations, wrong in a dozen ways.

Start it with `python examples/partial_emulator.py [PORT]`, and mend it with tunnelspec: docs/your-emulator.md is a
transcript of that. Each deviation from the API contract has a comment with its number.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TUNNELS: dict[str, dict[str, Any]] = {}


def open_tunnel(body: dict[str, Any]) -> dict[str, Any]:
    """OpenTunnel. 1: no input is validated. 2: the clock is read in milliseconds."""
    tunnel_id = uuid.uuid4().hex[:10]
    # 3: an ARN of the wrong service.
    arn = f"arn:aws:iotsecuredtunneling:us-east-1:000000000000:tunnel/{tunnel_id}"
    tunnel: dict[str, Any] = {
        "tunnelId": tunnel_id,
        "tunnelArn": arn,
        "status": "OPEN",
        "createdAt": time.time() * 1000,
    }
    tunnel["lastUpdatedAt"] = tunnel["createdAt"]
    # 4: a description that is absent comes back as null. 5: tags come back as an object. 6: no default lifetime.
    tunnel["description"] = body.get("description")
    tunnel["tags"] = {tag["key"]: tag["value"] for tag in body.get("tags", [])}
    tunnel["timeoutConfig"] = body.get("timeoutConfig", {})
    if "destinationConfig" in body:
        tunnel["destinationConfig"] = body["destinationConfig"]
    # 7: the connection states are absent.
    TUNNELS[tunnel_id] = tunnel
    # 8: both ends of a tunnel get the same token.
    token = uuid.uuid4().hex
    ids = {"tunnelId": tunnel_id, "tunnelArn": arn}
    return {**ids, "sourceAccessToken": token, "destinationAccessToken": token}


def describe_tunnel(body: dict[str, Any]) -> dict[str, Any]:
    """DescribeTunnel. 9: an unknown tunnel is a KeyError, which ends in status 500."""
    return {"tunnel": TUNNELS[body["tunnelId"]]}


class Handler(BaseHTTPRequestHandler):
    """Dispatches by X-Amz-Target."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # One write for headers and body.
    wbufsize = -1

    def do_POST(self) -> None:
        """One call. 10: a body that is no JSON object ends in status 500. 11: no signature is looked at."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        try:
            if operation == "OpenTunnel":
                self._send(200, open_tunnel(json.loads(raw)))
            elif operation == "DescribeTunnel":
                self._send(200, describe_tunnel(json.loads(raw)))
            else:
                # 12: the error has no __type.
                self._send(404, {"error": f"unknown operation {operation}"})
        except Exception as problem:
            self._send(500, {"error": repr(problem)})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        # 13: the protocol's content type is application/x-amz-json-1.1.
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Print nothing for each call."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8700), Handler)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
