"""A canary key, secret and token, and every form in which one may leave."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from functools import cache
from urllib.parse import quote

#: The marks: each secret holds one at its head, in its middle and at its end.
KEY = "AKIDCANARYKEYCANARYKEY"
SECRET = "CanarySecretHead/CanarySecretMiddle+CanarySecretTail"
SESSION = "CanarySessionHead/0123456789+CanarySessionMiddle/0123456789+CanarySessionTail=="
TOKEN = re.compile(r"CanaryToken(?:Head|Tail)", re.IGNORECASE)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


#: Every way in which a value may be written, with the parts of words that show it: none may be in any file.
ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda t: t,
    "json": lambda t: json.dumps(t),
    "slashes": lambda t: t.replace("/", "\\/"),
    "json twice": lambda t: json.dumps(json.dumps(t)),
    "escapes": lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
    "percent": lambda t: quote(t, safe=""),
    "all percent": lambda t: "".join(f"%{ord(c):02X}" for c in t),
    "percent twice": lambda t: quote(quote(t, safe=""), safe=""),
    "html": lambda t: html.escape(t).replace("/", "&#x2F;").replace("+", "&plus;"),
    "html numbers": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "hex": lambda t: t.encode().hex(),
    "HEX": lambda t: t.encode().hex().upper(),
    "hex with colons": lambda t: t.encode().hex(":"),
    "base32": lambda t: base64.b32encode(t.encode()).decode(),
    "base32 lower": lambda t: base64.b32encode(t.encode()).decode().lower(),
    "base64": lambda t: _base64(t.encode()),
    "base64 at 1": lambda t: _base64(b"x" + t.encode()),
    "base64 at 2": lambda t: _base64(b"xy" + t.encode()),
    "base64url": lambda t: base64.urlsafe_b64encode(t.encode()).decode(),
    "base64 twice": lambda t: _base64(_base64(b"q" + t.encode()).encode()),
    "base64 lines": lambda t: base64.encodebytes(t.encode()).decode(),
    "hex of base64": lambda t: _base64(t.encode()).encode().hex(),
    "utf-16 in base64": lambda t: _base64(t.encode("utf-16-le")),
    "upper case": str.upper,
    "lower case": str.lower,
    "dashes": lambda t: "-".join(t[i : i + 4] for i in range(0, len(t), 4)),
    "spaces": " ".join,
    "lines": lambda t: "\n".join(t[i : i + 7] for i in range(0, len(t), 7)),
    "head": lambda t: t[:30],
    "tail": lambda t: t[-30:],
    "bytes": lambda t: repr(t.encode()),
}


def token(number: int) -> str:
    return f"CanaryTokenHead/{number:08d}+{'x1Y2' * 20}/{number:08d}CanaryTokenTail=="


_WHOLE = [encode for name, encode in ENCODINGS.items() if name not in ("head", "tail")]


@cache
def _fragments() -> frozenset[str]:
    """Twelve characters from the beginning of each secret, as each encoding writes them, folded."""
    found = set()
    for secret in (SECRET, SESSION, KEY, token(0)[:24]):
        for encode in _WHOLE:
            found.add(_fold(encode(secret))[2:18])
            found.add(_fold(encode(secret[3:]))[2:18])
    return frozenset(found)


def _fold(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def leaks(text: str, signatures: set[str]) -> list[str]:
    """The secrets, whole or in part, that a text contains."""
    folded = _fold(text)
    found = [fragment for fragment in _fragments() if fragment in folded]
    found += [mark.group() for mark in TOKEN.finditer(text)]
    for value in signatures:
        for form in (value, value.upper(), value.encode().hex(), _base64(value.encode())[:40]):
            found += [form] if form in text else []
    return found
