"""Matches each resource to a request of its own that may have created it. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import TypeVar

Created = TypeVar("Created", bound=Hashable)
Sent = TypeVar("Sent", bound=Hashable)


def components(fits: Mapping[Created, Collection[Sent]]) -> Iterator[dict[Created, Collection[Sent]]]:
    """The smallest parts of a relation that have no request in common."""
    waiting = dict(fits)
    while waiting:
        part: dict[Created, Collection[Sent]] = {}
        reached: set[Sent] = set()
        more = [next(iter(waiting))]
        while more:
            part.update((one, waiting.pop(one)) for one in more)
            reached.update(other for one in more for other in part[one])
            more = [one for one, others in waiting.items() if not reached.isdisjoint(others)]
        yield part


def assignment(fits: Mapping[Created, Collection[Sent]]) -> dict[Created, Sent] | None:
    """A matching that gives each resource a request of its own, or None where there are not enough.

    By augmenting paths: each resource in turn takes a request, from another one if that can take another in its place.
    """
    taken: dict[Sent, Created] = {}
    chosen: dict[Created, Sent] = {}
    for first in fits:
        wanted_by: dict[Sent, Created] = {}
        waiting = [first]
        free: Sent | None = None
        for one in waiting:  # grows meanwhile
            for other in fits[one]:
                if other not in wanted_by:
                    wanted_by[other] = one
                    if other in taken:
                        waiting.append(taken[other])
                    elif free is None:
                        free = other
            if free is not None:
                break
        while free is not None:
            one = wanted_by[free]
            before = chosen.get(one)
            chosen[one], taken[free] = free, one
            free = before
        if first not in chosen:
            return None
    return chosen
