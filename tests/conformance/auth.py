"""Signatures that are incorrect in one respect, where the target verifies signatures."""

from __future__ import annotations

from dataclasses import replace

from tunnelspec.contract import Contract
from tunnelspec.runner.authentication import signature_case
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.single import request_case
from tunnelspec.strategies import signatures


def auth_cases(contract: Contract) -> list[Case]:
    """One case per incorrect signature: `auth/<Operation>/…`."""
    requests = signatures.cases(contract)
    cases = (request_case(contract, "auth", raw.name, raw, "auth", Priority.AUTH) for raw in requests)
    return [replace(case, run=signature_case) for case in cases]
