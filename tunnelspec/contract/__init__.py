"""The contract, read from the documents in `openapi/`: what may be asked and what must be answered."""

from tunnelspec.contract.classify import Classified, classify
from tunnelspec.contract.constraints import Constraint
from tunnelspec.contract.document import Contract, Operation, load
from tunnelspec.contract.errors import ContractError

__all__ = [
    "Classified",
    "Constraint",
    "Contract",
    "ContractError",
    "Operation",
    "classify",
    "load",
]
