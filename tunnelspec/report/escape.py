"""The one place where text that a target sent is made safe to show.

Control and invisible characters are shown by name and code point, nothing is shown without end, and what CI
systems would take for a command is broken up.

Names are Unicode's; those of control characters, which have none, are their aliases in the standard.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from tunnelspec.printable import is_invisible

#: Unicode's aliases of U+0000 to U+001F (NameAliases.txt, control).
_CONTROLS = (
    "NULL", "START OF HEADING", "START OF TEXT", "END OF TEXT", "END OF TRANSMISSION", "ENQUIRY",
    "ACKNOWLEDGE", "ALERT", "BACKSPACE", "CHARACTER TABULATION", "LINE FEED", "LINE TABULATION",
    "FORM FEED", "CARRIAGE RETURN", "SHIFT OUT", "SHIFT IN", "DATA LINK ESCAPE", "DEVICE CONTROL ONE",
    "DEVICE CONTROL TWO", "DEVICE CONTROL THREE", "DEVICE CONTROL FOUR", "NEGATIVE ACKNOWLEDGE",
    "SYNCHRONOUS IDLE", "END OF TRANSMISSION BLOCK", "CANCEL", "END OF MEDIUM", "SUBSTITUTE", "ESCAPE",
    "INFORMATION SEPARATOR FOUR", "INFORMATION SEPARATOR THREE", "INFORMATION SEPARATOR TWO",
    "INFORMATION SEPARATOR ONE",
)  # fmt: skip
_UNNAMED = {"Cc": "CONTROL", "Cs": "LONE SURROGATE", "Co": "PRIVATE USE", "Cn": "UNASSIGNED", "Cf": "FORMAT"}
#: How much of a text is shown, in characters.
LONGEST = 2000


@lru_cache(maxsize=4096)  # reports of many findings ask a million times about a few characters
def is_hidden(character: str) -> bool:
    """Whether a reader could miss this character, be misled by it, or see but a box: few fonts reach beyond
    the basic plane. Line feeds are for the reader.
    """
    return character != "\n" and (character > "\uffff" or is_invisible(character))


def name(character: str) -> str:
    """`ZERO WIDTH JOINER U+200D`."""
    code = ord(character)
    if code < len(_CONTROLS):
        alias = _CONTROLS[code]
    elif code == 0x7F:
        alias = "DELETE"
    else:
        alias = unicodedata.name(character, "") or _UNNAMED[unicodedata.category(character)]
    return f"{alias} U+{code:04X}"


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in runs: plain ones as they are, hidden characters as their names, said once for a run."""
    if text.isascii() and text.isprintable():
        yield text, False
        return
    for hidden, run in groupby(text, is_hidden):
        if not hidden:
            yield "".join(run), False
            continue
        for character, same in groupby(run):
            times = sum(1 for _ in same)
            yield name(character) + (f" ×{times}" if times > 1 else ""), True


#: Azure Pipelines, GitHub (its old form) and TeamCity read `##vso[…]` and the like anywhere in a line of output.
_COMMAND = re.compile(r"##(?=[a-zA-Z-]*\[)")


def one_line(text: str, longest: int = 300) -> str:
    """The text on one line, hidden characters named, cut, and no command to any CI system."""
    return _COMMAND.sub("# #", plain(" ".join(text.split()), longest))


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, or its head with a note of how much is left out."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]} … {len(text) - longest:,} characters more, in record.json"


def printable(text: str) -> str:
    """Text with control, format and other invisible characters as `\\u{…}`: for what is there to be copied."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{{{ord(c):X}}}" for c in text)


def plain(text: str, longest: int = LONGEST) -> str:
    """The text for readers of plain text: `a⟨ZERO WIDTH JOINER U+200D⟩b`."""
    text = cut(text, longest)
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"⟨{piece}⟩" if hidden else piece for piece, hidden in pieces(text))
