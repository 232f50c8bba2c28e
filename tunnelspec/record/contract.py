"""What a record holds of the contract, so that reports show its rules without reading the document."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from tunnelspec.checks import CHECKS
from tunnelspec.contract import Contract
from tunnelspec.contract.constraints import shown
from tunnelspec.contract.lines import Lines
from tunnelspec.model import RULES
from tunnelspec.record.facts import ConstraintRow, ContractFacts, RuleRow, SituationRow


def contract_facts(contract: Contract, rules: Iterable[str], situations: Iterable[str]) -> ContractFacts:
    """Operations and constraints with their lines in the document; of rules and the oracle's rows, these."""
    lines = _lines(contract)
    return {
        "file": contract.file,
        "operations": [
            {"name": item.name, "summary": item.summary, "line": lines.operation(item.name)}
            for item in contract.operations.values()
        ],
        "constraints": list(_constraints(contract)),
        "sensitive": sorted(contract.sensitive),
        "rules": {name: _rule(name) for name in sorted(set(rules)) if name in CHECKS or name in RULES},
        "situations": {
            name: _situation(contract, name) for name in sorted(set(situations)) if name in contract.situations
        },
    }


@lru_cache(maxsize=2)  # a worker records every unit of a run
def _lines(contract: Contract) -> Lines:
    return Lines(contract.text, contract.service.content_type)


@lru_cache(maxsize=2)  # pytest makes a record of each case that fails
def _constraints(contract: Contract) -> tuple[ConstraintRow, ...]:
    lines = _lines(contract)
    return tuple(
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
    )


def _rule(name: str) -> RuleRow:
    if name in CHECKS:
        return {"sentence": CHECKS[name].sentence, "level": CHECKS[name].level.value}
    return {"sentence": RULES[name].requirement, "level": RULES[name].level.value}


def _situation(contract: Contract, name: str) -> SituationRow:
    row = contract.situations[name]
    return {
        "requirement": row.requirement,
        "decision": row.decision,
        "level": row.level.value,
        "statuses": list(row.status),
        "error_types": list(row.codes),
    }
