"""Ways to change one emulator: what faults and variants are made of."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from tunnelspec.emulator import Answer, ApiError, Call, Emulator
from tunnelspec.emulator.store import Tunnel


def with_header(emulator: Emulator, name: str, value: str | None) -> None:
    """Give every answer this header, or none of that name."""
    answer = emulator.answer

    def changed(status: int, body: bytes) -> Answer:
        made = answer(status, body)
        made.headers = [pair for pair in made.headers if pair[0].lower() != name.lower()]
        if value is not None:
            made.headers.append((name, value))
        return made

    emulator.answer = changed  # type: ignore[method-assign]


def on_error(emulator: Emulator, change: Callable[[ApiError], Answer | None]) -> None:
    """Change an error before it is rendered, or answer something else."""
    render = emulator.render_error

    def changed(error: ApiError) -> Answer:
        return change(error) or render(error)

    emulator.render_error = changed  # type: ignore[method-assign]


def recoded(emulator: Emulator, old: str, new: str, status: int | None = None) -> None:
    """Answer one error as another, with another status if one is given."""

    def change(error: ApiError) -> None:
        if error.code == old:
            error.code, error.status = new, status or error.status

    on_error(emulator, change)


def crash_on(emulator: Emulator, is_fatal: Callable[[Call], bool]) -> None:
    """Answer 500 to requests of this kind."""
    handle = emulator.handle

    def changed(call: Call) -> Answer:
        if is_fatal(call):
            return emulator.render_error(ApiError("InternalFailure", status=500))
        return handle(call)

    emulator.handle = changed  # type: ignore[method-assign]


def on_output(emulator: Emulator, operation: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what one operation answers."""
    perform = emulator.operations[operation]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        change(output)
        return output

    emulator.operations[operation] = changed


def told(emulator: Emulator, change: Callable[[Tunnel, dict[str, Any]], None]) -> None:
    """Change what DescribeTunnel tells of a tunnel."""
    describe = emulator.description

    def changed(tunnel: Tunnel) -> dict[str, Any]:
        shown = describe(tunnel)
        change(tunnel, shown)
        return shown

    emulator.description = changed  # type: ignore[method-assign]


def after(emulator: Emulator, operation: str, act: Callable[[dict[str, Any], Tunnel], None]) -> None:
    """Do something more once an operation on a tunnel succeeded."""
    perform = emulator.operations[operation]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        by_arn = "resourceArn" in params
        tunnel = emulator.find_arn(params["resourceArn"]) if by_arn else emulator.find(params["tunnelId"])
        output = perform(params)
        act(params, tunnel)
        return output

    emulator.operations[operation] = changed


def quota(emulator: Emulator, *path: str) -> int:
    """The most elements that OpenTunnel's list at this path may have undisputed, by the contract document."""
    return emulator.contract.operations["OpenTunnel"].input.at(".".join(path)).most_items(sys.maxsize)
