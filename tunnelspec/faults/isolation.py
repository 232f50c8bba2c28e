"""Faults that only several clients at once bring to light."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Any

from tunnelspec.emulator import Answer, Call, Emulator
from tunnelspec.faults.registry import fault

RACE = "concurrency"
#: Long enough for another client to come in between, in seconds.
_GAP_S = 0.02


def _unlocked(emulator: Emulator) -> None:
    """Nothing keeps one call from another any more."""
    emulator.lock = nullcontext()  # type: ignore[assignment]


@fault(
    "isolation/one-call-at-a-time",
    sentence="The server keeps the call that it works on where the next call overwrites it.",
    defect_class=RACE,
    killer="isolation/OpenTunnel/own-answers",
)
def one_call_at_a_time(emulator: Emulator) -> None:
    handle, slot = emulator.handle, {}

    def changed(call: Call) -> Answer:
        slot["call"] = call
        if b"tunnelId" in call.body or b"resourceArn" in call.body:
            time.sleep(_GAP_S)
        return handle(slot["call"])

    emulator.handle = changed  # type: ignore[method-assign]


@fault(
    "isolation/lost-update",
    sentence="Tags are read, changed and written back without a lock.",
    defect_class=RACE,
    killer="isolation/TagResource/parallel",
)
def lost_update(emulator: Emulator) -> None:
    _unlocked(emulator)

    def perform(params: dict[str, Any]) -> dict[str, Any]:
        tunnel = emulator.find_arn(params["resourceArn"])
        tags = dict(tunnel.tags)
        time.sleep(_GAP_S)
        tunnel.tags = tags
        emulator.put_tags(tunnel, params["tags"])
        return {}

    emulator.operations["TagResource"] = perform


@fault(
    "isolation/ids-from-a-counter",
    sentence="Ids are made of a counter that two calls may read at once.",
    defect_class=RACE,
    killer="isolation/OpenTunnel/parallel",
)
def ids_from_a_counter(emulator: Emulator) -> None:
    _unlocked(emulator)
    perform, counter = emulator.operations["OpenTunnel"], [0]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        number = counter[0]
        time.sleep(_GAP_S / 2)
        counter[0] = number + 1
        output = perform(params)
        tunnel = emulator.store.get(output["tunnelId"])
        assert tunnel is not None
        emulator.store.delete(tunnel)
        tunnel.arn = tunnel.arn.replace(tunnel.id, f"tunnel-{number}")
        tunnel.id = f"tunnel-{number}"
        emulator.store.put(tunnel)
        return {**output, "tunnelId": tunnel.id, "tunnelArn": tunnel.arn}

    emulator.operations["OpenTunnel"] = changed


@fault(
    "isolation/stale-state-written",
    sentence="Tagging writes back the whole tunnel as it was before.",
    defect_class=RACE,
    killer="isolation/CloseTunnel/parallel",
)
def stale_state_written(emulator: Emulator) -> None:
    _unlocked(emulator)
    perform = emulator.operations["TagResource"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        tunnel = emulator.find_arn(params["resourceArn"])
        status = tunnel.status
        time.sleep(_GAP_S)
        output = perform(params)
        tunnel.status = status
        return output

    emulator.operations["TagResource"] = changed
