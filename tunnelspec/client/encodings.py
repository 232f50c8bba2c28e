"""The ways in which a text may encode another: escapes, hex, base32, base64 at any offset, and these nested.

Each way is a view: bytes, with the span of the original text that each byte comes from. Spans are computed only
when they are asked for, which is when a secret was found: most texts hold none, and must cost little.

Separators (dashes, spaces, line breaks, any character that is not of an encoding's alphabet) are dropped before
decoding, so that a value that is split by them reads like any other.
"""

from __future__ import annotations

import binascii
import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

_UPPER, _LOWER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz"
_DIGITS = b"0123456789"
_ALPHANUMERIC = _UPPER + _LOWER + _DIGITS
_FOLD = bytes.maketrans(_UPPER, _LOWER)
_TO_BASE32HEX = bytes.maketrans(_UPPER + _LOWER + b"234567", b"0123456789ABCDEFGHIJKLMNOP" * 2 + b"QRSTUV")
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_ESCAPE = re.compile(
    rb"\\u([0-9a-fA-F]{4})|\\u\{([0-9a-fA-F]{1,6})\}|\\x([0-9a-fA-F]{2})|%([0-9a-fA-F]{2})"
    rb"|&#[xX]([0-9a-fA-F]{1,6});?|&#([0-9]{1,7});?|&([a-zA-Z]{2,8});|\\(.)",
    re.DOTALL,
)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_HEX_RUN = re.compile(rb"[0-9a-f]{24,}")
_LOWER_BASE32_RUN = re.compile(rb"[a-z2-7]{20}")
#: What is decoded is decoded again only where it could be an encoding itself.
_ENCODED_RUN = re.compile(rb"[A-Za-z0-9+/=_%&;#\\\s-]{16,}")
#: How often one encoding may hold another.
_DEPTH = 3
#: How often escapes may be escaped.
_ROUNDS = 4
#: Fewer digits of an encoding hold no part of a secret that would be recognised.
_LEAST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class View:
    """Bytes, and for each of them the span in the parent's bytes that it comes from."""

    data: bytes
    parent: View | None = None
    spans: Callable[[], Sequence[tuple[int, int]]] = tuple

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that these bytes come from."""
        view = self
        while view.parent is not None:
            spans = view.spans()
            start, end, view = spans[start][0], spans[end - 1][1], view.parent
        return start, end


def fold(text: str) -> bytes:
    """The ASCII letters and digits of a text without escapes, in lower case: what all its spellings share."""
    if text.isalnum() and text.isascii():
        return text.lower().encode()
    return _folded(_unescaped(View(text.encode("latin-1", "replace")))).data


def views(text: str) -> Iterator[View]:
    """Everything that a text may say, folded. Characters beyond Latin-1 are separators."""
    return _views(View(text.encode("latin-1", "replace")), _DEPTH)


def _views(view: View, depth: int) -> Iterator[View]:
    plain = _unescaped(view)
    folded = _folded(plain)
    yield folded
    if depth == 0 or len(folded.data) < _LEAST_DIGITS:
        return
    for inner in _decoded(plain, folded):
        if _ENCODED_RUN.search(inner.data):
            yield from _views(inner, depth - 1)
        else:
            yield _folded(inner)


def _decoded(plain: View, folded: View) -> Iterator[View]:
    """What a text may encode; the decodings from every offset stand one after another."""
    runs = [(run.start(), run.end()) for run in _HEX_RUN.finditer(folded.data)]
    if runs:
        yield _decodings(folded, [(start + skip, end) for start, end in runs for skip in range(2)], _from_hex, 4)
    base32 = [_kept(plain, _UPPER + b"234567", _TO_BASE32HEX)]
    if _LOWER_BASE32_RUN.search(plain.data):  # prose has too many of its digits
        base32.append(_kept(plain, _LOWER + b"234567", _TO_BASE32HEX))
    for digits in base32:
        if len(digits.data) >= _LEAST_DIGITS:
            yield _decodings(digits, [(skip, len(digits.data)) for skip in range(8)], _from_base32, 5)
    base64 = [_kept(plain, _ALPHANUMERIC + b"+/")]
    if b"-" in plain.data or b"_" in plain.data:
        base64.append(_kept(plain, _ALPHANUMERIC + b"+/-_", _FROM_URL_SAFE))
    for digits in base64:
        yield _decodings(digits, [(skip, len(digits.data)) for skip in range(4)], _from_base64, 6)


def _decodings(digits: View, ranges: Sequence[tuple[int, int]], decode: Callable[[bytes], bytes], bits: int) -> View:
    """What ranges of digits stand for, each digit for so many bits; bits that fill no byte are left out."""
    parts = [decode(digits.data[start:end]) for start, end in ranges]

    def spans() -> list[tuple[int, int]]:
        return [
            (start + 8 * index // bits, start + (8 * index + 7) // bits + 1)
            for (start, _), part in zip(ranges, parts, strict=True)
            for index in range(len(part))
        ]

    return View(b"".join(parts), digits, spans)


def _from_hex(digits: bytes) -> bytes:
    return binascii.unhexlify(digits[: len(digits) & ~1])


def _from_base32(digits: bytes) -> bytes:
    size = len(digits) * 5 // 8
    return (int(digits, 32) >> (len(digits) * 5 - size * 8)).to_bytes(size, "big") if size else b""


def _from_base64(digits: bytes) -> bytes:
    rest = len(digits) % 4
    padding = b"=" * (4 - rest) if rest > 1 else b""
    return binascii.a2b_base64(digits[: len(digits) - (rest == 1)] + padding)


def _folded(view: View) -> View:
    return _kept(view, _ALPHANUMERIC, _FOLD)


def _kept(view: View, alphabet: bytes, table: bytes | None = None) -> View:
    """The bytes of an alphabet alone, translated."""

    def spans() -> list[tuple[int, int]]:
        return [(index, index + 1) for index, byte in enumerate(view.data) if byte in alphabet]

    return View(view.data.translate(table, _others(alphabet)), view, spans)


@cache
def _others(alphabet: bytes) -> bytes:
    return bytes(set(range(256)) - set(alphabet))


def _unescaped(view: View) -> View:
    """A text without its escapes: those of JSON, of URLs, of HTML and of Python, also of one another."""
    for _ in range(_ROUNDS):
        if not (b"\\" in view.data or b"%" in view.data or b"&" in view.data):
            break
        data = _ESCAPE.sub(lambda escape: _character(escape[0]), view.data)
        if data == view.data:
            break
        view = _without_escapes(view, data)
    return view


def _without_escapes(view: View, data: bytes) -> View:
    def spans() -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        position = 0
        for escape in _ESCAPE.finditer(view.data):
            spans += [(index, index + 1) for index in range(position, escape.start())]
            spans += [escape.span()] * len(_character(escape[0]))
            position = escape.end()
        return spans + [(index, index + 1) for index in range(position, len(view.data))]

    return View(data, view, spans)


@lru_cache(maxsize=4096)  # a body of a hundred thousand escapes has few different ones
def _character(escape: bytes) -> bytes:
    """What an escape stands for: one byte, or `?` for a character beyond Latin-1."""
    match = _ESCAPE.fullmatch(escape)
    assert match is not None
    *hexadecimals, decimal, entity, other = match.groups()
    if entity is not None:
        character = html.unescape(escape.decode("ascii"))
        return character.encode("latin-1", "replace") if len(character) == 1 else escape
    if other is not None:
        return _CONTROLS.get(other, other)
    code = next((int(digits, 16) for digits in hexadecimals if digits is not None), None)
    if code is None:
        code = int(decimal)
    return bytes([code]) if code < 256 else b"?"
