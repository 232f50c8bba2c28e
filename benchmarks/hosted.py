"""The bundled service as an application for WSGI and ASGI, on one web server: `python -m benchmarks.hosted NAME PORT`.

The request that arrives is rebuilt as truthfully as the server permits, and nothing of HTTP is corrected here.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any, TypeAlias
from wsgiref.simple_server import make_server

from tunnelspec.contract import load
from tunnelspec.emulator import Emulator, HttpRequest, HttpResponse

_HOST = "127.0.0.1"
_SERVICE = Emulator(load())
Event: TypeAlias = dict[str, Any]


def respond(method: str, target: str, fields: Iterable[tuple[str, str]], body: bytes) -> HttpResponse:
    """Have the service respond."""
    headers: dict[str, str] = {}
    for name, value in fields:
        name = name.lower()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    path, _, query = target.partition("?")
    return _SERVICE.handle(HttpRequest(method, path, query, headers, body))


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
    """The service for WSGI. A body without a length is read where the server says that it ends."""
    fields = [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]
    fields += [(name.replace("_", "-"), environ.get(name, "")) for name in ("CONTENT_TYPE", "CONTENT_LENGTH")]
    length = environ.get("CONTENT_LENGTH")
    reads_all = environ.get("wsgi.input_terminated") or "READS_ALL" in os.environ
    body = environ["wsgi.input"].read() if reads_all else environ["wsgi.input"].read(int(length or 0))
    target = f"{environ.get('PATH_INFO') or '/'}?{environ.get('QUERY_STRING', '')}"
    unique = {name: (name, value) for name, value in fields}.values()
    response = respond(environ["REQUEST_METHOD"], target, unique, body)
    length_field = ("Content-Length", str(len(response.body)))
    status = f"{response.status} {HTTPStatus(response.status).phrase}"
    start_response(status, [*response.headers, length_field])
    return [response.body]


async def asgi(scope: Event, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]) -> None:
    """The service for ASGI."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body, is_complete = b"", False
    while not is_complete:
        event = await receive()
        body += event.get("body", b"")
        is_complete = not event.get("more_body", False)
    fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    response = respond(scope["method"], scope["path"], fields, body)
    head = [(name.lower().encode(), value.encode()) for name, value in response.headers]
    head.append((b"content-length", b"%d" % len(response.body)))
    await send({"type": "http.response.start", "status": response.status, "headers": head})
    await send({"type": "http.response.body", "body": response.body})


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        response = respond(self.command, self.path, self.headers.items(), self.rfile.read(length))
        self.send_response(response.status)
        for name, value in (*response.headers, ("Content-Length", str(len(response.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    def log_request(self, code: object = "-", size: object = "-") -> None: ...


def _http_server(version: str, port: int) -> None:
    handler = type("Handler", (_Handler,), {"protocol_version": version})
    ThreadingHTTPServer((_HOST, port), handler).serve_forever()


def _wsgiref(port: int) -> None:
    make_server(_HOST, port, wsgi).serve_forever()


def _werkzeug(port: int) -> None:
    import_module("werkzeug.serving").run_simple(_HOST, port, wsgi, threaded=True)


def _gunicorn(worker: str, port: int) -> None:
    sys.argv = ["gunicorn", "-b", f"{_HOST}:{port}", "-k", worker, "benchmarks.hosted:wsgi"]
    import_module("gunicorn.app.wsgiapp").run()


def _waitress(port: int) -> None:
    import_module("waitress").serve(wsgi, host=_HOST, port=port)


def _cheroot(port: int) -> None:
    os.environ["READS_ALL"] = "1"
    import_module("cheroot.wsgi").Server((_HOST, port), wsgi).start()


def _gevent(port: int) -> None:
    import_module("gevent.pywsgi").WSGIServer((_HOST, port), wsgi, log=None).serve_forever()


def _uvicorn(http: str, port: int) -> None:
    import_module("uvicorn").run(asgi, host=_HOST, port=port, http=http, log_level="warning")


def _hypercorn(port: int) -> None:
    config = import_module("hypercorn.config").Config()
    config.bind = [f"{_HOST}:{port}"]
    asyncio.run(import_module("hypercorn.asyncio").serve(asgi, config))


def _daphne(port: int) -> None:
    import_module("daphne.server").Server(asgi, endpoints=[f"tcp:port={port}:interface={_HOST}"]).run()


def _granian(port: int) -> None:
    server = import_module("granian").Granian("benchmarks.hosted:asgi", address=_HOST, port=port, interface="asgi")
    server.serve()


def _aiohttp(port: int) -> None:
    web = import_module("aiohttp.web")

    async def handle(request: Any) -> Any:
        response = respond(request.method, request.rel_url.raw_path, request.headers.items(), await request.read())
        return web.Response(body=response.body, status=response.status, headers=response.headers)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    web.run_app(application, host=_HOST, port=port, print=None)


def _tornado(port: int) -> None:
    web = import_module("tornado.web")

    def post(handler: Any) -> None:
        request = handler.request
        response = respond(request.method, request.uri, request.headers.get_all(), request.body)
        handler.set_status(response.status)
        for name, value in response.headers:
            handler.set_header(name, value)
        handler.finish(response.body)

    web.Application([("/", type("Handler", (web.RequestHandler,), {"post": post}))]).listen(port, _HOST)
    import_module("tornado.ioloop").IOLoop.current().start()


def _twisted(port: int) -> None:
    web, reactor = import_module("twisted.web.server"), import_module("twisted.internet.reactor")

    def render(_: object, request: Any) -> bytes:
        raw = request.requestHeaders.getAllRawHeaders()
        fields = [(name.decode(), value.decode("latin-1")) for name, values in raw for value in values]
        response = respond(request.method.decode(), request.path.decode(), fields, request.content.read())
        request.setResponseCode(response.status)
        for name, value in response.headers:
            request.setHeader(name, value)
        return response.body

    resource = import_module("twisted.web.resource").Resource
    site = web.Site(type("Leaf", (resource,), {"isLeaf": True, "render": render})())
    reactor.listenTCP(port, site, interface=_HOST)
    reactor.run()


#: How each server is started, given a port.
HOSTS: dict[str, Callable[[int], None]] = {
    "http.server": partial(_http_server, "HTTP/1.0"),
    "http.server, HTTP/1.1": partial(_http_server, "HTTP/1.1"),
    "wsgiref": _wsgiref,
    "Werkzeug": _werkzeug,
    "gunicorn": partial(_gunicorn, "gthread"),
    "gunicorn, tornado": partial(_gunicorn, "tornado"),
    "waitress": _waitress,
    "cheroot": _cheroot,
    "gevent": _gevent,
    "uvicorn, h11": partial(_uvicorn, "h11"),
    "uvicorn, httptools": partial(_uvicorn, "httptools"),
    "hypercorn": _hypercorn,
    "daphne": _daphne,
    "granian": _granian,
    "aiohttp": _aiohttp,
    "tornado": _tornado,
    "Twisted": _twisted,
}


def _main() -> None:
    HOSTS[sys.argv[1]](int(sys.argv[2]))


if __name__ == "__main__":
    _main()
