"""Replaces secrets by value, whatever the key they stand under: a tag's `key` is no secret.

Every string that came from a target or from credentials passes through one redactor before it is stored or
shown. It knows the credentials in use, the signatures that were sent, every access token that the target has
issued, and which members the contract marks as sensitive.

A secret is held folded (its letters and digits in lower case), and so is every text compared with it, in each
of the encodings that `encodings` reads. Of each secret the windows of 8 characters that begin at its head, in
its middle and at its tail, at 5 successive offsets each, are in one table. A text is looked up in that table at
every fifth position: whatever holds 12 successive characters of one of these places meets a window. The cost is
therefore a table look-up for every five characters, however many secrets there are; only what meets a window is
compared in full.

Memory is bounded: of each kind of secret, the last `KEPT` are held, some 5 kB each. An access token is forgotten
when so many newer ones are known; what a run stores is redacted when it is stored.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tunnelspec.client.encodings import View, fold, views

#: Shorter values would be found in innocent text.
SHORTEST = 8
#: A part of a secret is taken for one from this length on, in letters and digits.
PART = 12
#: How many secrets of one kind are held.
KEPT = 1024
_WINDOW = 8
_STRIDE = PART - _WINDOW + 1
#: Secrets that share a window, and are compared when it is met: the last ones.
_SHARING = 32
#: Secrets with too few letters and digits for a window are looked for as they are; the last ones.
_LITERALS = 32
#: How many results are remembered, and up to which length.
_REMEMBERED, _REMEMBERED_LENGTH = 4096, 512
#: Signatures of requests that somebody else signed, and session tokens in URLs, are known by their form.
_SIGNATURE = re.compile(r"(Signature(?:=|%3D|%3d))[0-9a-fA-F]+")
_TOKEN_IN_URL = re.compile(r"(X-Amz-Security-Token(?:=|%3D|%3d))[^&\s\"'<>]{8,}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Secret:
    folded: bytes
    label: str


class Redactor:
    """Knows secrets and replaces them; thread-safe. `members` are names of sensitive members."""

    def __init__(self, members: Iterable[str] = ()) -> None:
        names = sorted(members)
        self._names = tuple(name.encode() for name in names)
        #: The name of a member may be a part of a token, and is no secret.
        self._public = tuple(fold(name) for name in names)
        self._members = (
            # A value that is cut short ends with the text.
            re.compile(rf"""({"|".join(map(re.escape, names))})(\\*["'])(\s*:\s*\2)((?:(?!\2).)*)""", re.DOTALL)
            if names
            else None
        )
        #: By kind, oldest first.
        self._secrets: dict[str, dict[bytes, _Secret]] = {}
        #: Each window with the secrets that it is in, and where.
        self._windows: dict[bytes, list[tuple[_Secret, int]]] = {}
        self._literals: deque[tuple[str, str]] = deque(maxlen=_LITERALS)
        self._remembered: dict[str, str] = {}
        #: The newest secrets, which are prepared when a text is first compared with them.
        self._heard: deque[tuple[str, str]] = deque()
        self._lock = threading.RLock()

    def learn(self, value: str, label: str) -> None:
        """Remember a secret; from now on `<redacted:label>` stands in its place. Short values are ignored."""
        if len(value) < SHORTEST:
            return
        with self._lock:
            self._heard.append((value, label))
            if len(self._heard) > KEPT:
                self._prepare()

    def _prepare(self) -> None:
        """Make what was learnt comparable, oldest first."""
        while self._heard:
            value, label = self._heard.popleft()
            folded = fold(value)
            if len(folded) < PART:
                if (value, label) not in self._literals:
                    self._literals.append((value, label))
                    self._remembered.clear()
                continue
            kept = self._secrets.setdefault(label, {})
            known = kept.pop(folded, None)
            kept[folded] = known or self._add(_Secret(folded, label))
            if len(kept) > KEPT:
                self._forget(kept.pop(next(iter(kept))))

    def hear(self, body: bytes) -> None:
        """Learn the sensitive members of a response, wherever they stand in it, whatever its status."""
        if self._members is None or not any(name in body for name in self._names):
            return
        for member in self._members.finditer(body.decode("utf-8", "replace")):
            self.learn(_ESCAPED.sub(lambda e: chr(int(e[1], 16)) if e[1] else e[2], member[4]), member[1])

    def text(self, text: str) -> str:
        """The text without any secret, and without half a surrogate pair, which no file can hold."""
        if not text.isascii():
            text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        if len(text) < SHORTEST:
            return text
        with self._lock:
            self._prepare()
            redacted = self._remembered.get(text)
            if redacted is None:
                redacted = self._redacted(text)
                if len(text) <= _REMEMBERED_LENGTH:
                    if len(self._remembered) >= _REMEMBERED:
                        self._remembered.clear()
                    self._remembered[text] = redacted
            return redacted

    def holds_secret(self, text: str) -> bool:
        """Whether a text holds a whole secret, in whatever encoding."""
        with self._lock:
            self._prepare()
            if any(value in text for value, _ in self._literals):
                return True
            matches = (match for view in views(text) for match in self._matches(view))
            return any(end - start == len(secret.folded) for start, end, secret in matches)

    def _redacted(self, text: str) -> str:
        if "ignature" in text:
            text = _SIGNATURE.sub(r"\1<redacted:signature>", text)
        if "-" in text:
            text = _TOKEN_IN_URL.sub(r"\1<redacted:session-token>", text)
        if self._members is not None:
            text = self._members.sub(_member, text)
        for value, label in self._literals:
            text = text.replace(value, f"<redacted:{label}>")
        spans = [
            (*view.original(start, end), secret.label)
            for view in views(text)
            for start, end, secret in self._matches(view)
        ]
        return _replaced(text, spans) if spans else text

    def _matches(self, view: View) -> Iterator[tuple[int, int, _Secret]]:
        """Where the bytes of a view are a secret or a part of one."""
        data, windows = view.data, self._windows
        hits = [at for at in range(0, len(data) - _WINDOW + 1, _STRIDE) if data[at : at + _WINDOW] in windows]
        whole_until = 0
        for at in hits:
            if at < whole_until:
                continue
            start, end, secret = max(
                (_extended(data, at, secret, place) for secret, place in windows[data[at : at + _WINDOW]]),
                key=lambda match: match[1] - match[0],
            )
            if end - start >= PART and not any(data[start:end] in name for name in self._public):
                if end - start == len(secret.folded):
                    whole_until = end
                yield start, end, secret

    def _add(self, secret: _Secret) -> _Secret:
        for place, window in _windows(secret.folded):
            sharing = self._windows.setdefault(window, [])
            sharing.append((secret, place))
            if len(sharing) > _SHARING:
                del sharing[0]
        self._remembered.clear()
        return secret

    def _forget(self, secret: _Secret) -> None:
        for place, window in _windows(secret.folded):
            sharing = self._windows.get(window, [])
            if (secret, place) in sharing:
                sharing.remove((secret, place))
            if not sharing:
                self._windows.pop(window, None)


def _windows(folded: bytes) -> list[tuple[int, bytes]]:
    """The windows by which a secret is recognised, with their places."""
    last = len(folded) - PART
    places = sorted({start + offset for start in (0, last // 2, last) for offset in range(_STRIDE)})
    return [(place, folded[place : place + _WINDOW]) for place in places]


def _extended(data: bytes, at: int, secret: _Secret, place: int) -> tuple[int, int, _Secret]:
    """As much around a window as the secret has around it as well."""
    folded = secret.folded
    before = _common(data[max(0, at - place) : at][::-1], folded[:place][::-1])
    after = _common(data[at : at + len(folded) - place], folded[place:])
    return at - before, at + after, secret


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts begin with alike."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    return next(index for index in range(length) if one[index] != other[index])


def _replaced(text: str, spans: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    position = 0
    for start, end, label in sorted(spans):
        if start >= position:
            parts += [text[position:start], f"<redacted:{label}>"]
        position = max(position, end)
    return "".join([*parts, text[position:]])


def _member(member: re.Match[str]) -> str:
    if not member[4] or member[4].startswith("<redacted:"):
        return member[0]
    return f"{member[1]}{member[2]}{member[3]}<redacted:{member[1]}>"
