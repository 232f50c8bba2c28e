"""An exchange without what differs from run to run, so that the responses of two targets can be compared.

Ids, ARNs, page tokens and access tokens become `<tunnelId 1>`, numbered by their first appearance in a
case; times become `<time>`. Which member is what is read from the contract document. What a response
contains of tunnels that are not the case's own is left out: others may use the same account.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.contract import Contract, Member
from tunnelspec.exchange import Exchange, Live, Request
from tunnelspec.plain_data import mapped

#: Text longer than this is shown by its beginning and a digest.
_LONGEST = 240
#: What an error's type and its message are called, by the AWS JSON protocols and by servers that err.
_TYPES = frozenset({"__type", "code", "Code"})
_MESSAGES = frozenset({"message", "Message", "errorMessage"})
#: Shorter values would be found in innocent text.
_SHORTEST = 8


class Normaliser:
    """The placeholders of one case at one target. Not thread-safe."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._names: dict[str, str] = {}
        self._count: dict[str, int] = {}
        self._identifiers = {
            member for resource in contract.resources.values() for member in resource.identifiers.values()
        }
        self._opaque = {
            name
            for operation in contract.operations.values()
            for name, member in operation.input.properties.items()
            if member.opaque
        }

    def note(self, exchange: Exchange) -> dict[str, object]:
        """The exchange as plain data: request and response."""
        called = self._called(exchange)
        response = exchange.usable
        if response is None:
            return {**called, "failure": exchange.failure or "no response"}
        operation = self._contract.operations.get(exchange.operation or "")
        plain: dict[str, object] = {
            **called,
            "failure": "",
            "status": response.status,
            "error": None if response.accepted else response.named_error,
            "type": (response.header("content-type") or "").split(";")[0].strip().lower(),
            "problem": response.problem or "",
            "message": "",
        }
        if response.accepted and not response.json and response.problem is None:
            # Nothing and {} are the same to every client.
            plain.update(body={}, type="")
        elif not isinstance(response.json, Mapping):
            plain["body"] = {} if not response.body else self._unknown(response.json)
        elif response.accepted:
            filtered = not _is_unfiltered(exchange, self._opaque)
            output = (operation.output if operation else None) or Member()
            plain["body"] = self._structure(output, response.json, filtered)
        else:
            texts = [str(response.json[name]) for name in sorted(_MESSAGES & response.json.keys())]
            plain["message"] = self._text(" ".join(texts))
            plain["body"] = {
                name: self._unknown(value)
                for name, value in response.json.items()
                if name not in _TYPES and name not in _MESSAGES
            }
        return plain

    def _called(self, exchange: Exchange) -> dict[str, object]:
        request = exchange.request
        if not isinstance(request, Request):
            digest = hashlib.sha256(request.body).hexdigest()[:12]
            line = f"{request.method} {request.path} {request.name or digest}"
            return {"operation": request.operation or "", "asked": line}
        # What a request names is known from then on by the names in its response.
        self._learn(request.body, _parsed(exchange.sent.body))
        body = json.dumps(mapped(request.body, _placeholder), sort_keys=True)
        return {"operation": request.operation, "asked": self._cut(body)}

    def _learn(self, meant: object, sent: Any) -> None:
        """Number the identifiers that a request's placeholders stood for."""
        if isinstance(meant, Live) and not meant.edit and isinstance(sent, str):
            self._name(meant.member, sent)
        elif isinstance(meant, Mapping) and isinstance(sent, Mapping):
            for key, value in meant.items():
                self._learn(value, sent.get(key))
        elif isinstance(meant, list | tuple) and isinstance(sent, list):
            for one, other in zip(meant, sent, strict=False):
                self._learn(one, other)

    def _name(self, role: str, value: str) -> str:
        if value not in self._names:
            self._count[role] = self._count.get(role, 0) + 1
            self._names[value] = f"<{role} {self._count[role]}>"
        return self._names[value]

    def _structure(self, member: Member, value: Mapping[str, Any], whole: bool) -> dict[str, Any]:
        """An object of the document, member by member. Whether there are further pages is shown only for lists
        that are filtered (`whole`): for others it depends on what else is in the account."""
        normal_members = {}
        for name, inner in sorted(value.items()):
            known = member.properties.get(name)
            if known is None:
                normal_members[name] = self._unknown(inner)
            elif name in self._opaque:
                if whole:
                    normal_members[name] = self._name(name, inner) if isinstance(inner, str) else inner
            else:
                normal = self._member(name, known, inner)
                if normal is not _NOTHING:
                    normal_members[name] = normal
        return normal_members

    def _member(self, name: str, member: Member, value: object) -> Any:
        if member.timestamp:
            return "<time>" if isinstance(value, int | float) else f"<time as {type(value).__name__}>"
        if isinstance(value, str) and (member.sensitive or name in self._identifiers):
            return self._name(name, value)
        if isinstance(value, Mapping) and member.type == "object":
            return self._structure(member, value, True)
        if isinstance(value, list) and member.items is not None:
            return self._list(member.items, value)
        if isinstance(value, str):
            return self._text(value)
        return value if isinstance(value, int | float | bool | None) else self._unknown(value)

    def _list(self, member: Member, items: list[object]) -> object:
        identifying = self._identifiers & member.properties.keys()
        if identifying:
            own = [
                item
                for item in items
                if isinstance(item, Mapping) and any(str(item.get(name)) in self._names for name in identifying)
            ]
            # A list without anything of ours may as well not be there.
            return [self._member("", member, item) for item in own] or _NOTHING
        elements = [self._member("", member, item) for item in items]
        if elements and all(isinstance(item, Mapping) and "key" in item for item in elements):
            # Tags have no order.
            elements.sort(key=lambda item: json.dumps(item, sort_keys=True))
        return elements

    def _unknown(self, value: object) -> str:
        """A value of which the document says nothing: its kind, since whether it varies is not known."""
        kinds = {dict: "object", list: "array", str: "text", bool: "boolean", type(None): "null"}
        return f"<{kinds.get(type(value), 'number')}>"

    def _text(self, text: str) -> str:
        """Text with the values that have names replaced by those."""
        for value, name in self._names.items():
            if len(value) >= _SHORTEST and value in text:
                text = text.replace(value, name)
        return self._cut(text)

    def _cut(self, text: str) -> str:
        if len(text) <= _LONGEST:
            return text
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return f"{text[:_LONGEST]} … {len(text)} characters, digest {digest}"


#: Stands for a member that is not to be compared.
_NOTHING = object()


def _is_unfiltered(exchange: Exchange, opaque: set[str]) -> bool:
    """Whether a call asks for whatever there is: no text in it but that of a page token."""
    body = exchange.request.body if isinstance(exchange.request, Request) else {}
    return not any(isinstance(value, str | Live) for name, value in dict(body).items() if name not in opaque)


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _placeholder(value: object) -> object:
    if not isinstance(value, Live):
        return value
    return f"<{value.resource}.{value.member}{f' {value.edit}' if value.edit else ''}>"


def without_repeats(notes: list[dict[str, object]], reads: frozenset[str]) -> Iterator[dict[str, object]]:
    """The notes without reads that were only repeated until they agreed: the last of each series stays."""
    for note, following in zip(notes, (*notes[1:], {}), strict=False):
        if note["operation"] in reads and all(note.get(k) == following.get(k) for k in ("operation", "asked")):
            continue
        yield note
