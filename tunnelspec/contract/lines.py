"""The lines of the document's text on which a constraint and an operation stand.

Reads the YAML nodes, whose marks the parsed values have lost; follows `$ref` as `references.inlined` does.
"""

from __future__ import annotations

from functools import cached_property

import yaml

from tunnelspec.contract.constraints import Constraint
from tunnelspec.contract.member import steps
from tunnelspec.contract.reading import LOADER

#: Longer chains of `$ref` are taken for a circle.
_MOST_REFS = 50


class Lines:
    """The lines of one contract document, counted from 1; 1 for what cannot be found."""

    def __init__(self, text: str, content_type: str) -> None:
        self._text = text
        self._content_type = content_type

    @cached_property
    def _root(self) -> yaml.Node | None:
        return yaml.compose(self._text, Loader=LOADER) if self._text else None

    @cached_property
    def _operations(self) -> dict[str, yaml.Node]:
        return {name.value: post for post, name in self._operation_ids()}

    def operation(self, name: str) -> int:
        """The line on which the operation is named."""
        post = self._operations.get(name)
        return _line(self._value(post, "operationId")) if post is not None else 1

    def constraint(self, row: Constraint) -> int:
        """The line of the keyword that states the constraint."""
        return self.keyword(row.operation, row.path, row.keyword)

    def keyword(self, operation: str, path: str, keyword: str) -> int:
        """The line of a keyword of a request member, or of the member where it does not have the keyword."""
        body = ("requestBody", "content", self._content_type, "schema")
        node, parent = self._down(self._operations.get(operation), *body), None
        for step in steps(path):
            parent = node
            inner = {"[]": ("items",), "{}": ("additionalProperties",)}.get(step, ("properties", step))
            node = self._down(node, *inner)
        if keyword == "required":
            listed = self._value(parent, "required")
            names = listed.value if isinstance(listed, yaml.SequenceNode) else []
            name = path.rsplit(".", 1)[-1]
            return next((_line(one) for one in names if one.value == name), _line(node))
        return _line(self._key(node, keyword) or node)

    def _operation_ids(self) -> list[tuple[yaml.Node, yaml.ScalarNode]]:
        paths = self._value(self._root, "paths")
        posts = [self._value(item, "post") for _, item in getattr(paths, "value", ())]
        pairs = [(post, self._value(post, "operationId")) for post in posts if post is not None]
        return [(post, name) for post, name in pairs if isinstance(name, yaml.ScalarNode)]

    def _down(self, node: yaml.Node | None, *keys: str) -> yaml.Node | None:
        for key in keys:
            node = self._value(node, key)
        return node

    def _value(self, node: yaml.Node | None, key: str) -> yaml.Node | None:
        entry = self._entry(node, key)
        return entry[1] if entry else None

    def _key(self, node: yaml.Node | None, key: str) -> yaml.Node | None:
        entry = self._entry(node, key)
        return entry[0] if entry else None

    def _entry(self, node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
        """A mapping's own entry, or that of what it refers to: siblings of `$ref` win."""
        for _ in range(_MOST_REFS):
            if not isinstance(node, yaml.MappingNode):
                return None
            entries = {name.value: (name, value) for name, value in node.value}
            if key in entries:
                return entries[key]
            if "$ref" not in entries:
                return None
            node = self._named(entries["$ref"][1].value)
        return None

    def _named(self, reference: str) -> yaml.Node | None:
        parts = reference.removeprefix("#/").split("/")
        return self._down(self._root, *(part.replace("~1", "/").replace("~0", "~") for part in parts))


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 1
