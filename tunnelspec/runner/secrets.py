"""The sensitive values that a target has issued, and which of them are worth looking for in later responses."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator

from tunnelspec.contract import Contract, Member
from tunnelspec.exchange import Exchange
from tunnelspec.strict_json import Json

#: How many issued secrets are looked for in later responses.
_KEPT = 16
#: A value with fewer bits than this, by the frequencies of its characters, can stand in innocent text.
STRONG_BITS = 64


def strength_bits(value: str) -> float:
    """Shannon's entropy of a text by the frequencies of its own characters, in bits for the whole text."""
    counts = Counter(value).values()
    return sum(-count * math.log2(count / len(value)) for count in counts) if value else 0.0


def is_strong(value: str) -> bool:
    """Whether a value is long and random enough that finding it elsewhere shows a leak."""
    return strength_bits(value) >= STRONG_BITS


class IssuedSecrets:
    """The last secrets that were issued to one session. Not thread-safe."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=_KEPT)

    def add(self, values: Iterable[str]) -> None:
        """Remember issued values, those that are strong enough to be recognised."""
        self._recent.extend(value for value in values if is_strong(value))

    def known(self, more: Iterable[str] = ()) -> frozenset[str]:
        """The values to look for: the recent ones, and those of resources that are still open."""
        return frozenset((*self._recent, *(value for value in more if is_strong(value))))


def secrets_in(exchange: Exchange, contract: Contract) -> Iterator[tuple[str, str]]:
    """The sensitive values in a response, each with the name of its member."""
    operation = contract.operations.get(exchange.operation or "")
    if exchange.response is not None and operation is not None and operation.output is not None:
        yield from _sensitive(operation.output, exchange.response.json)


def _sensitive(member: Member, value: Json) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    for name, below in member.properties.items():
        inner = value.get(name)
        if below.sensitive and isinstance(inner, str) and inner:
            yield name, inner
        yield from _sensitive(below, inner)
