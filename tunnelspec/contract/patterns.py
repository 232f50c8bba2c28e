"""ECMA-262 patterns with the `u` flag and `\\p{…}`: matching, and the characters that they admit.

Python's `re` knows no `\\p`, and `$` in Python tolerates a trailing newline that ECMA's does not. The
`regex` package does the matching, after a translation of the two anchors; `regex_syntax` reads the parts of the
pattern, from which text is generated.
"""

from __future__ import annotations

from functools import cache, cached_property

import regex

from tunnelspec.contract import regex_syntax
from tunnelspec.contract.characters import CodePoints
from tunnelspec.contract.errors import ContractError


class Pattern:
    """A compiled pattern. Equal sources give the same object.

    Raises ContractError for a source that is no pattern, or that uses syntax that this project does not read.
    """

    source: str

    def __new__(cls, source: str) -> Pattern:
        return _pattern(source)

    def matches(self, text: str) -> bool:
        """Whether ECMA's `RegExp(source, "u").test(text)` is true.

        Lone surrogates are characters of category Cs, as in ECMA.
        """
        return self._search(text) is not None

    def _compile(self, source: str) -> None:
        self.source = source
        try:
            self.syntax = regex_syntax.parse(source)
            self._search = regex.compile(_translated(source), regex.V0).search
        except (regex.error, ValueError, IndexError, OverflowError, RecursionError) as problem:
            raise ContractError(f"the pattern '{source:.80}' cannot be read: {problem}") from problem

    @cached_property
    def alphabet(self) -> CodePoints:
        """Every character that stands anywhere in a matching text."""
        return self.syntax.alphabet

    @property
    def lengths(self) -> tuple[int, int | None]:
        """The least and the greatest number of code points of a match, None for no bound."""
        return self.syntax.lengths

    @property
    def block(self) -> regex_syntax.Block | None:
        """The pattern as one repeated character class, or None if it is more than that."""
        return self.syntax.block


@cache
def _pattern(source: str) -> Pattern:
    pattern = object.__new__(Pattern)
    pattern._compile(source)
    return pattern


def _translated(source: str) -> str:
    """The pattern for `regex`, where `$` would also match before a trailing newline."""
    out, index, in_class = [], 0, False
    while index < len(source):
        char = source[index]
        if char == "\\":
            out.append(source[index : index + 2])
            index += 2
            continue
        if char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        elif not in_class and char in "^$":
            char = {"^": r"\A", "$": r"\Z"}[char]
        out.append(char)
        index += 1
    return "".join(out)
