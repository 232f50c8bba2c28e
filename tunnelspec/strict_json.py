"""Reads JSON as RFC 8259 has it, from bytes that may come from anybody: bounded in time and memory, never raising."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

#: A parsed JSON value, as `json` makes it. Its shape is for the contract to check, not for Python's types.
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

#: Deeper values, longer numbers and more values than these are in no response of an API.
_MAX_DEPTH, _MAX_DIGITS, _MAX_VALUES = 100, 4000, 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text. `problem` says why it is not strict JSON, or None; `value` is then None. `readable` is what a
    lenient parser reads: the text without a byte order mark and what follows the value, of equal names the last.
    """

    value: Json = None
    problem: str | None = None
    readable: Json = None


class _NotStrict(ValueError):
    """Valid for Python's parser, but not JSON by RFC 8259, or too costly to read."""


def refuse_constant(name: str) -> NoReturn:
    """For `json`'s `parse_constant`. Raises ValueError: NaN and Infinity are no JSON."""
    raise _NotStrict(f"{name} is not a JSON value")


def _refuse_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _NotStrict("an object has the same name twice")
    return value


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        # Legal JSON, but reading it takes quadratic time; no member of an AWS API is such a number.
        raise _NotStrict(f"the body has a number of {len(digits)} digits")
    return int(digits)


_DECODER = json.JSONDecoder(parse_constant=refuse_constant, object_pairs_hook=_refuse_duplicates, parse_int=_integer)
_LENIENT = json.JSONDecoder(parse_int=_integer)
#: A string, whole or cut off by the end: it matches wherever it starts, so that it takes linear time.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+\\?(?:"|\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_TOO_DEEP = "the body nests too deeply to read"


def parse(body: bytes) -> Document:
    """The JSON text in `body`, which must be UTF-8. Never raises, whatever the bytes are."""
    problem = _too_costly(body)
    if problem is not None:
        return Document(problem=problem)
    try:
        value = _DECODER.decode(body.decode("utf-8"))
        return Document(value, readable=value)
    except UnicodeDecodeError:
        return Document(problem="the body is not UTF-8")
    except RecursionError:
        return Document(problem=_TOO_DEEP)
    except _NotStrict as problem:
        return Document(problem=str(problem), readable=_readable(body))
    except ValueError:
        return Document(problem=_format_of(body), readable=_readable(body))


def kind(value: Json) -> str:
    """The JSON type of a value: null, boolean, string, number, array or object."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def _readable(body: bytes) -> Json:
    text = body.removeprefix(codecs.BOM_UTF8).lstrip()
    # The strict parser ends at a byte order mark, whatever is behind it.
    if _too_costly(text) is not None:
        return None
    try:
        value: Json = _LENIENT.raw_decode(text.decode("utf-8"))[0]
    except (ValueError, RecursionError):
        return None
    return value


def _too_costly(body: bytes) -> str | None:
    """Why a body is not to be parsed: reading it would take more memory than any response is worth."""
    if body.count(b",") + body.count(b"[") + body.count(b"{") <= _MAX_DEPTH or body.lstrip()[:1] not in b"[{":
        return None
    bare = _STRING.sub(b"", body)
    if bare.count(b",") + bare.count(b"[") + bare.count(b"{") > _MAX_VALUES:
        return f"the body holds more than {_MAX_VALUES} values"
    depth = deepest = 0
    for bracket in _BRACKET.finditer(bare):
        depth += 1 if bracket.group() in b"[{" else -1
        deepest = max(deepest, depth)
    # The checks recurse.
    return _TOO_DEEP if deepest > _MAX_DEPTH else None


def _format_of(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "the body is an HTML page"
    if start.startswith(b"<"):
        return "the body is XML"
    return "the body is not JSON"
