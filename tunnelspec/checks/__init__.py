"""The checks: every rule that one exchange can break. Importing a module here registers its checks."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tunnelspec.checks.answer import Answer, read
from tunnelspec.checks.registry import CHECKS, Check, CheckContext
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange
from tunnelspec.verdict import Finding

for _module in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")


def judge(exchange: Exchange, contract: Contract) -> list[Finding]:
    """Everything that the checks find wrong with an exchange; empty when all is well.

    An exchange without an answer is not judged here: that it has none is the engine's concern.
    """
    if exchange.response is None or exchange.failure is not None:
        return []
    context = CheckContext(exchange, contract, read(exchange.response))
    return [finding for check in CHECKS.values() for finding in check.findings(context)]


def says_nothing(exchange: Exchange, contract: Contract) -> str | None:
    """Why an answer says nothing about conformance (throttled, not authorised, …), or None."""
    if exchange.failure == "throttled":
        return "the target kept throttling"
    if exchange.response is None:
        return None
    code = read(exchange.response).named_code
    row = contract.errors.get(code or "")
    situation = contract.situations.get(exchange.situation)
    if row is not None and row.modelled and situation is not None and situation.decision == "either":
        # Where both answers are right, a limit of the service's own is one of them.
        return None
    if situation is not None and code in situation.codes:
        # The very error that is called for says enough.
        return None
    if row is not None and situation is not None and situation.authentication and not row.retryable:
        # Here the refusal is what the case is about.
        return None
    if row is not None and code in contract.denials:
        return (
            f"the target answered {code}: it verifies signatures and does not know or does not admit these"
            " credentials"
        )
    if row is not None and row.inconclusive:
        return f"the target answered {code}, which says nothing about this case"
    return None


__all__ = ["CHECKS", "Answer", "Check", "Seen", "judge", "read", "says_nothing"]
