"""`docs/architecture.md` is true: its files and functions exist, and its rooms are those of the import contract."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tunnelspec.contract import Contract, classify
from tunnelspec.runner.case import Case

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\| \d+ \| `([^`]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE)
CASE = "validation/OpenTunnel/description/pattern/longer"


def definitions(path: Path) -> set[str]:
    """The functions of a module and the methods of its classes, as `function` and `Class.method`."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return names


def test_there_are_at_most_twelve_steps() -> None:
    """The page walks through the whole suite in twelve steps."""
    assert 8 <= len(STEPS) <= 12


@pytest.mark.parametrize(("file", "function"), STEPS)
def test_each_step_names_a_function_that_exists(file: str, function: str) -> None:
    """A renamed function has to be renamed on the page."""
    assert function in definitions(ROOT / file)


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:tunnelspec|tests|openapi|strategies|reports)/[\w./]*)`", PAGE)))
)
def test_each_path_exists(path: str) -> None:
    """Every file and folder that the page names is in the tree."""
    assert (ROOT / path).exists()


def test_the_case_is_as_described(contract: Contract, cases: list[Case]) -> None:
    """The example exists, violates the constraint that the page names, and calls for a rejection."""
    case = next(case for case in cases if case.id == CASE)
    assert CASE in PAGE
    assert case.constraint == "OpenTunnel/description/pattern"
    body = getattr(case.request, "body", None)
    assert isinstance(body, dict)
    assert f"{len(body['description']):,} characters" in PAGE
    assert f"`{contract.constraint[case.constraint].bound}`" in PAGE
    verdict = classify(contract, "OpenTunnel", body)
    assert (verdict.situation, verdict.breaks) == ("constraint", (case.constraint,))
    assert contract.situations[verdict.situation].decision == "reject"


def test_the_rooms_are_in_the_order_of_the_import_contract() -> None:
    """The table of rooms lists the layers of `pyproject.toml` from top to bottom."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    order = {name.strip().replace(".", "/"): number for number, layer in enumerate(layers) for name in layer.split("|")}
    table = PAGE.split("## Rooms")[1].split("| --- | --- |")[1].split("\n\n")[0]
    rows = [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in table.strip().splitlines()]
    numbers = [sorted({order[room.removesuffix(".py")] for room in rooms}) for rooms in rows]
    assert [len(row) for row in numbers] == [1] * len(rows)
    assert [row[0] for row in numbers] == sorted(row[0] for row in numbers)
    top_rooms = {name for name in order if name.count("/") == 1 and (ROOT / name).is_dir()}
    assert top_rooms <= {room for rooms in rows for room in rooms}


def test_every_package_and_every_data_file_is_installed() -> None:
    """What pyproject.toml lists by hand is what the tree has: a package that is missing shows only once installed."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    elsewhere: dict[str, str] = setuptools["package-dir"]
    directories = {name: ROOT / elsewhere.get(name, name.replace(".", "/")) for name in setuptools["packages"]}
    made = {init.parent for init in (ROOT / "tunnelspec").rglob("__init__.py")}
    assert {*made, *(ROOT / path for path in elsewhere.values())} == set(directories.values())
    data: dict[str, list[str]] = setuptools["package-data"]
    included = {path for name, globs in data.items() for one in globs for path in directories[name].glob(one)}
    others = {path for directory in directories.values() for path in directory.rglob("*") if path.is_file()}
    left_out = {path for path in others - included if path.suffix not in (".py", ".pyi", ".pyc")}
    assert left_out == set()
