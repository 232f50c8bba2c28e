"""The oracle's page: the required outcome of each situation, and the meaning of each error code."""

from __future__ import annotations

from docs.generate.markdown import anchored, code, escaped, links, sources, table, top
from tunnelspec.contract import Contract
from tunnelspec.contract.oracle import ErrorRow, Situation

_DECISIONS = {
    "accept": "What must be accepted",
    "reject": "What must be rejected",
    "either": "What may be accepted or rejected",
}


def page(contract: Contract) -> str:
    """`errors.md`: the rows of `openapi/errors.yaml`, and every source."""
    parts = [
        top(
            "Errors and decisions",
            "errors",
            "Every request that the suite sends is in one *situation*, which says whether it must be accepted "
            "or rejected, and with which error. Codes and statuses under *only warns* are no failure: AWS's "
            "own sources differ there. The rows come from `openapi/errors.yaml`.",
        )
    ]
    for decision, title in _DECISIONS.items():
        rows = [row for row in contract.situations.values() if row.decision == decision]
        parts.append(f"## {title}\n")
        parts.append(
            table(
                ("situation", "requirement", "level", "passes", "only warns", "sources"),
                [_situation(contract, row) for row in rows],
            )
        )
    parts.append("## Error codes\n")
    parts.append("*Definite*: the operation certainly did not happen. *Inconclusive*: the case has no verdict.\n")
    parts.append(
        table(
            ("code", "status", "only warns", "definite", "retryable", "inconclusive", "sources"),
            [_error(contract, row) for row in contract.errors.values()],
        )
    )
    parts += ["## Sources\n", sources(contract)]
    return "\n".join(parts)


def _situation(contract: Contract, row: Situation) -> list[str]:
    requirement = escaped(row.requirement[0].upper() + row.requirement[1:] + ".") + (
        f" {escaped(row.why)}" if row.why else ""
    )
    if not row.envelope:
        requirement += " The protocol does not specify the response to such a request."
    passes = "success" if row.decision == "accept" and not row.codes else ", ".join(map(code, row.codes))
    if row.decision == "accept" and row.codes:
        passes = f"success, or {passes}"
    if row.decision == "either":
        passes = "success or a well-formed error"
    if row.status:
        passes += f" (status {', '.join(map(str, row.status))})"
    return [
        anchored("situation", row.id) + code(row.id),
        requirement,
        row.level.value,
        passes,
        _tolerated({**row.tolerated_codes, **{f"status {k}": v for k, v in row.tolerated_status.items()}}),
        links(row.cites),
    ]


def _error(contract: Contract, row: ErrorRow) -> list[str]:
    return [
        code(row.code) + (" (modelled)" if row.modelled else ""),
        str(row.status),
        _tolerated({f"status {status}": why for status, why in row.tolerated.items()}),
        *("yes" if flag else "" for flag in (row.definite, row.retryable, row.inconclusive)),
        links(row.cites),
    ]


def _tolerated(reasons: dict[str, str]) -> str:
    """What only warns, with each reason once."""
    by_reason: dict[str, list[str]] = {}
    for name, why in reasons.items():
        by_reason.setdefault(why, []).append(name if name.startswith("status ") else code(name))
    return "; ".join(f"{', '.join(names)}: {escaped(why)}" for why, names in by_reason.items())
