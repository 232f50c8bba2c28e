"""A stream of bytes to and from the target: a socket of our own, in TLS where the endpoint says so."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

from tunnelspec.client.deadline import SLICE_S, Deadline
from tunnelspec.client.endpoint import Endpoint
from tunnelspec.client.failure import CallFailed, ConnectionEnded
from tunnelspec.client.limits import Limits

_READ_BYTES = 65_536
#: Linux alone has it. A server that writes head and body apart, with Nagle's algorithm on, waits for the
#: acknowledgement of the first, which the kernel delays by 40 ms in each call.
_QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)


class Connector:
    """Opens streams to one endpoint. Certificates and host names are always verified: there is no value
    that turns it off.
    """

    def __init__(self, endpoint: Endpoint, limits: Limits) -> None:
        parts = urlsplit(endpoint.url)
        secure = parts.scheme == "https"
        self._host = (parts.hostname or "").rstrip(".")
        self._port = parts.port or (443 if secure else 80)
        self._limits = limits
        self._tls = _context(endpoint.ca_bundle) if secure else None

    def open(self, deadline: Deadline) -> Stream:
        """A new stream. Raises CallFailed (`refused`, `tls`, `timeout`, `reset`, `stopped`)."""
        sock = self._connected(deadline)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock.settimeout(deadline.slice(self._limits.connect_s))
                sock = self._tls.wrap_socket(sock, server_hostname=self._host)
        except TimeoutError:
            sock.close()
            raise CallFailed("timeout") from None
        except OSError as error:
            sock.close()
            raise CallFailed("tls" if isinstance(error, ssl.SSLError) else "reset") from None
        return Stream(sock)

    def _connected(self, deadline: Deadline) -> socket.socket:
        failure = "refused"
        try:
            addresses = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise CallFailed(failure) from None
        for *_, address in addresses:
            try:
                wait_s = deadline.slice(self._limits.connect_s)
                return socket.create_connection((str(address[0]), self._port), wait_s)
            except TimeoutError:
                failure = "timeout"
            except OSError:
                failure = "refused"
        raise CallFailed(failure)


class Stream:
    """A connected socket whose waits are short enough to look at the clock and for a stop in between."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._wait(SLICE_S)

    def _wait(self, seconds: float) -> None:
        """Set the socket's timeout where it is another one: it costs a system call."""
        self._waits_s = seconds
        self._socket.settimeout(seconds)

    def unsolicited(self) -> bytes | None:
        """What came while there was no request: None where nothing did, no bytes where the target closed."""
        try:
            self._wait(0)
            return self._socket.recv(_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError:
            return b""
        finally:
            self._wait(SLICE_S)

    def write(self, data: bytes, deadline: Deadline) -> None:
        """Send it all. Raises CallFailed (`timeout`, `stopped`, `tls`), and ConnectionEnded."""
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except TimeoutError:
                pass
            except ssl.SSLError:
                raise CallFailed("tls") from None
            except OSError:
                raise ConnectionEnded from None
            if view:
                deadline.slice()
        if _QUICK_ACK is not None:
            # The kernel forgets it. That the target has closed is noticed by the next read.
            with suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)

    def read(self, deadline: Deadline) -> bytes:
        """What comes next; nothing at the end. Raises CallFailed (`timeout`, `stopped`, `tls`)."""
        while True:
            seconds = deadline.slice()
            if seconds != self._waits_s:
                self._wait(seconds)
            try:
                return self._socket.recv(_READ_BYTES)
            except TimeoutError:
                continue
            except ssl.SSLError:
                raise CallFailed("tls") from None
            except OSError:
                return b""

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _context(ca_bundle: str | None) -> ssl.SSLContext:
    """Verifies by the given CA bundle, or by the system's store."""
    context = ssl.create_default_context(cafile=ca_bundle)
    context.set_alpn_protocols(["http/1.1"])
    return context
