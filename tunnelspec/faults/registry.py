"""Planted faults and legal variants: small changes to one emulator instance, by name.

A fault breaks a rule of the contract and names the case that must catch it. A variant does what some
AWS source allows, and the suite must stay silent on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator
from tunnelspec.errors import UserError

Change: TypeAlias = Callable[[Emulator], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """A planted defect. `killer` is a glob of the names of cases that must catch it; `verifying` where it is
    one of an emulator that verifies signatures.
    """

    id: str
    sentence: str
    defect_class: str
    killer: str
    apply: Change
    verifying: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """A legal deviation. `may_warn` where the contract has a SHOULD that it does not keep; `may_skip` where
    it refuses what it is free to refuse, or denies access, and cases about that cannot be judged; `verifying`
    as of a fault.
    """

    id: str
    sentence: str
    why: str
    may_warn: bool
    apply: Change
    may_skip: bool = False
    verifying: bool = False


class UnknownFault(UserError):
    """There is no fault or variant of that name; the message is one sentence."""


#: Why a variant is legal that no source speaks of.
OPEN = "AWS's sources do not say."

FAULTS: dict[str, Fault] = {}
VARIANTS: dict[str, Variant] = {}


def fault(
    name: str, *, sentence: str, defect_class: str, killer: str, verifying: bool = False
) -> Callable[[Change], Change]:
    """Register a fault. Raises ValueError for a second one of that name."""

    def register(change: Change) -> Change:
        if name in FAULTS:
            raise ValueError(f"there are two faults named {name}")
        FAULTS[name] = Fault(name, sentence, defect_class, killer, change, verifying)
        return change

    return register


def variant(
    name: str,
    *,
    sentence: str,
    why: str,
    may_warn: bool = False,
    may_skip: bool = False,
    verifying: bool = False,
) -> Callable[[Change], Change]:
    """Register a legal variant. Raises ValueError for a second one of that name."""

    def register(change: Change) -> Change:
        if name in VARIANTS:
            raise ValueError(f"there are two variants named {name}")
        VARIANTS[name] = Variant(name, sentence, why, may_warn, change, may_skip, verifying)
        return change

    return register


def plant(emulator: Emulator, contract: Contract, faults: Iterable[str], variants: Iterable[str]) -> None:
    """Change an emulator by these faults and variants. Raises UnknownFault."""
    from tunnelspec.faults.derived import derived_faults

    known = {**FAULTS, **{found.id: found for found in derived_faults(contract)}}
    for name in faults:
        if name not in known:
            raise UnknownFault(f"There is no fault '{name}'.")
        known[name].apply(emulator)
    for name in variants:
        if name not in VARIANTS:
            raise UnknownFault(f"There is no variant '{name}'.")
        VARIANTS[name].apply(emulator)
