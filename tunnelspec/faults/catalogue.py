"""Every seeded fault and conforming variant by id, and emulators that combine several."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator
from tunnelspec.faults.base import FAULTS, VARIANTS, Fault, Variant
from tunnelspec.faults.derived import derived_faults


class UnknownFault(Exception):
    """There is no fault or variant of that name; the message is one sentence."""


def all_faults(contract: Contract) -> dict[str, type[Fault]]:
    """Every seeded fault by id: those of the catalogue, then those derived from the contract's constraints."""
    _import_catalogue()
    return {**FAULTS, **{fault.id: fault for fault in derived_faults(contract)}}


def all_variants() -> dict[str, type[Variant]]:
    """Every conforming variant by id."""
    _import_catalogue()
    return dict(VARIANTS)


def seeded(contract: Contract, faults: Iterable[str] = (), variants: Iterable[str] = ()) -> type[Emulator]:
    """The emulator with all these faults and variants. Raises UnknownFault."""
    known_faults, known_variants = all_faults(contract), all_variants()
    chosen: list[type[Emulator]] = [_known(name, known_faults, "fault") for name in faults]
    chosen += [_known(name, known_variants, "variant") for name in variants]
    return combined(*chosen)


def combined(*classes: type[Emulator]) -> type[Emulator]:
    """One class that inherits from all of these; a class that another one extends is left to that one."""
    distinct = list(dict.fromkeys(classes))
    bases = [base for base in distinct if not any(other is not base and issubclass(other, base) for other in distinct)]
    return type("+".join(base.__name__ for base in bases) or "Emulator", (*bases, Emulator), {})


def unknown(kind: str, name: str, known: Collection[str]) -> UnknownFault:
    """The error for a name that nothing has, with the names that come nearest."""
    nearest = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(nearest)}?" if nearest else f" `tunnelspec emulator --list-{kind}s` lists them."
    return UnknownFault(f"There is no {kind} '{name}'.{hint}")


def _known(name: str, known: Mapping[str, type[Emulator]], kind: str) -> type[Emulator]:
    if name not in known:
        raise unknown(kind, name, known)
    return known[name]


def _import_catalogue() -> None:
    for module in sorted(module.name for module in iter_modules([str(Path(__file__).parent)])):
        import_module(f"{__package__}.{module}")
