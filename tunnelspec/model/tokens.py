"""Access tokens: who gets which, and that none comes twice. No sentence here shows one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from tunnelspec.model import rules
from tunnelspec.model.rules import Mismatch

#: The ends whose tokens each mode of RotateTunnelAccessToken renews.
ENDS = {"SOURCE": ("source",), "DESTINATION": ("destination",), "ALL": ("source", "destination")}


def issued(told: Mapping[str, Any]) -> dict[str, str]:
    """The tokens in an answer by the end that they belong to."""
    found = {end: told.get(f"{end}AccessToken") for end in ENDS["ALL"]}
    return {end: token for end, token in found.items() if isinstance(token, str)}


def fresh(told: Mapping[str, Any], known: Set[str], rule: rules.Rule) -> Iterator[Mismatch]:
    """What is wrong with newly issued tokens, those known so far being given."""
    tokens = issued(told)
    for end, token in tokens.items():
        if not token:
            yield Mismatch(rules.NON_EMPTY, f"a token for the {end}", f"an empty token for the {end}")
        elif token in known:
            yield Mismatch(
                rule,
                f"a token for the {end} that was never issued",
                f"one for the {end} that was issued before",
            )
    if len(tokens) > len(set(tokens.values())) and all(tokens.values()):
        yield Mismatch(rules.SIDES, "two tokens that differ", "the same token for both ends")


def rotated(mode: str, arn: str, told: Mapping[str, Any], known: Set[str]) -> Iterator[Mismatch]:
    """What is wrong with the answer to a rotation."""
    tokens, due = issued(told), ENDS[mode]
    if set(tokens) != set(due):
        yield Mismatch(
            rules.EXACTLY,
            f"{mode} returns the token of {_ends(due)}",
            f"it returned that of {_ends(tuple(tokens))}",
        )
    if told.get("tunnelArn", arn) != arn:
        yield Mismatch(rules.ROTATED_ARN, f"tunnelArn is {arn}", f"tunnelArn is {told['tunnelArn']!r}")
    yield from fresh(told, known, rules.ROTATED)


def _ends(ends: tuple[str, ...]) -> str:
    return " and ".join(ends) if ends else "neither end"
