"""Faults of a tunnel's destination, as several modules seed them: DescribeTunnel returns another one."""

from __future__ import annotations

from collections.abc import Callable

from tunnelspec.emulator import Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.verdict import Level


def described(
    name: str,
    case: str,
    sentence: str,
    defect_class: str,
    *,
    services: Callable[[list[str]], object] = lambda services: services,
    thing: Callable[[str], object] = lambda thing: thing,
    level: Level = Level.MUST,
) -> None:
    """Seed a fault: DescribeTunnel returns what `services` and `thing` make of the destination; None is left out."""

    class Described(
        Fault,
        name=name,
        killer=f"lifecycle/DescribeTunnel/{case}",
        sentence=sentence,
        defect_class=defect_class,
        level=level,
    ):
        def description(self, tunnel: Tunnel) -> Params:
            description = super().description(tunnel)
            destination = description.get("destinationConfig")
            if destination is not None:
                altered = dict(destination)
                if "services" in altered:
                    altered["services"] = services(altered["services"])
                if "thingName" in altered:
                    altered["thingName"] = thing(altered["thingName"])
                description["destinationConfig"] = {key: value for key, value in altered.items() if value is not None}
            return description
