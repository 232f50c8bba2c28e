"""An emulator of the service, small and honest: what the suite is tested against."""

from tunnelspec.emulator.errors import ApiError
from tunnelspec.emulator.server import Server, serve
from tunnelspec.emulator.service import Answer, Call, Emulator

__all__ = ["Answer", "ApiError", "Call", "Emulator", "Server", "serve"]
