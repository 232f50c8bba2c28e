"""Seeded faults and conforming variants: subclasses of the emulator, against which the suite is tested."""

from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.catalogue import UnknownFault, all_faults, all_variants, combined, seeded, unknown

__all__ = ["Fault", "UnknownFault", "Variant", "all_faults", "all_variants", "combined", "seeded", "unknown"]
