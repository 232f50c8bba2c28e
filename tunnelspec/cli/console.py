"""The console that commands print on."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console as RichConsole

from tunnelspec.printable import safe


class Console(RichConsole):
    """Rich's console, which takes no text for markup, and reports a closed output like any other error."""

    def __init__(self, *, stderr: bool = False, soft_wrap: bool = False) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, stderr=stderr, soft_wrap=soft_wrap)

    def print_path(self, label: str, path: Path) -> None:
        """Print where something is, on one line; its name may hold anything."""
        self.print(f"{label}: {safe(str(path))}", soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Raise what happened: Rich would exit with 1, which says that a case failed."""
        raise BrokenPipeError(32, "the reader of the output has closed it")
