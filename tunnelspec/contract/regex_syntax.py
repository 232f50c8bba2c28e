"""Reads the part of ECMA-262 `u` syntax that AWS models use into a form from which text can be generated.

It reads anchors, groups, alternation, classes with ranges, escapes and `\\p{…}`, and quantifiers. Anything else,
lookaround and back references included, is a ContractError.
"""

from __future__ import annotations

from dataclasses import dataclass

from tunnelspec.contract.characters import EVERY, CodePoints, category, code_points
from tunnelspec.contract.errors import ContractError


@dataclass(frozen=True, slots=True)
class Block:
    """One character class, repeated `low` to `high` times (None: without bound)."""

    characters: CodePoints
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class Syntax:
    """A parsed pattern: a choice among sequences of blocks, anchored at both ends or not."""

    choices: tuple[tuple[Block, ...], ...]
    anchored: bool

    @property
    def alphabet(self) -> CodePoints:
        """Every character that any block admits."""
        characters = CodePoints(())
        for sequence in self.choices:
            for block in sequence:
                characters = characters | block.characters
        return characters

    @property
    def lengths(self) -> tuple[int, int | None]:
        """The least and the greatest length of a match, in code points."""
        lows = [sum(b.low for b in sequence) for sequence in self.choices]
        highs = [_total(sequence) for sequence in self.choices]
        return min(lows), None if None in highs else max(h for h in highs if h is not None)

    @property
    def block(self) -> Block | None:
        """The only block of an anchored pattern that consists of one, or None."""
        if self.anchored and len(self.choices) == 1 and len(self.choices[0]) == 1:
            return self.choices[0][0]
        return None


def _total(sequence: tuple[Block, ...]) -> int | None:
    highs = [block.high for block in sequence]
    return None if None in highs else sum(h for h in highs if h is not None)


