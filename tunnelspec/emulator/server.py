"""Serves an emulator over HTTP: werkzeug's threaded server, with keep-alive."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.emulator.service import Emulator

#: Larger bodies are refused unread; AWS's JSON services stop between 1 and 16 MiB.
MAX_BODY = 10 * 2**20


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    # Answers are small: waiting to fill a packet costs 40 ms a call.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_request(self, *_: Any) -> None:
        """Say nothing: a run sends thousands of requests."""

    def log(self, *_: Any) -> None:
        """Say nothing of broken connections either; the suite makes them on purpose."""


class Server:
    """A running server; `url` is where it listens. Use it as a context manager, or call `close`."""

    def __init__(self, server: BaseWSGIServer, host: str) -> None:
        self._server = server
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{server.server_port}"
        self._thread = threading.Thread(target=server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop accepting and close the socket."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(emulator: Emulator, host: str = "127.0.0.1", port: int = 0) -> Server:
    """Serve in the background; port 0 takes a free one. Raises OSError where it cannot listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # werkzeug ends the process where it cannot bind; find out before it does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
    server = make_server(host, port, application(emulator), threaded=True, request_handler=_Handler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    return Server(server, host)


def application(emulator: Emulator) -> Callable[..., Iterable[bytes]]:
    """The emulator as a WSGI application."""

    def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = _answer(emulator, environ)
        headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {_REASONS.get(answer.status, 'HttpResponse')}", headers)
        return [answer.body]

    return wsgi


_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 413: "Content Too Large"}


def _answer(emulator: Emulator, environ: dict[str, Any]) -> HttpResponse:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_BODY:
        return HttpResponse(413, [("Connection", "close")])
    body = environ["wsgi.input"].read(length) if length else b""
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    return emulator.handle(HttpRequest(environ["REQUEST_METHOD"], path, query, headers, body))
