"""The console that commands print on."""

from __future__ import annotations

from rich.console import Console as RichConsole


class Console(RichConsole):
    """Rich's console, unstyled where nothing is marked, which reports a closed output like any other error."""

    def __init__(self, *, stderr: bool = False, soft_wrap: bool = False) -> None:
        super().__init__(highlight=False, stderr=stderr, soft_wrap=soft_wrap)

    def on_broken_pipe(self) -> None:
        """Raise what happened: Rich would exit with 1, which says that a case failed."""
        raise BrokenPipeError(32, "the reader of the output has closed it")
