"""Faults of access tokens that can be guessed, and variants whose tokens cannot, whatever they look like."""

from __future__ import annotations

import secrets
import uuid
from itertools import count, cycle
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.verdict import Level

_FORM = "AWS's sources do not specify the form of a token."


class _Guessable(Fault, defect_class="access tokens", level=Level.SHOULD): ...


class Words(_Guessable, killer="tokens/OpenTunnel/strong"):
    """The access tokens are words of the documentation."""

    def __init__(self, contract: Contract, **options: Any) -> None:
        super().__init__(contract, **options)
        self.words = cycle(["except", "string", "token", "source", "destination"])

    def new_token(self) -> str:
        return next(self.words)


class Counted(_Guessable, killer="tokens/OpenTunnel/strong"):
    """The access tokens are a constant with a counter."""

    def __init__(self, contract: Contract, **options: Any) -> None:
        super().__init__(contract, **options)
        self.constant, self.numbers = secrets.token_hex(20), count(1)

    def new_token(self) -> str:
        return f"{self.constant}-{next(self.numbers):08d}"


class Short(_Guessable, killer="tokens/OpenTunnel/strong"):
    """The access tokens have eight random characters."""

    def new_token(self) -> str:
        return secrets.token_urlsafe(6)


class Padded(_Guessable, killer="tokens/OpenTunnel/strong"):
    """The access tokens are a few random digits between many zeros."""

    def new_token(self) -> str:
        return secrets.token_hex(3).rjust(64, "0").ljust(128, "0")


class UuidTokens(Variant, why=_FORM):
    """The access tokens are UUIDs of version 4."""

    def new_token(self) -> str:
        return str(uuid.uuid4())


class SixteenCharacters(Variant, why=_FORM):
    """The access tokens have 96 bits in 16 characters."""

    def new_token(self) -> str:
        return secrets.token_urlsafe(12)
