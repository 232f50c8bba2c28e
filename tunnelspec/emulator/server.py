"""Serves an emulator over HTTP, with a thread for each connection."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Protocol

import h11

from tunnelspec.emulator.connection import HttpConnection
from tunnelspec.emulator.messages import HttpRequest, HttpResponse


class Handler(Protocol):
    """What is served: the emulator, or something around it."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond to one request."""
        ...


class Server:
    """A running server; `url` is where it listens. Use it as a context manager, or call `close`."""

    def __init__(
        self,
        handler: Handler,
        listener: socket.socket,
        host: str,
        tls: ssl.SSLContext | None,
        connection: type[HttpConnection],
    ) -> None:
        self._handler = handler
        self._connection = connection
        self._listener = listener
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        port = listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def connections(self) -> int:
        """How many connections are being served."""
        with self._lock:
            return len(self._open)

    def close(self) -> None:
        """Stop accepting and close every connection."""
        # A shutdown wakes the thread that waits in accept(); a close alone does not, everywhere.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # A client may break the connection at any time, and a fault may send what h11 refuses to frame.
        with contextlib.suppress(OSError, h11.ProtocolError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(connection)
            try:
                if self._tls is None:
                    self._connection(connection, self._handler.handle).serve()
                else:
                    with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                        self._connection(encrypted, self._handler.handle).serve()
            finally:
                with self._lock:
                    self._open.discard(connection)


def serve(
    handler: Handler,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    *,
    connection: type[HttpConnection] = HttpConnection,
) -> Server:
    """Serve in the background; port 0 takes a free one. Raises OSError if it cannot listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=128)
    return Server(handler, listener, host, tls, connection)
