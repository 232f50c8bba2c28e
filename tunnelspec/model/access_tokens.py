"""Access tokens in an output. No clause here holds one."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.model import rules
from tunnelspec.model.members import Members
from tunnelspec.model.rules import Mismatch, Rule
from tunnelspec.model.state import State


def issued(state: State, operation: str, output: Members) -> dict[str, str]:
    """The access tokens in an operation's output by the names of their members, an empty one among them."""
    described = state.contract.operations[operation].output
    secrets = [name for name, member in described.properties.items() if member.sensitive] if described else []
    return {name: token for name in secrets if isinstance(token := output.get(name), str)}


def check_new(tokens: dict[str, str], state: State, rule: Rule) -> Iterator[Mismatch]:
    """Newly issued tokens: `rule` requires that none was issued before."""
    for name, token in tokens.items():
        if not token:
            yield Mismatch(rules.NON_EMPTY, f"{name} must not be empty", "it is empty")
        elif token in state.tokens:
            yield Mismatch(rule, f"{name} must be a new token", "it was issued before")
    if len(tokens) > len(set(tokens.values())) and all(tokens.values()):
        yield Mismatch(rules.SIDES, f"{' and '.join(tokens)} must differ", "they are the same token")
