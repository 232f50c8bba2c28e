"""What is sent: Hypothesis strategies and exhaustive lists of requests, made from a contract.

For your own property tests:

    from hypothesis import given
    from tunnelspec.contract import load
    from tunnelspec.strategies import valid

    @given(valid.requests(load(), "OpenTunnel"))
    def test_my_emulator_accepts(request): ...
"""

from typing import TYPE_CHECKING

from . import alphabets, boundary, http, malformed, rejected, signatures, wire
from .boundary import BoundaryCase
from .wire import WireCase, malformed_json

if TYPE_CHECKING:
    from . import sequences, text, valid, violations
    from .text import text_matching, text_violating

__all__ = [
    "BoundaryCase",
    "WireCase",
    "alphabets",
    "boundary",
    "http",
    "malformed",
    "malformed_json",
    "rejected",
    "sequences",
    "signatures",
    "text",
    "text_matching",
    "text_violating",
    "valid",
    "violations",
    "wire",
]


def __getattr__(name: str) -> object:
    """What needs Hypothesis is imported when it is asked for: a tenth of a second."""
    if name in ("text_matching", "text_violating"):
        from . import text

        return getattr(text, name)
    raise AttributeError(name)
