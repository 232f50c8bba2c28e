"""The shortest script that still shows a defect: calls are left out, then what is left is made plainer.

Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) on
whole calls. A state machine's own shrinking works on its random choices and needs some twenty times as
many requests for the same script, each of which a target may charge for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from tunnelspec.exchange import Live, Request

Calls: TypeAlias = tuple[Request, ...]
#: Plays calls and returns those up to and with the wrong answer, or None if all is well.
Shows: TypeAlias = Callable[[Calls], Calls | None]


def shortest(calls: Sequence[Request], shows: Shows, *, attempts: int = 200) -> Calls:
    """A script with the same defect, no call of which can be left out and no member of which is idle.

    `attempts` bounds how many scripts are tried; what is shortest by then is returned.
    """
    left = _Attempts(shows, attempts)
    best: Calls = tuple(calls)
    while True:
        plainer = _plainer_bodies(_fewer_calls(best, left), left)
        if plainer == best or left.spent:
            return plainer
        best = plainer


class _Attempts:
    def __init__(self, shows: Shows, most: int) -> None:
        self._shows = shows
        self._left = most
        self._known: set[str] = set()

    @property
    def spent(self) -> bool:
        return self._left <= 0

    def __call__(self, calls: Calls) -> Calls | None:
        key = repr(calls)
        if self.spent or key in self._known:
            return None
        self._known.add(key)
        self._left -= 1
        return self._shows(calls)


def _fewer_calls(calls: Calls, shows: _Attempts) -> Calls:
    """Leave out calls, many at once first. The last call has the wrong answer and stays."""
    size = max(1, len(calls) // 2)
    while size:
        start = len(calls) - 1 - size
        while start > -size:
            candidate = _without(calls, max(start, 0), start + size)
            found = shows(candidate) if candidate is not None else None
            if found is not None:
                calls = found
                start = min(start, len(calls) - 1)
            start -= size
        size //= 2
    return calls


def _without(calls: Calls, start: int, stop: int) -> Calls | None:
    """The calls but for some, and for those that name what is then never returned."""
    kept: list[Request] = []
    returned: set[str] = set()
    for index, call in enumerate(calls):
        if not start <= index < stop and names(call.body) <= returned:
            kept.append(call)
            returned.add(call.returns)
    return tuple(kept) if kept and kept[-1] is calls[-1] and len(kept) < len(calls) else None


def names(value: Any) -> set[str]:
    """What earlier calls returned that a body refers to."""
    if isinstance(value, Live):
        return {value.resource}
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*(names(inner) for inner in value))
    return set()


def _plainer_bodies(calls: Calls, shows: _Attempts) -> Calls:
    """Make each body plainer as long as that works, the last call's first."""
    for index in reversed(range(len(calls))):
        improved = True
        while improved and index < len(calls):
            improved = False
            for body in _plainer(calls[index].body):
                found = shows((*calls[:index], replace(calls[index], body=body), *calls[index + 1 :]))
                if found is not None:
                    calls, improved = found, True
                    break
    return calls


def _plainer(value: Any) -> Iterator[Any]:
    """Values a step plainer than this one; whether they are valid is for the one who plays them to see."""
    if isinstance(value, Mapping):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
        for key, inner in value.items():
            yield from ({**value, key: plainer} for plainer in _plainer(inner))
    elif isinstance(value, list) and value:
        half = len(value) // 2
        if half:
            yield from (value[:half], value[half:])
        if len(value) <= 8:
            yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
            for index, inner in enumerate(value):
                yield from ([*value[:index], plainer, *value[index + 1 :]] for plainer in _plainer(inner))
    elif isinstance(value, str) and len(value) > 1:
        half = len(value) // 2
        yield from (value[:half], value[half:])
        if len(value) <= 8:
            yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
