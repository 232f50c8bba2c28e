"""Structure of one or two source trees: size, `Any`, `type: ignore`, long functions, import circles.

    python -m benchmarks.structure PATH [PATH]

With two trees, before and after stand side by side. Counted are `tunnelspec`, `strategies` and `tests/conformance`.
Imports under `TYPE_CHECKING` are no part of a circle; imports inside functions are.
"""

from __future__ import annotations

import ast
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

#: Directory below the root, and the package that it is imported as.
PACKAGES = {"tunnelspec": "tunnelspec", "strategies": "tunnelspec.strategies", "tests/conformance": "tunnelspec.suite"}
LONG = (40, 60)


def main(roots: list[str]) -> None:
    """Print a table with one column for each tree."""
    figures = [structure(Path(root)) for root in roots]
    print("| | " + " | ".join(Path(root).name or root for root in roots) + " |")
    print("| --- |" + " ---: |" * len(roots))
    for name in figures[0]:
        print(f"| {name} | " + " | ".join(f"{row[name]:,}" for row in figures) + " |")


def structure(root: Path) -> dict[str, int]:
    """The figures of one tree, by name."""
    sources = {module: path.read_text(encoding="utf-8") for module, path in _modules(root)}
    trees = {module: ast.parse(text) for module, text in sources.items()}
    lengths = [length for tree in trees.values() for length in _function_lengths(tree)]
    lines = [len(text.splitlines()) for text in sources.values()]
    return {
        "lines": sum(lines),
        "lines of code": sum(_code(text, trees[module]) for module, text in sources.items()),
        "files": len(sources),
        "longest file": max(lines),
        "`Any`": sum(_any(tree) for tree in trees.values()),
        "`type: ignore`": sum(_ignores(text) for text in sources.values()),
        **{f"functions over {limit} lines": sum(length > limit for length in lengths) for limit in LONG},
        "longest function": max(lengths),
        "import circles": len(_circles({m: set(_imports(m, tree, sources)) for m, tree in trees.items()})),
    }


def _modules(root: Path) -> Iterator[tuple[str, Path]]:
    for directory, package in PACKAGES.items():
        for path in sorted((root / directory).rglob("*.py")):
            parts = path.relative_to(root / directory).with_suffix("").parts
            yield ".".join((package, *parts)).removesuffix(".__init__"), path


def _code(text: str, tree: ast.Module) -> int:
    """Lines that are no blank line, comment, docstring or import."""
    lines = {number for number, line in enumerate(text.splitlines(), 1) if line.strip() and line.strip()[0] != "#"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node = node.body[0]
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def _function_lengths(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _any(tree: ast.Module) -> int:
    """How often `Any` is used; importing it does not count."""
    return sum(isinstance(node, ast.Name) and node.id == "Any" for node in ast.walk(tree))


def _ignores(text: str) -> int:
    tokens = tokenize.generate_tokens(StringIO(text).readline)
    return sum(t.type == tokenize.COMMENT and re.search(r"#\s*type:\s*ignore", t.string) is not None for t in tokens)


def _imports(module: str, tree: ast.Module, known: Mapping[str, str]) -> Iterator[str]:
    """Modules of the tree that this one imports, when it is loaded or later."""
    is_package = any(name.startswith(f"{module}.") for name in known)
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = module.split(".")[: len(module.split(".")) - node.level + is_package]
                base = ".".join([*above, *filter(None, [node.module])])
            # A submodule where there is one, else the module that the name comes from.
            names = [f"{base}.{a.name}" if f"{base}.{a.name}" in known else base for a in node.names]
        else:
            continue
        yield from (name for name in names if name in known and name != module)


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """All statements but those that only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield child
            yield from _executed(child)


def _circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Sets of modules that import one another: the strongly connected components of more than one module."""
    reach = {module: _reachable(graph, module) for module in graph}
    circles: list[set[str]] = []
    for module in graph:
        members = {other for other in reach[module] if module in reach[other]}
        if len(members) > 1 and members not in circles:
            circles.append(members)
    return circles


def _reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        for name in graph[todo.pop()] - found:
            found.add(name)
            todo.append(name)
    return found


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(f"usage: python {sys.argv[0]} PATH [PATH]")
    main(sys.argv[1:])
