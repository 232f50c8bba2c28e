"""What several faults do with parameters and output."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.emulator import Params, Tunnel


def without(params: Params, name: str) -> Params:
    """The same members without the one of this name."""
    return {key: value for key, value in params.items() if key != name}


def thing_name(tunnel: Tunnel) -> str:
    """The name of a tunnel's thing, empty if it has none."""
    return str((tunnel.destination or {}).get("thingName", ""))


def services(tunnel: Tunnel) -> list[str]:
    """The services of a tunnel's destination."""
    given = (tunnel.destination or {}).get("services")
    return given if isinstance(given, list) else []


def values(value: object) -> Iterator[object]:
    """A JSON value and everything in it, at any depth."""
    stack = [value]
    while stack:
        value = stack.pop()
        yield value
        if isinstance(value, dict | list):
            stack += value.values() if isinstance(value, dict) else value
