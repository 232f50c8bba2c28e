"""The fullest valid body of an operation, made malformed in one place.

A server that rejects an empty object rejects every malformed variant of it, whatever its parser does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tunnelspec.contract import Contract, request_of
from tunnelspec.contract.document import Effect
from tunnelspec.contract.minimal import full_body, with_live_identifiers
from tunnelspec.exchange import RawRequest, Request


@dataclass(frozen=True, slots=True)
class Alteration:
    """What becomes of the text of a JSON object that has members, and the situation of a request with it.

    `is_same`: the request means the same as before, so that only calls are made in this way that change nothing.
    """

    alter: Callable[[bytes], bytes]
    situation: str = "malformed-json"
    is_same: bool = False

    def altered(self, raw: RawRequest) -> RawRequest:
        """A request with such a body."""
        return replace(raw, body=self.alter(raw.body), situation=self.situation)

    @property
    def applies_to_few(self) -> bool:
        """Whether most operations have no body that it alters."""
        return self.situation not in ("malformed-json", "not-an-object")


#: The beginning of a member's name.
_NAME = re.compile(rb'"(\w)(?=\w*":)')
_NUMBER = re.compile(rb"(?<=:)[0-9]+(?=[,}])")

ALTERATIONS = {
    "garbage-behind": Alteration(lambda text: text + b" garbage"),
    "brace-behind": Alteration(lambda text: text + b"}"),
    "object-behind": Alteration(lambda text: text + b"{}"),
    "nul-behind": Alteration(lambda text: text + b"\x00"),
    "comma-behind": Alteration(lambda text: text + b","),
    "line-behind": Alteration(lambda text: text + b"\n{}\n"),
    "garbage-before": Alteration(lambda text: b"x" + text),
    "last-brace-missing": Alteration(lambda text: text[:-1]),
    "last-comma": Alteration(lambda text: text[:-1] + b",}"),
    "comment-inside": Alteration(lambda text: text[:-1] + b"/* comment */}"),
    "nan-inside": Alteration(lambda text: text[:-1] + b',"tunnelspecMember":NaN}'),
    "bare-name-inside": Alteration(lambda text: text[:-1] + b",tunnelspecMember:1}"),
    "single-quotes-inside": Alteration(lambda text: text[:-1] + b",'tunnelspecMember':1}"),
    "in-a-list": Alteration(lambda text: b"[" + text + b"]", "not-an-object"),
    # In binary floating point this is infinity.
    "numbers-overflow": Alteration(lambda text: _NUMBER.sub(b"1e400", text), "integer-overflow"),
    "names-escaped": Alteration(lambda text: _NAME.sub(_escaped_first, text), "escaped-text", is_same=True),
    # As PHP writes it.
    "solidus-escaped": Alteration(lambda text: text.replace(b"/", b"\\/"), "escaped-text", is_same=True),
}


def _escaped_first(name: re.Match[bytes]) -> bytes:
    return b'"\\u%04x' % ord(name[1])


def applicable(contract: Contract, request: Request) -> Iterator[str]:
    """The names of the alterations of this request, whose identifiers are live ones."""
    shape = contract.operations[request.operation]
    example = json.dumps(full_body(contract, request.operation), separators=(",", ":")).encode()
    for name, alteration in ALTERATIONS.items():
        if alteration.alter(example) != example and (not alteration.is_same or shape.effect is Effect.READ):
            yield name


def base(contract: Contract, operation: str) -> Request | None:
    """The fullest valid call of an operation, with live identifiers; None where it has no member to send."""
    body = with_live_identifiers(contract.operations[operation].input, full_body(contract, operation))
    return request_of(contract, operation, body) if body else None
