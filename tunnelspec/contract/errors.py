"""The one exception of this room."""

from __future__ import annotations

from tunnelspec.errors import UserError


class ContractError(UserError):
    """A document cannot be used as a contract; `str()` is one sentence with the file and, if known, the line.

    `file` and `line` (counted from 1) are None until `load` knows them.
    """

    def __init__(self, problem: str, file: str | None = None, line: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = "" if self.file is None else self.file if self.line is None else f"{self.file}, line {self.line}"
        problem = " ".join(self.problem.split())  # it may quote a value of the document, line feeds among it
        return f"{where}: {problem}." if where else f"{problem}."
