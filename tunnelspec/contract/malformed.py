"""Malformed and unusual requests, read from `openapi/malformed-awsjson1_1.json`, which is plain data.

The file also has the expected outcome of each, for readers who use nothing but the file: a copy of the rows of
`openapi/errors.yaml`, which `python -m tunnelspec.contract.malformed` refreshes.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import cycle
from pathlib import Path
from string import Template
from typing import Any, cast

from tunnelspec.contract.document import Contract, load
from tunnelspec.contract.oracle import Situation
from tunnelspec.exchange import Headers

DATA = "malformed-awsjson1_1.json"


@dataclass(frozen=True, slots=True)
class Malformed:
    """One request of the list. `situation` is the oracle's row for it.

    `same_as_body`: the request means the same as one with the plain body. `per_service`: it is rejected before
    the operation is looked at, so that one operation is enough.
    """

    name: str
    description: str
    situation: str
    same_as_body: bool
    per_service: bool
    method: str
    path: str
    headers: Headers
    body: tuple[Mapping[str, object], ...]

    def filled_headers(self, values: Mapping[str, str]) -> Headers:
        """The headers with their placeholders filled in."""
        return tuple((name, Template(value).substitute(values)) for name, value in self.headers)

    def filled_body(self, values: Mapping[str, str]) -> bytes:
        """The body's bytes with its placeholders filled in."""
        return _joined(self.body, values)


def placeholders(contract: Contract, operation: str, body: Mapping[str, object]) -> dict[str, str]:
    """The values of the placeholders in requests of this operation, for a valid `body`."""
    text = json.dumps(body, separators=(",", ":"))
    target = contract.operations[operation].target
    return {
        "contentType": contract.service.content_type,
        "upperContentType": contract.service.content_type.upper(),
        "targetPrefix": contract.service.target_prefix,
        "operation": operation,
        "target": target,
        "lowerTarget": target.lower(),
        "lowerTargetPrefix": contract.service.target_prefix.lower(),
        "sdkId": contract.service.sdk_id.replace(" ", ""),
        "shortTargetPrefix": contract.service.target_prefix[:3],
        "lowerOperation": operation.lower(),
        "body": text,
        "openBody": text[:-1] + ("," if body else ""),
        "escapedBody": re.sub(r'"[^"\\]*"', _escaped, text),
        "spacedBody": json.dumps(body, indent="\t", separators=(" ,", " :\t ")).replace("\n", " \r\n"),
    }


@cache
def malformed() -> tuple[Malformed, ...]:
    """Every request of the list, in the order of the file."""
    data = _data()
    plain = data["protocol"]
    return tuple(_case(plain, raw) for raw in data["cases"])


def expectations(contract: Contract) -> dict[str, dict[str, object]]:
    """The expectations and sources of the file: the oracle's rows under the file's names."""
    rows = [contract.situations[name] for name in dict.fromkeys(case.situation for case in malformed())]
    sources = contract.cited(cite for row in rows for cite in row.cites)
    return {
        "sources": {source.id: {"title": source.title, "url": source.url} for source in sources},
        "expectations": {row.id: _expectation(row) for row in rows},
    }


def _expectation(row: Situation) -> dict[str, object]:
    return {
        "decision": row.decision,
        "binding": row.level.value,
        "demand": row.requirement,
        "why": row.why,
        "statuses": list(row.status),
        "toleratedStatuses": {str(status): why for status, why in row.tolerated_status.items()},
        "types": list(row.codes),
        "toleratedTypes": dict(row.tolerated_codes),
        "envelope": row.envelope,
        "sources": list(row.cites),
    }


def _data() -> dict[str, Any]:
    return cast("dict[str, object]", json.loads((files("tunnelspec.openapi") / DATA).read_text(encoding="utf-8")))


def _case(plain: Mapping[str, Any], raw: Mapping[str, Any]) -> Malformed:
    headers = {**plain["headers"], **raw.get("headers", {})}
    return Malformed(
        name=raw["name"],
        description=raw["description"],
        situation=raw["situation"],
        same_as_body=raw.get("sameAsBody", False),
        per_service=raw["scope"] == "service",
        method=raw.get("method", plain["method"]),
        path=_joined(raw.get("path", [{"text": plain["path"]}]), {}).decode(),
        headers=tuple((name, value) for name, value in headers.items() if value is not None),
        body=tuple(raw["body"]),
    )


def _joined(parts: Iterable[Mapping[str, Any]], values: Mapping[str, str]) -> bytes:
    joined = b""
    for part in parts:
        if "base64" in part:
            piece = base64.b64decode(part["base64"])
        elif "placeholder" in part:
            piece = values[part["placeholder"]].encode(part.get("encoding", "utf-8"))
        else:
            piece = part["text"].encode()
        joined += piece * part.get("repeat", 1)
    return joined


def _escaped(text: re.Match[str]) -> str:
    """Every letter as an escape, with hexadecimal digits in lower and in upper case."""
    formats = cycle((r"\u{:04x}", r"\u{:04X}"))
    return "".join(next(formats).format(ord(char)) if char.isalpha() else char for char in text[0])


def _refresh() -> None:
    path = Path(str(files("tunnelspec.openapi") / DATA))
    text = json.dumps({**_data(), **expectations(load())}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    _refresh()
