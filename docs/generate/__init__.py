"""Writes the reference: pages made from the contract and from the registries of cases, checks and faults.

`python -m docs.generate` writes the files in `docs/reference/`; with `--check` it writes nothing and fails
where one of them is not what it would write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from docs.generate import cases, checks, diagram, errors, faults, lifecycle, record
from tunnelspec.contract import Contract

#: Each file of the reference, and the function that makes its text. The same contract and registries make
#: the same text.
PAGES: Mapping[str, Callable[[Contract], str]] = {
    "cases.md": cases.page,
    "checks.md": checks.page,
    "errors.md": errors.page,
    "lifecycle.md": lifecycle.page,
    "lifecycle.svg": diagram.drawing,
    "faults.md": faults.page,
    "record.schema.json": record.schema,
}

__all__ = ["PAGES"]
