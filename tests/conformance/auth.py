"""Signatures that are incorrect in one respect, where the target verifies signatures."""

from __future__ import annotations

from tunnelspec.contract import Contract
from tunnelspec.runner.authentication import signature_case
from tunnelspec.runner.case import Case, Priority
from tunnelspec.strategies import signatures


def auth_cases(contract: Contract) -> list[Case]:
    """One case per incorrect signature: `auth/<Operation>/…`."""
    return [
        Case(
            id=f"auth/{request.operation}/{request.name}",
            operation=str(request.operation),
            level="auth",
            requirement=contract.situations[request.situation].requirement,
            cites=contract.situations[request.situation].cites,
            run=signature_case,
            request=request,
            area="auth",
            priority=Priority.AUTH,
        )
        for request in signatures.cases(contract)
    ]
