"""The sensitive values that a target has issued, and which of them are worth looking for in later responses."""

from __future__ import annotations

import math
import string
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, takewhile

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


def weakness(values: Sequence[str]) -> str:
    """Why secrets that were issued one after another can be guessed, as a clause; empty where nothing shows it.

    A value is short if all values of its length and characters are fewer than 2 to the power of 64, repetitive if it
    has half as many bits by its own frequencies, and near another if what differs between them has that few.
    """
    for value in values:
        if _capacity_bits(value) < STRONG_BITS:
            return f"a token of {len(value)} characters, which can be tried out"
        if strength_bits(value) < STRONG_BITS / 2:
            return f"a token of {len(value)} characters, most of which are alike"
    for before, after in pairwise(values):
        differing = _differing(before, after)
        if _capacity_bits(differing) < STRONG_BITS / 2:
            return f"tokens that differ in {len(differing)} of {len(after)} characters"
    return ""


def _capacity_bits(value: str) -> float:
    """The bits of a text of this length that is drawn at random from the classes of characters in it."""
    if not value:
        return 0.0
    if all(char in string.hexdigits or char == "-" for char in value):
        return 4.0 * len(value.replace("-", ""))
    classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    size = sum(len(letters) for letters in classes if any(char in letters for char in value))
    return len(value) * math.log2(size + (len(string.punctuation) if not value.isalnum() else 0))


def _differing(before: str, after: str) -> str:
    """What is left of `after` without the beginning and the end that it shares with `before`."""
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    return after[start : len(after) - end]


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


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
