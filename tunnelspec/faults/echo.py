"""Faults of a description on its way in and out: the target returns another text than it was given."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

from tunnelspec.faults.defect_classes import ECHO
from tunnelspec.faults.rows import Faults

_DESCRIBE = "lifecycle/DescribeTunnel/"
lifecycle = Faults("lifecycle", ECHO, _DESCRIBE)
echo = Faults("echo", ECHO, _DESCRIBE)


def _altered(name: str, case: str, what: str, alter: Callable[[str], str]) -> None:
    """Seed a fault: DescribeTunnel returns the description after `alter`."""
    lifecycle(f"description-{name}", f"description-{case}", f"A description {what}.").description(
        lambda described, tunnel: (
            {**described, "description": alter(described["description"])} if "description" in described else described
        )
    )


_altered("trimmed", "spaces", "loses the spaces around it", str.strip)
_altered("spaces-collapsed", "spaces", "has single spaces only", lambda text: " ".join(text.split()))
_altered("lower-cased", "case", "is returned in lower case", str.lower)
_altered("case-folded", "case", "is returned case-folded", str.casefold)
_altered("capitalised", "case", "begins with a capital", lambda text: text[:1].upper() + text[1:])
_altered("composed", "normalisation", "is returned in NFC", partial(unicodedata.normalize, "NFC"))
_altered("decomposed", "normalisation", "is returned in NFD", partial(unicodedata.normalize, "NFD"))
_altered("compatibility", "normalisation", "is returned in NFKC", partial(unicodedata.normalize, "NFKC"))
_altered("unquoted", "markup", "loses the quotation marks around it", lambda text: text.strip('"'))
_altered("rendered", "markup", "is taken for a template", lambda text: re.sub(r"\{\{.*?\}\}", "", text))
_altered("html-escaped", "markup", "is returned escaped for HTML", html.escape)
_altered("url-escaped", "markup", "is returned escaped for a URL", lambda text: quote(text, safe=" "))
_altered("backslashes-doubled", "markup", "has its backslashes doubled", lambda text: text.replace("\\", "\\\\"))
_altered("quotes-dropped", "markup", "loses its quotes", lambda text: text.replace('"', ""))
_altered("comment-cut", "markup", "ends before what YAML takes for a comment", lambda text: text.partition(" #")[0])
_altered("selectors-dropped", "scripts", "loses variation selectors", lambda text: re.sub("[\ufe00-\ufe0f]", "", text))
_altered("mojibake", "scripts", "is UTF-8 decoded as Latin-1", lambda text: text.encode().decode("latin-1"))
_altered("ascii-only", "scripts", "has ? beyond ASCII", lambda text: text.encode("ascii", "replace").decode())
_altered("bmp-only", "astral", "has ? beyond the basic plane", lambda text: re.sub("[^\0-\uffff]", "?", text))
_altered("line-separator", "separators", "has spaces for U+2028", lambda text: text.replace("\u2028", " "))
_altered("first-line", "separators", "is cut after its first line", lambda text: (text.splitlines() or [""])[0])
_altered("cut-at-255", "length", "is cut at 255 characters", lambda text: text[:255])
_altered(
    "cut-at-2000-bytes", "length", "is cut at 2,000 bytes", lambda text: text.encode()[:2000].decode("utf-8", "ignore")
)
_altered("null-word", "words", "that reads null is returned empty", lambda text: text if text != "null" else "")
_altered("false-word", "words", "that reads false is returned empty", lambda text: text if text != "false" else "")
_altered("number", "words", "in digits loses leading zeros", lambda text: str(int(text)) if text.isdecimal() else text)
_altered("json", "words", "that is a JSON list is returned without brackets", lambda text: text.strip("[]"))
_altered(
    "date", "words", "that is a date has a time", lambda text: re.sub(r"^\d{4}-\d\d-\d\d$", r"\g<0>T00:00:00Z", text)
)
lifecycle("none-as-text", "no-description", "A tunnel without a description has the description None.").description(
    lambda described, tunnel: {**described, "description": str(tunnel.description)}
)
echo("trimmed-beside-tags", "description-spaces", "A description is trimmed if the tunnel has tags.").description(
    lambda described, tunnel: (
        {**described, "description": tunnel.description.strip()} if tunnel.tags and tunnel.description else described
    )
)
echo("numeric-services", "services", "A service in digits is returned as a number.").services(
    lambda names: [int(name) if name.isdecimal() else name for name in names]
)
echo("numeric-things", "destination-length", "A thing name in digits is returned as a number.").thing(
    lambda name: int(name) if name.isdecimal() else name
)
