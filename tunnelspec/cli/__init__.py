"""The command line. Each command is a module of this room; `group.COMMANDS` names them.

Exit status: 0 nothing failed; 1 at least one new failure; 2 wrong usage or configuration; 3 no verdict.
"""

from __future__ import annotations

from tunnelspec.cli.group import main

__all__ = ["main"]