_ESCAPES = {
    "d": CodePoints(((0x30, 0x39),)),
    "w": CodePoints(((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))),
    "s": CodePoints(
        (
            *((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
            *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
            (0xFEFF, 0xFEFF),
        )
    ),
    "n": code_points("\n"),
    "r": code_points("\r"),
    "t": code_points("\t"),
    "f": code_points("\f"),
    "v": code_points("\v"),
}
#: Repetitions of a group are unrolled up to this many blocks.
_MOST_BLOCKS = 64
#: Alternatives multiply: (a|b)(c|d) is four sequences.
_MOST_CHOICES = 1000
#: The most blocks of all sequences together, and the longest pattern, in characters: each block copies what it follows.
_MOST_IN_ALL, _LONGEST = 20_000, 4_000


def parse(source: str) -> Syntax:
    """The syntax of a pattern. Raises ContractError naming what it cannot read."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.index = 0

    def parse(self) -> Syntax:
        if len(self.source) > _LONGEST:
            raise self._unknown(f"more than {_LONGEST} characters")
        starts = self.source.startswith("^")
        ends = self.source.endswith("$") and not self.source.endswith("\\$")
        choices = self._choices()
        if self.index < len(self.source):
            raise self._unknown(self.source[self.index])
        return Syntax(choices, starts and ends)

    def _choices(self) -> tuple[tuple[Block, ...], ...]:
        sequences = list(self._sequence())
        while self._peek() == "|":
            self.index += 1
            sequences += self._sequence()
        return tuple(sequences)

    def _sequence(self) -> list[tuple[Block, ...]]:
        """A sequence as a list of alternatives: inner groups with choices multiply it."""
        sequences: list[tuple[Block, ...]] = [()]
        while (char := self._peek()) not in ("", "|", ")"):
            if char in "^$":
                self.index += 1
                continue
            inner = self._atom()
            low, high = self._quantifier()
            sequences = [head + tail for head in sequences for tail in self._repeat(inner, low, high)]
            if len(sequences) > _MOST_CHOICES or sum(map(len, sequences)) > _MOST_IN_ALL:
                raise self._unknown("too many alternatives")
        return sequences

    def _atom(self) -> tuple[tuple[Block, ...], ...]:
        if self._peek() == "(":
            self.index += 1
            if self._peek() == "?":
                if not self.source.startswith("?:", self.index):
                    raise self._unknown(self.source[self.index - 1 : self.index + 2])
                self.index += 2
            inner = self._choices()
            self._expect(")")
            return inner
        return ((Block(self._characters(), 1, 1),),)

    def _repeat(self, inner: tuple[tuple[Block, ...], ...], low: int, high: int | None) -> list[tuple[Block, ...]]:
        if (low, high) == (1, 1):
            return list(inner)
        if len(inner) == 1 and len(inner[0]) == 1:
            block = inner[0][0]
            if (block.low, block.high) == (1, 1) or (low, high) == (1, 1):
                return [(Block(block.characters, low, high),)]
            if block.low <= 1 and block.high is None:
                return [(Block(block.characters, min(low, block.low) and low, None),)]
        times = max(low, 1 if high is None or high > 0 else 0)
        if times * max(len(sequence) for sequence in inner) > _MOST_BLOCKS:
            raise self._unknown("a long repetition of a group")
        # Fewer forms than the pattern has, every one of them a match.
        repeated = [sequence * times for sequence in inner]
        return repeated if low > 0 else [(), *repeated]

    def _quantifier(self) -> tuple[int, int | None]:
        char = self._peek()
        if char in ("*", "+", "?") and char:
            self.index += 1
            bounds: tuple[int, int | None] = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        elif char == "{":
            end = self.source.find("}", self.index)
            low, comma, high = self.source[self.index + 1 : end].partition(",")
            if end < 0 or not low.isdigit() or (high and not high.isdigit()):
                raise self._unknown("{")
            bounds = (int(low), (int(high) if high else None) if comma else int(low))
            self.index = end + 1
        else:
            return 1, 1
        if self._peek() == "?":
            self.index += 1
        return bounds

    def _characters(self) -> CodePoints:
        char = self._peek()
        self.index += 1
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        if char == ".":
            return EVERY - code_points("\n\r\u2028\u2029")
        if char in "*+?{}]":
            raise self._unknown(char)
        return code_points(char)

    def _class(self) -> CodePoints:
        negated = self._peek() == "^"
        self.index += negated
        characters = CodePoints(())
        while (char := self._peek()) != "]":
            if not char:
                raise self._unknown("an unclosed [")
            self.index += 1
            part = self._escape() if char == "\\" else code_points(char)
            is_range = self._peek() == "-" and self.source[self.index + 1 : self.index + 2] != "]"
            if is_range and len(part) == 1:
                self.index += 1
                end = self._peek()
                self.index += 1
                last = self._escape() if end == "\\" else code_points(end)
                part = CodePoints(((part.ranges[0][0], last.ranges[-1][1]),))
            characters = characters | part
        self.index += 1
        return EVERY - characters if negated else characters

    def _escape(self) -> CodePoints:
        char = self._peek()
        self.index += 1
        if char in ("p", "P"):
            end = self.source.find("}", self.index)
            if self._peek() != "{" or end < 0:
                raise self._unknown("\\" + char)
            name = self.source[self.index + 1 : end].removeprefix("gc=")
            self.index = end + 1
            characters = category(name)
            return characters if char == "p" else EVERY - characters
        if char.lower() in _ESCAPES:
            characters = _ESCAPES[char.lower()]
            return EVERY - characters if char in "DWS" else characters
        if char == "u":
            return self._unicode_escape()
        if char.isalnum():
            raise self._unknown("\\" + char)
        return code_points(char)

    def _unicode_escape(self) -> CodePoints:
        if self._peek() == "{":
            end = self.source.find("}", self.index)
            digits, self.index = self.source[self.index + 1 : end], end + 1
        else:
            digits, self.index = self.source[self.index : self.index + 4], self.index + 4
        return code_points(chr(int(digits, 16)))

    def _peek(self) -> str:
        return self.source[self.index : self.index + 1]

    def _expect(self, char: str) -> None:
        if self._peek() != char:
            raise self._unknown(f"a missing {char}")
        self.index += 1

    def _unknown(self, what: str) -> ContractError:
        return ContractError(f"the pattern '{self.source:.80}' cannot be read: it has {what}")
