"""Stores whose tunnels have other ids or ARNs than those of the reference emulator."""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.emulator import Emulator
from tunnelspec.emulator.store import Store


def with_ids(emulator: Emulator, new: Callable[[int], str]) -> Store:
    """An empty store whose ids are made of the tunnel's number."""

    class OtherIds(Store):
        def new_id(self) -> str:
            return new(self._number)

    return OtherIds(emulator.clock, emulator.region, emulator.account)


def with_arns(emulator: Emulator, prefix: str) -> Store:
    """An empty store whose ARNs begin with another text; the id follows."""

    class OtherArns(Store):
        def __init__(self) -> None:
            super().__init__(emulator.clock, "", "")
            self._arn = prefix

    return OtherArns()
