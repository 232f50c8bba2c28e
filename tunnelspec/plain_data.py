"""Plain data, value by value: mappings, lists and what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

#: The plain types come first: an isinstance of an abstract class takes ten times as long.
_SCALAR = (str, int, float, type(None))
_OBJECT = (dict, Mapping)


def mapped(value: object, change: Callable[[object], object], name: Callable[[str], str] = str) -> object:
    """The same plain data with `change` applied to each value that is no mapping or list, and `name` to each key."""
    if isinstance(value, _SCALAR):
        return change(value)
    if isinstance(value, _OBJECT):
        return {name(key): mapped(inner, change, name) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mapped(inner, change, name) for inner in value]
    return change(value)


def unresolved(value: object) -> Iterator[object]:
    """Each value in plain data that is not JSON: what stands for a value that is not known yet."""
    if isinstance(value, _SCALAR):
        return
    if isinstance(value, _OBJECT):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from unresolved(inner)
    else:
        yield value
