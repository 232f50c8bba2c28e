"""The oracle's page: what each situation calls for and what each error code means."""

from __future__ import annotations

from docs.generate.markdown import anchored, code, escaped, links, sources, table, top
from tunnelspec.contract import Contract
from tunnelspec.contract.oracle import ErrorRow, Situation

_DECISIONS = {
    "accept": "What must be accepted",
    "reject": "What must be rejected",
    "either": "What may go either way",
}


def page(contract: Contract) -> str:
    """`errors.md`: the rows of `openapi/errors.yaml`, and every source that anything cites."""
    parts = [
        top(
            "Errors and decisions",
            "errors",
            "Every request that the suite sends is in one *situation*, which says whether it must be accepted "
            "or rejected, and with which error. Codes and statuses under *only warns* are no failure: AWS's "
            "own sources differ there. The rows are `openapi/errors.yaml`; the suite has no other opinion.",
        )
    ]
    for decision, title in _DECISIONS.items():
        rows = [row for row in contract.situations.values() if row.decision == decision]
        parts.append(f"## {title}\n")
        parts.append(
            table(
                ("situation", "demand", "binding", "right answers", "only warns", "sources"),
                [_situation(contract, row) for row in rows],
            )
        )
    parts.append("## Error codes\n")
    parts.append("*Definite*: the operation certainly did not happen. *Says nothing*: the case becomes inconclusive.\n")
    parts.append(
        table(
            ("code", "status", "only warns", "definite", "retryable", "says nothing", "sources"),
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
        requirement += " The protocol does not say how such a request is answered."
    right = "success" if row.decision == "accept" and not row.codes else ", ".join(map(code, row.codes))
    if row.decision == "accept" and row.codes:
        right = f"success, or {right}"
    if row.decision == "either":
        right = "success or an orderly error"
    if row.status:
        right += f" (status {', '.join(map(str, row.status))})"
    return [
        anchored("situation", row.id) + code(row.id),
        requirement,
        row.level.value,
        right,
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
