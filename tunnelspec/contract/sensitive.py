"""The sensitive values in a response, and how hard they are to guess."""

from __future__ import annotations

import math
import string
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from tunnelspec.contract.document import Contract
from tunnelspec.contract.member import Member
from tunnelspec.exchange import Exchange
from tunnelspec.strict_json import Json

#: A value with fewer bits than this, by the frequencies of its characters, can stand in innocent text.
STRONG_BITS = 64


@lru_cache(maxsize=1024)  # every later response is searched for the same values
def strength_bits(value: str) -> float:
    """Shannon's entropy of a text by the frequencies of its own characters, in bits for the whole text."""
    counts = Counter(value).values()
    return sum(-count * math.log2(count / len(value)) for count in counts) if value else 0.0


def is_strong(value: str) -> bool:
    """Whether a value is long and random enough that finding it elsewhere shows a leak."""
    return strength_bits(value) >= STRONG_BITS


@lru_cache(maxsize=1024)
def capacity_bits(value: str) -> float:
    """The bits of a text that is drawn at random from the digits, letters and other characters that it has."""
    digits = value.replace("-", "")
    if all(char in string.hexdigits for char in digits):
        return 4.0 * len(digits)
    classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
    size = sum(len(letters) for letters in classes if any(char in letters for char in value))
    return len(value) * math.log2(max(size, 2))


def differing(value: str, other: str) -> str:
    """What is left of a value without what it has in common with another one at both ends."""
    start = _common(value, other)
    value, other = value[start:], other[start:]
    end = _common(value[::-1], other[::-1])
    return value[: len(value) - end]


def secrets_in(exchange: Exchange, contract: Contract) -> Iterator[tuple[str, str]]:
    """The sensitive values in a response, each with the name of its member."""
    operation = contract.operations.get(exchange.operation or "")
    if exchange.response is None or operation is None or operation.output is None:
        return
    readable = exchange.response.readable
    if isinstance(readable, dict):
        yield from _sensitive(operation.output, readable)


def _sensitive(member: Member, members: dict[str, Json]) -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        below = member.properties.get(name)
        if below is None:
            continue
        if isinstance(value, dict):
            yield from _sensitive(below, value)
        elif below.sensitive and isinstance(value, str) and value:
            yield name, value


def _common(value: str, other: str) -> int:
    """The number of characters that two texts have in common at their beginning."""
    pairs = enumerate(zip(value, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(value), len(other)))
