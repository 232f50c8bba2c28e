"""Assigns each thing one of its own of those that explain it. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import TypeVar

A = TypeVar("A", bound=Hashable)
B = TypeVar("B", bound=Hashable)


def parts(fits: Mapping[A, Collection[B]]) -> Iterator[dict[A, Collection[B]]]:
    """The smallest parts of a relation that have no B in common."""
    waiting = dict(fits)
    while waiting:
        part: dict[A, Collection[B]] = {}
        reached: set[B] = set()
        more = [next(iter(waiting))]
        while more:
            part.update((one, waiting.pop(one)) for one in more)
            reached.update(other for one in more for other in part[one])
            more = [one for one, others in waiting.items() if not reached.isdisjoint(others)]
        yield part


def assignment(fits: Mapping[A, Collection[B]]) -> dict[A, B] | None:
    """For each A a B that fits it and no other A has; None where there are not enough.

    This is a bipartite matching by augmenting paths: each A in turn takes a B, from another A if that one can
    take another in its place.
    """
    taken: dict[B, A] = {}
    chosen: dict[A, B] = {}
    for first in fits:
        wanted_by: dict[B, A] = {}
        waiting = [first]
        free: B | None = None
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
