"""The fullest valid body of an operation, made malformed in one place.

A server that rejects an empty object rejects every malformed variant of it, whatever its parser does.
"""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.contract import Contract, classify
from tunnelspec.contract.minimal import full_body, with_value_at
from tunnelspec.exchange import Live, Request

#: What each variant makes of the text of a JSON object that has members.
VARIANTS: dict[str, Callable[[bytes], bytes]] = {
    "garbage-behind": lambda text: text + b" garbage",
    "brace-behind": lambda text: text + b"}",
    "object-behind": lambda text: text + b"{}",
    "nul-behind": lambda text: text + b"\x00",
    "comma-behind": lambda text: text + b",",
    "line-behind": lambda text: text + b"\n{}\n",
    "garbage-before": lambda text: b"x" + text,
    "last-brace-missing": lambda text: text[:-1],
    "last-comma": lambda text: text[:-1] + b",}",
    "comment-inside": lambda text: text[:-1] + b"/* comment */}",
    "nan-inside": lambda text: text[:-1] + b',"tunnelspecMember":NaN}',
    "bare-name-inside": lambda text: text[:-1] + b",tunnelspecMember:1}",
    "single-quotes-inside": lambda text: text[:-1] + b",'tunnelspecMember':1}",
    "in-a-list": lambda text: b"[" + text + b"]",
}
#: Those that are JSON, but no object.
NOT_AN_OBJECT = frozenset({"in-a-list"})


def base(contract: Contract, operation: str) -> Request | None:
    """The fullest valid call of an operation, with live identifiers; None where it has no member to send."""
    structure = contract.operations[operation].input
    body = full_body(contract, operation)
    for member in structure.walk():
        if member.identifies is not None:
            body = with_value_at(structure, member.path, Live(member.identifies.resource, member.identifies.by), body)
    return Request(operation, body, classify(contract, operation, body).situation) if body else None
