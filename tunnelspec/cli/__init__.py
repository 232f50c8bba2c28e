"""The command line. Each command is a module of this room, a few lines over the engine and the reports.

Exit status: 0 nothing failed; 1 at least one failure; 2 wrong usage or configuration; 3 the target
could not be judged.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tunnelspec.cli.group import main

#: A command becomes part of the command line by being in this folder.
for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")

__all__ = ["main"]
