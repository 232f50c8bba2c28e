"""The fewest patterns that match some names of cases and no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from tunnelspec.names import matches

#: Fewer cases are listed by their names.
_FEWEST = 3


def patterns(names: Sequence[str], everything: Sequence[str]) -> list[str]:
    """The fewest patterns, found greedily, that match these names and no other of `everything`.

    A pattern has `*` for parts of a name between slashes, but never for its first: cases of several areas
    are not one deviation.
    """
    wanted = set(names)
    others = [name for name in everything if name not in wanted]
    left: dict[str, None] = dict.fromkeys(names)
    chosen_patterns = []
    covers: dict[str, list[str]] = {}
    for name in names:
        for pattern in set(_wider(name)):
            covers.setdefault(pattern, []).append(name)
    widest = sorted(covers, key=lambda pattern: (-len(covers[pattern]), -len(pattern), pattern))
    for pattern in widest:
        fresh = [name for name in covers[pattern] if name in left]
        if len(fresh) < _FEWEST or any(matches(name, pattern) for name in others):
            continue
        chosen_patterns.append(pattern)
        left = {name: None for name in left if not matches(name, pattern)}
    return [*chosen_patterns, *left]


def _wider(name: str) -> Iterator[str]:
    """Patterns that match a name, with `*` for some of its parts, or for the end of its last one."""
    parts = name.split("/")
    ends = [parts[-1]]
    if "-" in parts[-1]:
        ends.append(parts[-1].split("-", 1)[0] + "-*")
    numbers = range(1, len(parts))
    for end in ends:
        for count in range(len(parts)):
            for chosen in combinations(numbers, count):
                pieces = ["*" if number in chosen else part for number, part in enumerate([*parts[:-1], end])]
                pattern = "/".join(pieces)
                if "*" in pattern:
                    yield pattern
