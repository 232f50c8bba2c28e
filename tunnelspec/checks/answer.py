"""An answer as the AWS SDKs read it: parsed once, then looked at by every check."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.exchange import Response

#: Longer error types, deeper values, longer numbers and more of them belong to no answer of an API.
_LONGEST_NAME, _DEEPEST, _MOST_DIGITS, _MOST_VALUES = 120, 100, 4000, 20_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A parsed answer.

    `problem` says why the body is no strict JSON (None if it is, or if it is empty); `body` is then
    None. `code` is the error's type as botocore reads it, from `__type` alone; `other_code` is what
    a client that also looks at `X-Amzn-Errortype` and `code` would find.
    """

    response: Response
    body: Any = None
    problem: str | None = None
    empty: bool = False
    code: str | None = None
    other_code: str | None = None

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @property
    def accepted(self) -> bool:
        """Whether the target did what it was asked: any 2xx."""
        return 200 <= self.status < 300

    @property
    def rejected(self) -> bool:
        """Whether the target refused in an orderly way: any 4xx."""
        return 400 <= self.status < 500

    @property
    def named_code(self) -> str | None:
        """The error's type wherever the answer carries it."""
        return self.code or self.other_code

    @property
    def summary(self) -> str:
        """The answer in a few words."""
        if self.accepted:
            return f"accepted it with status {self.status}"
        code = self.named_code or "no error type"
        return f"answered status {self.status}, {code}"


def shape_name(value: str) -> str:
    """The bare shape name in an error type: `ns#Name:uri` becomes `Name`.

    Smithy, AWS JSON 1.1, "Operation error serialization": clients drop what follows the first
    colon and what precedes the first hash.
    """
    return value.split(":", 1)[0].rsplit("#", 1)[-1].strip()[:_LONGEST_NAME]


class _NotStrict(ValueError):
    """Valid for Python's parser, no JSON by RFC 8259."""


def _refuse_constant(name: str) -> Any:
    raise _NotStrict(f"{name} is no JSON value")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _NotStrict("an object has the same name twice")
    return value


def _integer(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        # Legal JSON, but reading it takes quadratic time; no member of an AWS API is such a number.
        raise _NotStrict(f"the body has a number of {len(digits)} digits")
    return int(digits)


_DECODER = json.JSONDecoder(
    parse_constant=_refuse_constant, object_pairs_hook=_refuse_duplicates, parse_int=_integer
)
#: A string, whole or cut off by the end: it matches wherever it starts, so that it takes linear time.
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+\\?(?:"|\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_TOO_DEEP = "the body nests too deeply to read"


def read(response: Response) -> Answer:
    """The answer in a response; never raises, whatever the bytes are."""
    header = response.header("x-amzn-errortype")
    other = shape_name(header) if header else None
    if not response.body:
        return Answer(response, empty=True, other_code=other)
    unwieldy = _unwieldy(response.body)
    if unwieldy is not None:
        return Answer(response, problem=unwieldy, other_code=other)
    try:
        body = _DECODER.decode(response.body.decode("utf-8"))
    except UnicodeDecodeError:
        return Answer(response, problem="the body is not UTF-8", other_code=other)
    except RecursionError:
        return Answer(response, problem=_TOO_DEEP, other_code=other)
    except ValueError as problem:
        reason = str(problem) if isinstance(problem, _NotStrict) else _what_it_is(response.body)
        return Answer(response, problem=reason, other_code=other)
    code = None
    if isinstance(body, Mapping):
        named = body.get("__type")
        code = shape_name(named) if isinstance(named, str) and named else None
        bare = body.get("code")
        if other is None and isinstance(bare, str) and bare:
            other = shape_name(bare)
    return Answer(response, body=body, code=code, other_code=other)


def _unwieldy(body: bytes) -> str | None:
    """Why a body is not to be parsed: reading it would take more memory than any answer is worth."""
    if body.count(b",") + body.count(b"[") + body.count(b"{") <= _DEEPEST or body.lstrip()[:1] not in b"[{":
        return None
    bare = _STRING.sub(b"", body)
    if bare.count(b",") + bare.count(b"[") + bare.count(b"{") > _MOST_VALUES:
        return f"the body holds more than {_MOST_VALUES} values"
    depth = deepest = 0
    for found in _BRACKET.finditer(bare):
        depth += 1 if found.group() in b"[{" else -1
        deepest = max(deepest, depth)
    # The checks recurse.
    return _TOO_DEEP if deepest > _DEEPEST else None


def _what_it_is(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "the body is an HTML page"
    if start.startswith(b"<"):
        return "the body is XML"
    return "the body is not JSON"
