"""What a record tells of the contract, so that reports can show its rules without reading the document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tunnelspec.checks import CHECKS
from tunnelspec.contract import Contract
from tunnelspec.contract.constraints import shown
from tunnelspec.contract.lines import Lines
from tunnelspec.model import RULES


def described(contract: Contract, broken: Iterable[str]) -> dict[str, Any]:
    """The operations and constraints with their lines in the document, and the rules that were broken."""
    lines = Lines(contract.text, contract.service.content_type)
    return {
        "file": contract.file,
        "operations": [
            {"name": item.name, "summary": item.summary, "line": lines.operation(item.name)}
            for item in contract.operations.values()
        ],
        "constraints": [
            {
                "name": row.name,
                "operation": row.operation,
                "path": row.path,
                "keyword": row.keyword,
                "bound": shown(row.bound),
                "sentence": row.sentence,
                "line": lines.constraint(row),
            }
            for row in contract.constraints
        ],
        "rules": {name: _rule(name) for name in sorted(set(broken)) if name in CHECKS or name in RULES},
    }


def _rule(name: str) -> dict[str, Any]:
    if name in CHECKS:
        return {"sentence": CHECKS[name].sentence, "level": CHECKS[name].level.value}
    return {"sentence": RULES[name].requirement, "level": RULES[name].level.value}
