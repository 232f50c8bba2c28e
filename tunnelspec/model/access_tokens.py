"""Access tokens in an output. No clause here holds one."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.model import rules
from tunnelspec.model.members import Members
from tunnelspec.model.rules import Mismatch, Rule
from tunnelspec.model.state import State

#: The ends of a tunnel whose tokens each client mode of RotateTunnelAccessToken replaces. Of a mode that only another
#: document has, nothing is known.
ENDS = {"SOURCE": ("source",), "DESTINATION": ("destination",), "ALL": ("source", "destination")}


def issued(output: Members) -> dict[str, str]:
    """The access tokens in an output by their end, an empty one among them."""
    values = {end: output.get(f"{end}AccessToken") for end in ENDS["ALL"]}
    return {end: token for end, token in values.items() if isinstance(token, str)}


def check_new(output: Members, state: State, rule: Rule) -> Iterator[Mismatch]:
    """Newly issued tokens: `rule` requires that none was issued before."""
    tokens = issued(output)
    for end, token in tokens.items():
        if not token:
            yield Mismatch(rules.NON_EMPTY, f"{end}AccessToken must not be empty", "it is empty")
        elif token in state.tokens:
            yield Mismatch(rule, f"{end}AccessToken must be a new token", "it was issued before")
    if len(tokens) > len(set(tokens.values())) and all(tokens.values()):
        requirement = "sourceAccessToken and destinationAccessToken must differ"
        yield Mismatch(rules.SIDES, requirement, "they are the same token")
