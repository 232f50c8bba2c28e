"""Valid texts of every character that servers list by hand or treat as special, for each pattern.

The characters are the punctuation that a pattern admits, the ends of its ranges of ASCII letters and digits, some
of every category, and notable ones such as U+3000; each stands alone, and between others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tunnelspec.contract import Constraint, Member
from tunnelspec.contract.minimal import distinct, plain_text, with_value_at
from tunnelspec.contract.patterns import Pattern

from .alphabets import NOTABLE, surely_in
from .classes import admitted

#: Spaces and separators that are white space for some libraries and not for others.
_SPACES = "\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
_ALPHANUMERIC = ("0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_PUNCTUATION = [char for char in map(chr, range(0x20, 0x7F)) if not char.isalnum()]
#: Without a bound of its own, a text of many characters has at most this length.
_USUAL_LENGTH = 192


def bodies(whole: Member, row: Constraint) -> Iterator[tuple[str, object]]:
    """Named bodies of a request in which the member of a pattern has such texts; in a list, many at once."""
    pattern, member = Pattern(row.bound), row.member
    if member.identifies is not None or member.opaque:
        # A well-formed text that the target did not issue names nothing.
        return
    for number, group in enumerate(_groups(whole, row, _between(pattern, member))):
        yield "literals-between" + f"-{number}" * (number > 0), _body(whole, row.path, group)
    for number, group in enumerate(_groups(whole, row, _alone(pattern, member))):
        name = f"U+{ord(group[0]):04X}" if "[]" not in row.path else str(number)
        yield f"literals-alone-{name}", _body(whole, row.path, group)


def characters(pattern: Pattern) -> list[str]:
    """The tested characters of a pattern: punctuation, ends of ranges, special ones, some of every category."""
    sure = surely_in(pattern.alphabet)
    ends: list[str] = []
    for run in _ALPHANUMERIC:
        inside = [char for char in run if char in sure]
        ends += inside[:1] + inside[-1:]
    tested = [*_PUNCTUATION, *ends, *_SPACES, *NOTABLE, *admitted(pattern, whole=True)]
    return list(dict.fromkeys(char for char in tested if char in sure))


def _between(pattern: Pattern, member: Member) -> list[str]:
    """Texts that have every character between plain ones."""
    fill = plain_text(member, 1)
    longest = min(member.longest or _USUAL_LENGTH, _USUAL_LENGTH)
    least = max(member.min_length or 0, pattern.lengths[0])
    # Beside a plain one, a character takes at most two UTF-16 units.
    count = max(1, (longest - 1) // 3)
    groups = _split(characters(pattern), count)
    return [(fill + "".join(char + fill for char in group)).ljust(least, fill) for group in groups]


def _alone(pattern: Pattern, member: Member) -> list[str]:
    return [] if max(member.min_length or 0, pattern.lengths[0]) > 1 else characters(pattern)


def _groups(whole: Member, row: Constraint, texts: Sequence[str]) -> list[Sequence[str]]:
    """As many texts as one request takes: in a list, as many elements as it may have undisputed."""
    before, bracket, _ = row.path.partition("[]")
    return _split(texts, whole.at(before).most_items(len(texts)) if bracket else 1)


def _split(values: Sequence[str], count: int) -> list[Sequence[str]]:
    return [values[at : at + count] for at in range(0, len(values), count)] if count else []


def _body(whole: Member, path: str, texts: Sequence[str]) -> object:
    before, bracket, rest = path.partition("[]")
    if not bracket:
        return with_value_at(whole, path, texts[0])
    element = whole.at(before).element
    elements = [
        with_value_at(element, rest.removeprefix("."), text, distinct(element, number))
        for number, text in enumerate(texts)
    ]
    return with_value_at(whole, before, elements)
