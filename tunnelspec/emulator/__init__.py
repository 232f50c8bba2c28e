"""The bundled reference emulator of the service: what seeded faults and conforming variants are made from."""

from tunnelspec.emulator.connection import HttpConnection
from tunnelspec.emulator.messages import ApiError, HttpRequest, HttpResponse
from tunnelspec.emulator.protocol import Params
from tunnelspec.emulator.server import Server, serve
from tunnelspec.emulator.service import Emulator
from tunnelspec.emulator.store import Tunnel

__all__ = [
    "ApiError",
    "Emulator",
    "HttpConnection",
    "HttpRequest",
    "HttpResponse",
    "Params",
    "Server",
    "Tunnel",
    "serve",
]
