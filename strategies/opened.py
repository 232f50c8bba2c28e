"""One request for each zone that AWS's sources leave open: whichever way it is answered, nothing may break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tunnelspec.contract import Contract, ContractError, classify
from tunnelspec.contract.constraints import member_path
from tunnelspec.contract.minimal import distinct, minimal, with_value_at
from tunnelspec.contract.patterns import Pattern
from tunnelspec.contract.regex_syntax import Block
from tunnelspec.contract.unspecified import open_zone
from tunnelspec.exchange import Request

Schema = Mapping[str, Any]
#: In names of cases, the path of a request body as a whole.
WHOLE = "input"


def requests(contract: Contract, operation: str) -> Iterator[tuple[str, Request, str]]:
    """For each zone a name `<path>/open/<zone>`, a request in it, and why it is open.

    Raises ContractError for a zone in which no value can be made.
    """
    schema = contract.operations[operation].input
    for path, holder, zone in _zones(schema, ""):
        value = _in_zone(holder, zone)
        if open_zone(holder, value) is None:
            raise ContractError(f"No value can be made in the zone '{zone['id']}' of {operation}.")
        body = with_value_at(schema, path, value)
        verdict = classify(contract, operation, body)
        yield f"{path or WHOLE}/open/{zone['id']}", Request(operation, body, verdict.situation), zone["why"]


def _zones(schema: Schema, path: str) -> Iterator[tuple[str, Schema, Schema]]:
    for zone in schema.get("x-open", ()):
        yield path, schema, zone
    for name, inner in schema.get("properties", {}).items():
        yield from _zones(inner, member_path(path, name))
    if isinstance(schema.get("items"), Mapping):
        yield from _zones(schema["items"], f"{path}[]")


def _in_zone(schema: Schema, zone: Schema) -> Any:
    """The plainest value of a member that lies in one of its zones."""
    if "duplicates" in zone:
        return [distinct(schema["items"], 0)] * 2
    when: Schema = zone["when"]
    if "minItems" in when:
        return [distinct(schema["items"], number) for number in range(when["minItems"])]
    if "pattern" in when:
        return "".join(map(_plain, Pattern(when["pattern"]).syntax.choices[0]))
    known, given = schema.get("properties", {}), when.get("properties", {})
    named = dict.fromkeys((*when.get("required", ()), *given))
    members = {name: given.get(name, {}).get("const", minimal(known[name])) for name in named}
    return {**minimal(schema), **members}


def _plain(block: Block) -> str:
    """A block's text: an ordinary letter where it may be one, as often as it must, and once at least."""
    letter = next((char for char in "aA0-" if char in block.characters), block.characters[0])
    return letter * max(block.low, 1)
