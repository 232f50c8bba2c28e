"""Behaviour: what an answer owes to the calls before it, in short scripts with stable names.

Each script stands for one sentence: only answers that break the rules it names count against it.
Importing a module here registers its scripts.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tunnelspec.contract import Contract
from tunnelspec.engine import Case
from tunnelspec.model import OPERATIONS

from .directed import DIRECTED, directed_case

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")

#: In this order: what a tunnel is, then what it is told with, then many at once.
AREAS = ("lifecycle", "tokens", "tags", "listing", "isolation")


def behaviour_cases(contract: Contract) -> list[Case]:
    """One case per script; none for a contract of another service than the one that the model knows."""
    if not contract.operations.keys() >= OPERATIONS:
        return []
    scripts = sorted(DIRECTED.values(), key=lambda found: AREAS.index(found.area))
    return [directed_case(script) for script in scripts]


__all__ = ["AREAS", "DIRECTED", "behaviour_cases"]
