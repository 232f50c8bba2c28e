"""What repeats another case is sampled at quick; the rest runs at a greater depth.

These repeat: the protocol through operations after the first, the categories of Unicode through members after the
first with the same pattern, the wrong types of a member after the first, and what sends the same request.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from zlib import crc32

from tunnelspec.contract import Contract
from tunnelspec.exchange import Request
from tunnelspec.runner.case import Case, Priority

#: Of what other cases have shown with other values, one case in so many.
_ONE_IN = 1200
#: Of so many repetitions of one thing the seed chooses one; of fewer, one or none.
_SHARE = 600


def thinned(contract: Contract, cases: Iterable[Case], seed: int) -> list[Case]:
    """The cases in their order, of which those that are left to a greater depth are not enabled."""
    listed = list(cases)
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in listed:
        key = _repeats(contract, case)
        if key is not None:
            groups[key].append(case)
    left_out = _sent_before(listed)
    left_out |= {case.id for key, group in groups.items() for case in _left_out(key, group, seed)}
    repeated = (case.id for case in listed if case.priority is Priority.REPEATED)
    shuffled = sorted(repeated, key=lambda name: crc32(f"{seed}/{name}".encode()))
    left_out.update(shuffled[len(shuffled) // _ONE_IN :])
    return [replace(case, enabled=False) if case.id in left_out else case for case in listed]


def _sent_before(cases: Iterable[Case]) -> set[str]:
    """The names of cases whose request a case of a higher priority sends."""
    sent: set[tuple[str, str]] = set()
    names: set[str] = set()
    for case in sorted(cases, key=lambda case: case.priority):
        if isinstance(case.request, Request) and case.priority not in (Priority.IMPLEMENTED, Priority.EXAMPLE):
            request = case.request.operation, repr(case.request.body)
            if request in sent:
                names.add(case.id)
            sent.add(request)
    return names


def _repeats(contract: Contract, case: Case) -> str | None:
    """What the case has in common with those that repeat it, None for a case that is always run."""
    variant = case.id.rpartition("/")[2]
    match case.priority:
        case Priority.PROTOCOL_REPEATED:
            return f"protocol/{variant}"
        case Priority.UNICODE:
            return f"{contract.constraint[case.constraint].bound}/{variant}"
    return None


def _left_out(key: str, group: Sequence[Case], seed: int) -> list[Case]:
    """All but the one that the seed chooses, and but the first where no other case stands for it."""
    others = list(group[1:]) if group[0].priority is Priority.UNICODE else list(group)
    chosen = crc32(f"{seed}/{key}".encode()) % max(_SHARE, len(others))
    return [case for number, case in enumerate(others) if number != chosen]
