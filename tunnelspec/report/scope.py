"""What findings have in common, and when that explains them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tunnelspec.record.document import RecordedCase, RecordedFinding

#: A case and a finding of it.
CaseFinding: TypeAlias = tuple[RecordedCase, RecordedFinding]
Parts: TypeAlias = Iterator[tuple["Scope", list[CaseFinding]]]
#: A scope explains findings if this share of its tested cases shows them, and there are so many.
_SHARE, _FEWEST = 0.9, 5
TESTED = ("pass", "warn", "fail")


@dataclass(frozen=True, slots=True)
class Scope:
    """What findings have in common. `name` is the kind of thing, `values` which ones; `title` is the
    requirement in these words, empty where the findings' own fits; `words` add to it.
    """

    name: str
    values: tuple[str, ...] = ()
    title: str = ""
    words: str = ""


def operation_of(pair: CaseFinding) -> str:
    """The operation of the call that shows a finding: a case of one operation makes calls of others before."""
    case, finding = pair
    return finding.get("operation") or case["operation"]


def explains(evidence: Sequence[CaseFinding], tested: Sequence[RecordedCase]) -> bool:
    """Whether nearly all of the cases tested show it, and enough of them."""
    affected = {case["id"] for case, _ in evidence}
    return len(affected) >= _FEWEST and len(affected) >= _SHARE * len(tested)
