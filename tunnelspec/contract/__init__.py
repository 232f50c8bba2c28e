"""The contract, read from the documents in `openapi/`: what a request may hold and what response it requires."""

from tunnelspec.contract.classify import Classified, classify, request_of
from tunnelspec.contract.constraints import Constraint
from tunnelspec.contract.document import Contract, Operation, load
from tunnelspec.contract.errors import ContractError
from tunnelspec.contract.member import Member

__all__ = [
    "Classified",
    "Constraint",
    "Contract",
    "ContractError",
    "Member",
    "Operation",
    "classify",
    "load",
    "request_of",
]
