"""Planted faults and legal variants of the emulator: who tests the tests."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tunnelspec.faults.derived import derived_faults
from tunnelspec.faults.registry import FAULTS, VARIANTS, Fault, UnknownFault, Variant, plant

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")

__all__ = ["FAULTS", "VARIANTS", "Fault", "UnknownFault", "Variant", "derived_faults", "plant"]
