"""What is sent: Hypothesis strategies and exhaustive lists of requests, made from a contract.

For your own property tests:

    from hypothesis import given
    from tunnelspec.contract import load
    from tunnelspec.strategies import valid

    @given(valid.requests(load(), "OpenTunnel"))
    def test_my_emulator_accepts(request): ...
"""

from . import boundary, http, malformed, sequences, signatures, text, valid, violations, wire
from .boundary import BoundaryCase
from .text import text_matching, text_violating
from .wire import WireCase, malformed_json

__all__ = [
    "BoundaryCase",
    "WireCase",
    "boundary",
    "http",
    "malformed",
    "malformed_json",
    "sequences",
    "signatures",
    "text",
    "text_matching",
    "text_violating",
    "valid",
    "violations",
    "wire",
]
