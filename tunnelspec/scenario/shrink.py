"""The shortest sequence of calls that still violates a rule: calls are left out, then bodies are made smaller.

Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) on
whole calls. A state machine's own shrinking works on its random choices and needs some twenty times as
many requests for the same sequence, and a target may charge for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from tunnelspec.exchange import Request
from tunnelspec.runner.encode import lives

Calls: TypeAlias = tuple[Request, ...]
#: Makes calls and returns those up to the violation, or None if there is none.
Violates: TypeAlias = Callable[[Calls], Calls | None]


def shortest(calls: Sequence[Request], violates: Violates, *, attempts: int = 200) -> Calls:
    """A sequence with the same violation that needs all of its calls and all of their members.

    `attempts` is the most sequences that are tried; the shortest by then is returned.
    """
    left = _Attempts(violates, attempts)
    best: Calls = tuple(calls)
    while True:
        smaller = _smaller_bodies(_fewer_calls(best, left), left)
        if smaller == best or left.spent:
            return smaller
        best = smaller


class _Attempts:
    def __init__(self, violates: Violates, most: int) -> None:
        self._violates = violates
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
        return self._violates(calls)


def _fewer_calls(calls: Calls, attempt: _Attempts) -> Calls:
    """Leave out calls, many at once first. The last call stays: its response violates the rule."""
    size = max(1, len(calls) // 2)
    while size:
        start = len(calls) - 1 - size
        while start > -size:
            candidate = _without(calls, max(start, 0), start + size)
            shorter = attempt(candidate) if candidate is not None else None
            if shorter is not None:
                calls = shorter
                start = min(start, len(calls) - 1)
            start -= size
        size //= 2
    return calls


def _without(calls: Calls, start: int, stop: int) -> Calls | None:
    """The calls without some of them, and without those that name what is then never returned."""
    kept: list[Request] = []
    returned: set[str] = set()
    for index, call in enumerate(calls):
        if not start <= index < stop and lives(call.body) <= returned:
            kept.append(call)
            returned.add(call.returns)
    return tuple(kept) if kept and kept[-1] is calls[-1] and len(kept) < len(calls) else None


def _smaller_bodies(calls: Calls, attempt: _Attempts) -> Calls:
    """Make each body smaller as long as the violation stays, the last call's first."""
    for index in reversed(range(len(calls))):
        improved = True
        while improved and index < len(calls):
            improved = False
            for body in _smaller(calls[index].body):
                smaller = attempt((*calls[:index], replace(calls[index], body=body), *calls[index + 1 :]))
                if smaller is not None:
                    calls, improved = smaller, True
                    break
    return calls


def _smaller(value: Any) -> Iterator[Any]:
    """Values one step smaller than this one, valid or not."""
    if isinstance(value, Mapping):
        for key in value:
            yield {k: v for k, v in value.items() if k != key}
        for key, inner in value.items():
            yield from ({**value, key: smaller} for smaller in _smaller(inner))
    elif isinstance(value, list) and value:
        half = len(value) // 2
        if half:
            yield from (value[:half], value[half:])
        if len(value) <= 8:
            yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
            for index, inner in enumerate(value):
                yield from ([*value[:index], smaller, *value[index + 1 :]] for smaller in _smaller(inner))
    elif isinstance(value, str) and len(value) > 1:
        half = len(value) // 2
        yield from (value[:half], value[half:])
        if len(value) <= 8:
            yield from (value[:index] + value[index + 1 :] for index in range(len(value)))
