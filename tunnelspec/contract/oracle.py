"""The oracle's rows: the required outcome of each situation, and what each error code means.

Both come from `openapi/errors.yaml`; this module only gives them types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.contract.errors import ContractError
from tunnelspec.verdict import Level


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """An error code: its status and what it means to the caller.

    `tolerated` maps further statuses to the reason why they only warn. `definite`: the operation
    certainly did not happen. `inconclusive`: the response says nothing about conformance.
    """

    code: str
    status: int
    tolerated: Mapping[int, str]
    modelled: bool
    definite: bool
    retryable: bool
    inconclusive: bool
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """A class of input and the required outcome.

    `decision` is `accept`, `reject` or `either`. A rejection passes with any of `codes` and warns with any
    of `tolerated_codes`; statuses likewise. `envelope` is False where the protocol does not say how such a
    request is answered; `authentication` is True where the signature is wrong. `code_level` is the level of the
    error's type.
    """

    id: str
    decision: str
    level: Level
    requirement: str
    why: str
    status: tuple[int, ...]
    tolerated_status: Mapping[int, str]
    codes: tuple[str, ...]
    tolerated_codes: Mapping[str, str]
    cites: tuple[str, ...]
    envelope: bool = True
    authentication: bool = False
    code_level: Level = Level.MUST

    @property
    def is_of_http(self) -> bool:
        """Whether HTTP itself says that a call which is written so must be read, whatever the API says of it."""
        return self.decision == "accept" and not self.envelope and self.level is Level.MUST

    def allows(self, code: str | None) -> bool:
        """Whether a rejection may name this error, with a warning or without."""
        return code is not None and (code in self.codes or code in self.tolerated_codes)

    @property
    def admits_any_error(self) -> bool:
        """Whether a rejection conforms, whatever error it names."""
        return self.decision == "either" or (self.decision == "reject" and not self.codes)


def read_errors(raw: Mapping[str, Any]) -> dict[str, ErrorRow]:
    """The rows of `errors`, by code."""
    return {
        code: ErrorRow(
            code=code,
            status=int(row["status"]),
            tolerated={int(k): str(v) for k, v in (row.get("tolerated") or {}).items()},
            modelled=bool(row.get("modelled", False)),
            definite=bool(row.get("definite", False)),
            retryable=bool(row.get("retryable", False)),
            inconclusive=bool(row.get("inconclusive", False)),
            cites=tuple(row.get("cites", ())),
        )
        for code, row in raw["errors"].items()
    }


def read_situations(raw: Mapping[str, Any]) -> dict[str, Situation]:
    """The rows of `situations`, by id. Raises ContractError for a MUST without a citation."""
    rows: dict[str, Situation] = {}
    for name, row in raw["situations"].items():
        rows[name] = Situation(
            id=name,
            decision=row["decision"],
            level=Level(row.get("level", Level.MUST)),
            requirement=row["requirement"],
            why=row.get("why", ""),
            status=tuple(int(s) for s in row.get("status") or ()),
            tolerated_status={int(k): v for k, v in (row.get("tolerated-status") or {}).items()},
            codes=tuple(row.get("codes") or ()),
            tolerated_codes=dict(row.get("tolerated-codes") or {}),
            cites=tuple(row.get("cites", ())),
            envelope=bool(row.get("envelope", True)),
            authentication=bool(row.get("authentication", False)),
            code_level=Level(row.get("code-level", "MUST")),
        )
        if rows[name].decision not in ("accept", "reject", "either"):
            raise ContractError(f"situation '{name}' has an unknown decision")
        if rows[name].level is Level.MUST and not rows[name].cites:
            raise ContractError(f"situation '{name}' says MUST and cites nothing")
    return rows
