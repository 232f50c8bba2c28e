"""Names of cases, faults and variants, and the patterns that choose among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern chooses a name: it is that very name, or its `*`, `?` and `[…]` fit, in this case.

    `[]` stands for itself, since names of cases have it (`tags[].key`), and `[[]]` does as well, as elsewhere.
    """
    return name == pattern or _compiled(pattern).match(name) is not None


def matches_any(name: str, patterns: Iterable[str]) -> bool:
    """Whether any of the patterns chooses a name."""
    return any(matches(name, pattern) for pattern in patterns)


_EMPTY = re.compile(r"(?<!\[)\[\]")


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(_EMPTY.sub("[[]]", pattern)))
