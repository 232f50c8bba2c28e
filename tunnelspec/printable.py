"""Text from outside as it may stand in a terminal, a log or a report: nothing acts, and everything is visible.

Control characters, escape sequences, bidirectional overrides and all that nobody sees are shown by their code
points, as `\\u{1B}`. Continuous-integration systems obey lines of a job's output (`::add-mask::`, `##vso[…]`,
`##[…]`, `##teamcity[…]`), some of them in the middle of a line. A terminal or a renderer may break a line
anywhere, so that what a target sent cannot be kept from the beginning of a line; the two characters that such
commands begin with are therefore never left side by side.
"""

from __future__ import annotations

import re
import unicodedata

#: Letters and symbols that look like nothing.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
#: Marks change what stands before them, by many or without being seen.
_MARKS = frozenset({"Mn", "Me"})
#: The second character of what begins a command, and the backslash of what reads like one of our own escapes.
_COMMAND = re.compile(r"(?<=:):|(?<=#)#|\\(?=u\{)")


#: What output in a narrow encoding has for the signs of this program.
_ASCII = str.maketrans({
    "✓": "+", "✗": "x", "≠": "#", "○": "o", "●": "*", "…": "...", "·": "-", "×": "x", "–": "-", "—": "-",
    "━": "-", "╸": "-", "╺": "-", "─": "-", "│": "|", "→": "->", "§": "section ", "≤": "<=", "≥": ">=", "⚠": "!",
    "⟨": "<", "⟩": ">", "’": "'",
})  # fmt: skip


def encodable(text: str, encoding: str) -> str:
    """The text in characters that an encoding has: our own signs in ASCII, others as `\\u2713`."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def safe(text: str) -> str:
    """The text on one line, in which every character is visible and nothing is a command."""
    text = _COMMAND.sub(lambda match: escape(match[0]), text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(escape(character) if is_invisible(character) else character for character in text)


def is_invisible(character: str) -> bool:
    """Whether a reader could miss a character or be misled by it."""
    if " " <= character <= "~":
        return False
    return not character.isprintable() or character in _BLANK or unicodedata.category(character) in _MARKS


def escape(character: str) -> str:
    """A character by its code point: `\\u{1B}`."""
    return f"\\u{{{ord(character):X}}}"


def counted(count: int, word: str) -> str:
    """`1 case`, `2 cases`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
