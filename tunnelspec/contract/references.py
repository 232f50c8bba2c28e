"""`$ref` inside a contract document: what one names, and a schema with all of them replaced.

A document from elsewhere may expand without end; both the nodes and the depth of an expansion are bounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnelspec.contract.errors import ContractError

#: The shipped document has some 3,000 nodes and is 16 deep; AWS's largest models stay below these.
MOST_NODES = 200_000
DEEPEST = 100


def check_size(document: Any) -> None:
    """Raises ContractError for a document that is too large or too deep, YAML aliases counted in full."""
    todo, nodes = [(document, 1)], 0
    while todo:
        value, depth = todo.pop()
        nodes += 1
        _bounded(nodes, depth)
        if isinstance(value, dict | list):
            todo += [(inner, depth + 1) for inner in (value.values() if isinstance(value, dict) else value)]


def _bounded(nodes: int, depth: int) -> None:
    if nodes > MOST_NODES:
        raise ContractError(f"it has more than {MOST_NODES} nodes")
    if depth > DEEPEST:
        raise ContractError(f"it is nested more than {DEEPEST} deep")


def resolved(document: Mapping[str, Any], value: Any) -> Any:
    """What a value names if it is a `$ref`, else the value; siblings of `$ref` win.

    Raises ContractError for a reference that leads nowhere, outside the document, or in a circle.
    """
    for _ in range(DEEPEST):
        if not isinstance(value, dict) or "$ref" not in value:
            return value
        named = _named(document, value["$ref"])
        siblings = {key: inner for key, inner in value.items() if key != "$ref"}
        value = {**named, **siblings} if siblings and isinstance(named, dict) else named
    raise ContractError(f"$ref '{value['$ref']}' leads in a circle")


def inlined(document: Mapping[str, object], schema: Any) -> Any:
    """The schema with every local `$ref` replaced by what it names; siblings of `$ref` win.

    A recursive shape is cut where it meets itself again: there, any value is accepted. Raises ContractError
    for a reference that leads nowhere or outside the document, and for a tree without bounds.
    """
    return _Inlining(document).of(schema, (), 1)


class _Inlining:
    def __init__(self, document: Mapping[str, object]) -> None:
        self._document = document
        self._nodes = 0

    def of(self, value: object, above: tuple[str, ...], depth: int) -> Any:
        self._nodes += 1
        _bounded(self._nodes, depth)
        if isinstance(value, list):
            return [self.of(inner, above, depth + 1) for inner in value]
        if not isinstance(value, dict):
            return value
        if "$ref" not in value:
            return {key: self.of(inner, above, depth + 1) for key, inner in value.items()}
        reference = value["$ref"]
        if reference in above:
            return {}
        target = self.of(_named(self._document, reference), (*above, reference), depth + 1)
        siblings = {key: self.of(inner, above, depth + 1) for key, inner in value.items() if key != "$ref"}
        return {**target, **siblings} if siblings else target


def _named(document: Mapping[str, object], reference: object) -> object:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise ContractError(f"$ref '{reference}' leads outside the document")
    target: Any = document
    for part in reference[2:].split("/"):
        try:
            target = target[part.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError) as problem:
            raise ContractError(f"$ref '{reference}' leads nowhere") from problem
    return target
