"""The checks: every rule that one exchange can violate. Importing a module here registers its checks."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tunnelspec.checks.registry import CHECKS, Check, CheckContext
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange
from tunnelspec.verdict import Finding

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")


def check(exchange: Exchange, contract: Contract) -> list[Finding]:
    """Everything that the checks find in an exchange; empty where the response conforms.

    An exchange without a usable response is the runner's concern.
    """
    if exchange.usable is None:
        return []
    context = CheckContext(exchange, exchange.usable, contract)
    return [entry.finding(item, context) for entry in CHECKS.values() for item in entry.function(context)]


def inconclusive_reason(exchange: Exchange, contract: Contract) -> str | None:
    """Why a response says nothing about conformance (throttled, not authorised, …), or None."""
    if exchange.failure == "throttled":
        status = f" (status {exchange.response.status})" if exchange.response is not None else ""
        return f"the target kept throttling{status}"
    if exchange.response is None:
        return None
    code = exchange.response.named_error
    row = contract.errors.get(code or "")
    situation = contract.situations.get(exchange.situation)
    if row is not None and row.modelled and situation is not None and situation.admits_any_error:
        # A limit of the service's own is one of the errors that are allowed.
        return None
    if situation is not None and code in situation.codes:
        # The very error that is called for says enough.
        return None
    if row is not None and situation is not None and situation.authentication and not row.retryable:
        # Here the refusal is what the case is about.
        return None
    unsigned = contract.situations.get("signature-missing")
    if unsigned is not None and code in unsigned.codes:
        return f"the target responded {code} to a signed request: a proxy before it may remove the Authorization header"
    changed = contract.situations.get("signature-wrong")
    if changed is not None and code in changed.codes:
        return (
            f"the target responded {code}: it does not admit these credentials, or a proxy before it changes what is"
            " signed, such as Host"
        )
    if row is not None and code in contract.denials:
        return (
            f"the target responded {code}: it verifies signatures and does not know or does not admit these credentials"
        )
    operation = contract.operations.get(exchange.operation or "")
    if row is not None and row.modelled and operation is not None and code not in operation.errors:
        # A quota of the account is none of an operation that does not have the error.
        return None
    if row is not None and row.inconclusive:
        return f"the target responded {code}, which says nothing about this case"
    return None


__all__ = ["CHECKS", "Check", "CheckContext", "check", "inconclusive"]
