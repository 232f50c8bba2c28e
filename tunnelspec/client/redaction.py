"""Replaces secrets by value, never by the name of a key: a tag's `key` is no secret.

Everything that is written anywhere goes through one redactor. It knows the credentials in use, every
access token that the target has issued, and which members the contract marks as sensitive; and it knows a
signature when it sees one. A part of a secret, as a cut in the middle leaves it, is replaced as well.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

#: Shorter values would be found in innocent text.
SHORTEST = 8
#: A part of a secret is taken for one from this length on, in characters.
PART = 12
#: Signatures are not known before they are made, but have a form of their own.
_SIGNATURE = re.compile(r"(Signature(?:=|%3D|%3d))[0-9a-fA-F]+")
_TOKEN_IN_URL = re.compile(r"(X-Amz-Security-Token(?:=|%3D|%3d))[^&\s\"'<>]{8,}", re.IGNORECASE)
#: What tokens and keys consist of, with what escapes in JSON, URLs and base64 are made of.
_RUN = re.compile(rf"[A-Za-z0-9+/=_.~%\\:-]{{{PART},}}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)")
_LOGGERS = ("urllib3", "botocore", "boto3", "requests", "requests_aws4auth", "http", "tunnelspec")


class Redactor:
    """Knows secrets and replaces them; thread-safe. `members` are names of sensitive members."""

    def __init__(self, members: Iterable[str] = ()) -> None:
        self._whole: dict[str, str] = {}
        self._heads: dict[str, list[str]] = {}
        self._tails: dict[str, list[str]] = {}
        #: Values that hold more than `_RUN` has: rare, and looked for one by one.
        self._odd: dict[str, str] = {}
        self._lock = threading.Lock()
        names = sorted(members)
        self._names = tuple(name.encode() for name in names)
        self._members = (
            # A value that is cut short ends with the text.
            re.compile(rf"""({"|".join(map(re.escape, names))})(\\*["'])(\s*:\s*\2)((?:(?!\2).)*)""", re.DOTALL)
            if names
            else None
        )

    def learn(self, value: str, label: str) -> None:
        """Remember a secret; from now on `<redacted:label>` stands in its place."""
        if len(value) < SHORTEST:
            return
        with self._lock:
            if value in self._whole:
                return
            for form in _forms(value):
                self._whole.setdefault(form, label)
                if not _RUN.fullmatch(form):
                    self._odd[form] = label
                else:
                    self._heads.setdefault(form[:PART], []).append(form)
                    self._tails.setdefault(form[-PART:], []).append(form)

    def hear(self, body: bytes) -> None:
        """Learn the sensitive members of an answer, wherever in it they are and whatever it answers."""
        if self._members is None or not any(name in body for name in self._names):
            return
        for found in self._members.finditer(body.decode("utf-8", "replace")):
            value = found[4]
            self.learn(value, found[1])
            self.learn(_unescaped(value), found[1])

    def text(self, text: str) -> str:
        """The text without any secret, and without half a surrogate pair, which no file can hold."""
        if not text.isascii():
            text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        if len(text) < SHORTEST:
            return text
        if "ignature" in text:
            text = _SIGNATURE.sub(r"\1<redacted:signature>", text)
        if "-" in text:
            text = _TOKEN_IN_URL.sub(r"\1<redacted:session-token>", text)
        if self._members is not None:
            text = self._members.sub(_member, text)
        with self._lock:
            for form in sorted(self._odd, key=len, reverse=True):
                text = text.replace(form, f"<redacted:{self._odd[form]}>")
            return _RUN.sub(self._run, text)

    def _run(self, found: re.Match[str]) -> str:
        run = found.group()
        clean = self._without(run)
        if clean == run and ("\\" in run or "%" in run):
            # Hidden by escapes that nobody needs: the whole run goes.
            plain = _unescaped(unquote(run))
            if self._without(plain) != plain:
                return "<redacted:escaped secret>"
        return clean

    def _without(self, run: str) -> str:
        made, at = [], 0
        index = 0
        while index <= len(run) - PART:
            window = run[index : index + PART]
            start, end, label = index, index, ""
            for form in self._heads.get(window, ()):
                length = _common(form, run[index:])
                if length > end - index:
                    end, label = index + length, self._whole[form]
            if not label:
                for form in self._tails.get(window, ()):
                    # A tail without its head: what precedes it in the run may be more of it.
                    length = _common(form[::-1], run[at : index + PART][::-1])
                    if index + PART - length < start or not label:
                        start, end, label = index + PART - length, index + PART, self._whole[form]
            if label:
                made += [run[at:start], f"<redacted:{label}>"]
                at = index = end
            else:
                index += 1
        return "".join([*made, run[at:]])


@contextmanager
def quiet_logs(redact: Callable[[str], str]) -> Iterator[None]:
    """While it lasts, what HTTP libraries and we log holds no secret, at whatever level and handler."""
    usual = logging.getLogRecordFactory()

    def made(*args: Any, **options: Any) -> logging.LogRecord:
        record = usual(*args, **options)
        if record.name.split(".")[0] in _LOGGERS:
            record.msg, record.args = redact(record.getMessage()), ()
            if record.exc_info and record.exc_info[0] is not None:
                record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)))
                record.exc_info = None
        return record

    logging.setLogRecordFactory(made)
    try:
        yield
    finally:
        logging.setLogRecordFactory(usual)


def _member(found: re.Match[str]) -> str:
    if not found[4] or found[4].startswith("<redacted:"):
        return found[0]
    return f"{found[1]}{found[2]}{found[3]}<redacted:{found[1]}>"


def _forms(value: str) -> set[str]:
    """A value as it is, as JSON and URLs write it, and in base64 alone."""
    data = value.encode("utf-8", "surrogatepass")
    escaped = json.dumps(value)[1:-1]
    return {
        value,
        escaped,
        json.dumps(escaped)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        value.replace("/", "\\/"),
        quote(data, safe=""),
        quote(data, safe="/"),
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode(),
    }


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], text)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(index for index in range(length) if one[index] != other[index])
