"""Faults of a description on its way in and out: what comes back is not what was given."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import quote

from tunnelspec.emulator import Emulator
from tunnelspec.emulator.store import Tunnel
from tunnelspec.faults.changes import told
from tunnelspec.faults.registry import Change, fault

ECHO = "text altered on the way"


def _altered(change: Callable[[str], str]) -> Change:
    """DescribeTunnel tells the description after this change."""

    def apply(emulator: Emulator) -> None:
        def describe(tunnel: Tunnel, shown: dict[str, Any]) -> None:
            if "description" in shown:
                shown["description"] = change(shown["description"])

        told(emulator, describe)

    return apply


def _without_astral(text: str) -> str:
    return "".join(c if c <= "\uffff" else "?" for c in text)


def _form(name: Literal["NFC", "NFD", "NFKC"]) -> Callable[[str], str]:
    return lambda text: unicodedata.normalize(name, text)


def _cut(size: int) -> Callable[[str], str]:
    return lambda text: text.encode()[:size].decode("utf-8", "ignore")


#: What becomes of a description: the case that sees it, the sentence, the change.
_TEXTS: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "trimmed": ("spaces", "loses the spaces around it", str.strip),
    "spaces-collapsed": ("spaces", "has single spaces only", lambda text: " ".join(text.split())),
    "lower-cased": ("case", "is told in lower case", str.lower),
    "case-folded": ("case", "is told case-folded", str.casefold),
    "composed": ("normalisation", "is told in NFC", _form("NFC")),
    "decomposed": ("normalisation", "is told in NFD", _form("NFD")),
    "compatibility": ("normalisation", "is told in NFKC", _form("NFKC")),
    "html-escaped": ("markup", "is told escaped for HTML", html.escape),
    "url-escaped": ("markup", "is told escaped for a URL", lambda text: quote(text, safe=" ")),
    "backslashes-doubled": ("markup", "has its backslashes doubled", lambda text: text.replace("\\", "\\\\")),
    "quotes-dropped": ("markup", "loses its quotes", lambda text: text.replace('"', "")),
    "mojibake": ("scripts", "is UTF-8 read as Latin-1", lambda text: text.encode().decode("latin-1")),
    "ascii-only": ("scripts", "has ? beyond ASCII", lambda text: text.encode("ascii", "replace").decode()),
    "bmp-only": ("astral", "has ? beyond the basic plane", _without_astral),
    "line-separator": ("separators", "has spaces for U+2028", lambda text: text.replace("\u2028", " ")),
    "first-line": ("separators", "is told up to its first line", lambda text: (text.splitlines() or [""])[0]),
    "cut-at-255": ("length", "is cut at 255 characters", lambda text: text[:255]),
    "cut-at-2000-bytes": ("length", "is cut at 2,000 bytes", _cut(2000)),
}
for _name, (_case, _sentence, _change) in _TEXTS.items():
    fault(
        f"lifecycle/description-{_name}",
        sentence=f"A description {_sentence}.",
        defect_class=ECHO,
        killer=f"lifecycle/DescribeTunnel/description-{_case}",
    )(_altered(_change))


@fault(
    "lifecycle/none-as-text",
    sentence="A tunnel without a description is described as None.",
    defect_class=ECHO,
    killer="lifecycle/DescribeTunnel/no-description",
)
def none_as_text(emulator: Emulator) -> None:
    told(emulator, lambda tunnel, shown: shown.update(description=str(tunnel.description)))
