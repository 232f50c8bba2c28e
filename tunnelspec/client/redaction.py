"""Replaces secrets by value, never by the name of a key: a tag's `key` is no secret.

Everything that is written anywhere goes through one redactor, which knows the credentials in use
and every access token that the target has issued.
"""

from __future__ import annotations

import json
import re
import threading
from urllib.parse import quote

#: Shorter values would be found in innocent text.
SHORTEST = 8
#: Signatures are not known before they are made, but have a form of their own.
_SIGNATURE = re.compile(r"(Signature=|X-Amz-Signature=)[0-9a-fA-F]{64}")


class Redactor:
    """Knows secrets and replaces them; thread-safe."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def learn(self, value: str, label: str) -> None:
        """Remember a secret; from now on `<redacted:label>` stands in its place."""
        if len(value) < SHORTEST:
            return
        with self._lock:
            for form in {value, json.dumps(value)[1:-1], quote(value, safe="")}:
                self._labels[form] = label
            self._pattern = None

    def text(self, text: str) -> str:
        """The text without any known secret."""
        with self._lock:
            if self._pattern is None and self._labels:
                # Longest first, so that a secret that contains another goes whole.
                forms = sorted(self._labels, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, forms)))
            pattern = self._pattern
        if "Signature=" in text:
            text = _SIGNATURE.sub(r"\1<redacted:signature>", text)
        if pattern is None or len(text) < SHORTEST:
            return text
        return pattern.sub(lambda found: f"<redacted:{self._labels[found.group()]}>", text)
