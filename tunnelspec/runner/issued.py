"""What a target has issued in a run, to all workers: values that must never come twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from tunnelspec.contract import Contract
from tunnelspec.contract.sensitive import secrets_in
from tunnelspec.exchange import Exchange
from tunnelspec.ownership.digest_set import DigestSet
from tunnelspec.ownership.identifiers import created_identifiers


class Issue(StrEnum):
    """A kind of value that a target issues once."""

    IDENTIFIER = "identifier"
    SECRET = "access token"  # the words of reports, not a secret
    REQUEST_ID = "request id"


@dataclass
class IssuedValues:
    """Counts what was issued; thread-safe. Values are kept as digests of 64 bits, by which two of the 400,000 values
    of a run of 100,000 requests agree once in 200 million runs, and of each kind the first response that repeats one.
    """

    counts: Counter[Issue] = field(default_factory=Counter)
    repeated: dict[Issue, Exchange] = field(default_factory=dict)
    _known: DigestSet = field(default_factory=DigestSet)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, exchange: Exchange, contract: Contract) -> None:
        """Count the values that a response issues."""
        if exchange.usable is None:
            return
        with self._lock:
            for issue, value in _values(exchange, contract):
                self.counts[issue] += 1
                digest = _digest(issue, value)
                if digest in self._known:
                    self.repeated.setdefault(issue, exchange)
                self._known.add(digest)

    def has_identifier(self, value: str) -> bool:
        """Whether a creation of this run returned this identifier."""
        with self._lock:
            return _digest(Issue.IDENTIFIER, value) in self._known


def _digest(issue: Issue, value: str) -> int:
    digest = blake2b(f"{issue} {value}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _values(exchange: Exchange, contract: Contract) -> Iterator[tuple[Issue, str]]:
    resource = contract.created_by(exchange.operation or "")
    identifiers = created_identifiers(exchange, resource) if resource is not None else None
    yield from ((Issue.IDENTIFIER, value) for value in set((identifiers or {}).values()))
    if exchange.response is not None and exchange.response.accepted:
        yield from ((Issue.SECRET, value) for _, value in secrets_in(exchange, contract))
    request_id = exchange.response.header("x-amzn-requestid") if exchange.response is not None else None
    if request_id:
        yield Issue.REQUEST_ID, request_id
