"""Text for patterns, constructed from the characters that they admit or exclude.

Valid text uses only characters whose general category is the same in every Unicode version since 3.2;
invalid text only characters that are outside the pattern in every one of them. Lengths are in code
points (Smithy 2.0, length trait: "number of Unicode scalar values").
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract.patterns import Pattern

from .alphabets import invalid_characters, valid_characters

#: What a text without a pattern consists of.
PRINTABLE = r"^[^\p{C}]*$"
#: Where a pattern sets no upper bound, texts are rarely longer than this.
_USUAL = 24


def text_matching(pattern: str, min_length: int = 0, max_length: int | None = None) -> SearchStrategy[str]:
    """Texts that match an ECMA-262 `u` pattern and have a length within the bounds, inclusive.

    Raises ContractError for a pattern that cannot be read, ValueError where no text is possible.
    """
    compiled = Pattern(pattern)
    block = compiled.block
    if block is None:
        choices = [
            st.tuples(*(_repeated(valid_characters(b.characters), b.low, b.high) for b in sequence)).map("".join)
            for sequence in compiled.syntax.choices
        ]
        return st.one_of(choices)
    low = max(min_length, block.low)
    bounds = [bound for bound in (max_length, block.high) if bound is not None]
    high = min(bounds) if bounds else None
    if high is not None and high < low:
        raise ValueError(f"no text has at least {low} and at most {high} characters")
    return _repeated(valid_characters(block.characters), low, high)


def text_violating(pattern: str, min_length: int = 1, max_length: int | None = None) -> SearchStrategy[str]:
    """Texts of a length within the bounds that hold a character which the pattern never admits."""
    compiled = Pattern(pattern)
    wrong = st.sampled_from(invalid_characters(compiled.alphabet))
    low, high = compiled.lengths
    bounds = [bound for bound in (max_length, high) if bound is not None]
    most = max(1, min(bounds)) if bounds else None
    filling = valid_characters(compiled.alphabet)
    around = _repeated(filling, max(0, min_length - 1, low - 1), None if most is None else most - 1)
    return st.tuples(around, wrong, st.integers(0, 3)).map(_inserted)


def _inserted(drawn: tuple[str, str, int]) -> str:
    around, wrong, where = drawn
    at = {0: len(around), 1: 0}.get(where, len(around) // 2)
    return around[:at] + wrong + around[at:]


def _repeated(characters: tuple[str, ...], low: int, high: int | None) -> SearchStrategy[str]:
    """Texts of these characters: mostly short, sometimes at an edge of the length."""
    if high == 0 or not characters:
        return st.just("")
    shortest = min(low, _USUAL - 4)
    longest = _USUAL if high is None else max(shortest, min(high, _USUAL))
    edges = sorted({low, low + 1, *(() if high is None else (high, max(low, high - 1)))})
    edges = [edge for edge in edges if high is None or edge <= high]

    def sized(text: str) -> str:
        """Some of the short texts, repeated to an edge: long ones for the price of short ones."""
        if shortest + 2 <= len(text) <= shortest + 3 and ord(text[0]) % 2:
            return _to_length(text, edges[ord(text[-1]) % len(edges)])
        return text if len(text) >= low else _to_length(text or characters[0], low)

    return st.text(st.sampled_from(characters), min_size=shortest, max_size=longest).map(sized)


def _to_length(text: str, length: int) -> str:
    return (text * (length // len(text) + 1))[:length]
