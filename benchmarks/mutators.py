"""Mechanical mutation of Python source: every place that an operator can change, and the source so changed.

The operators know the language and not this project: they change comparisons, constants, conditions, statements,
dictionaries, boolean operators, string methods, keyword arguments, slices and arithmetic.
"""

from __future__ import annotations

import ast
import copy
import difflib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
_METHODS = {
    "lower": "upper",
    "upper": "lower",
    "startswith": "endswith",
    "endswith": "startswith",
    "removeprefix": "removesuffix",
    "removesuffix": "removeprefix",
    "partition": "rpartition",
    "rpartition": "partition",
    "strip": "lstrip",
    "fullmatch": "match",
    "update": "setdefault",
    "isascii": "isalpha",
}
_DROPPED = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Raise, ast.If, ast.For, ast.Delete)

#: Changes a node of a copy of the tree in place, or returns the node that replaces it.
Change = Callable[[ast.AST], ast.AST]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutation of one module. `node` is the number of the changed node in the order of `ast.walk`."""

    module: str
    function: str
    line: int
    operator: str
    node: int
    change: Change


@dataclass(frozen=True, slots=True)
class Mutated:
    """The changed tree, the changed lines as `ast.unparse` writes them, and a digest that moves with the function."""

    tree: ast.Module
    diff: tuple[str, ...]
    digest: str


def mutants(module: str, source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its nodes."""
    tree = ast.parse(source)
    places = dict(_places(tree, ""))
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if number in places:
            for operator, change in _changes(node):
                found.append(Mutant(module, places[number], getattr(node, "lineno", 0), operator, number, change))
    return found


def apply(mutant: Mutant, source: str) -> Mutated:
    """The mutant of this source."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[mutant.node]
    changed = mutant.change(copy.deepcopy(node))
    _Replace(node, changed).visit(tree)
    mutated = ast.fix_missing_locations(tree)
    before, after = (ast.unparse(part).splitlines() for part in (ast.parse(source), mutated))
    lines = [
        line for line in difflib.unified_diff(before, after, n=0, lineterm="") if line[:2] not in ("--", "++", "@@")
    ]
    names = (inner for inner in ast.walk(ast.parse(source)) if isinstance(inner, ast.FunctionDef | ast.ClassDef))
    start = next((inner.lineno for inner in names if inner.name == mutant.function.rpartition(".")[2]), 0)
    key = "\n".join([mutant.module, mutant.function, str(mutant.line - start), *lines])
    return Mutated(mutated, tuple(lines), hashlib.sha256(key.encode()).hexdigest()[:10])


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The new node in the place of the old one."""
        return self._new if node is self._old else super().generic_visit(node)


def _places(tree: ast.Module, prefix: str) -> Iterator[tuple[int, str]]:
    """The number of every node that may change, with the qualified name of its function or class."""
    numbers = {id(node): number for number, node in enumerate(ast.walk(tree))}

    def below(node: ast.AST, where: str) -> Iterator[tuple[int, str]]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "bases", "names"):
                continue
            for inner in value if isinstance(value, list) else [value]:
                if not isinstance(inner, ast.AST) or _is_docstring(inner):
                    continue
                named = isinstance(inner, ast.FunctionDef | ast.ClassDef)
                place = f"{where}.{getattr(inner, 'name', '')}".strip(".") if named else where
                yield numbers[id(inner)], place
                yield from below(inner, place)

    yield from below(tree, prefix)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    """Each operator that applies to a node."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for kind in _COMPARISONS[type(node.ops[0])]:
            yield "comparison", _setting(ops=[kind()])
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.BoolOp):
        yield "and/or", _setting(op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for index in range(len(node.values)):
            yield "operand dropped", _without("values", index)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not removed", lambda copied: copied.operand  # type: ignore[attr-defined]
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield "arithmetic", _setting(op=_ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.Dict):
        for index in range(len(node.keys)):
            yield "key dropped", _without_key(index)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Slice):
        yield from (("slice", _setting(**{part: None})) for part in ("lower", "upper", "step") if getattr(node, part))
    elif isinstance(node, ast.comprehension):
        yield from (("filter dropped", _without("ifs", index)) for index in range(len(node.ifs)))
    if isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(node.test, ast.UnaryOp):
        yield "condition negated", _setting(test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, _DROPPED):
        yield "statement dropped", lambda _: ast.Pass()


def _constants(node: ast.Constant) -> Iterator[tuple[str, Change]]:
    if isinstance(node.value, bool):
        yield "constant", _setting(value=not node.value)
    elif isinstance(node.value, int | float):
        yield "constant", _setting(value=node.value + 1)
        yield "constant", _setting(value=node.value - 1)


def _calls(node: ast.Call) -> Iterator[tuple[str, Change]]:
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        yield "method", _setting(func=ast.Attribute(node.func.value, _METHODS[node.func.attr], ast.Load()))
    yield from (("keyword dropped", _without("keywords", index)) for index in range(len(node.keywords)))


def _setting(**fields: object) -> Change:
    def change(node: ast.AST) -> ast.AST:
        for name, value in fields.items():
            setattr(node, name, value)
        return node

    return change


def _without(field: str, index: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        values = getattr(node, field)
        del values[index]
        return values[0] if isinstance(node, ast.BoolOp) and len(values) == 1 else node

    return change


def _without_key(index: int) -> Change:
    def change(node: ast.AST) -> ast.AST:
        assert isinstance(node, ast.Dict)
        del node.keys[index], node.values[index]
        return node

    return change
