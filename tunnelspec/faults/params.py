"""What several faults do with parameters and output."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.emulator import Params


def without(params: Params, name: str) -> Params:
    """The same members without the one of this name."""
    return {key: value for key, value in params.items() if key != name}


def values(value: object) -> Iterator[object]:
    """A JSON value and everything in it, at any depth."""
    stack = [value]
    while stack:
        value = stack.pop()
        yield value
        if isinstance(value, dict | list):
            stack += value.values() if isinstance(value, dict) else value
