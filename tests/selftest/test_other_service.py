"""A second, invented AWS JSON service gets its cases with no code touched."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tunnelspec.contract import Contract, load
from tunnelspec.suite import build

_MEDIA = "application/x-amz-json-1.1"


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A service that shelves books, with nested lists, a map and no resource."""

    def operation(name: str) -> dict[str, object]:
        def content(kind: str) -> dict[str, object]:
            return {"content": {_MEDIA: {"schema": {"$ref": f"#/components/schemas/{name}{kind}"}}}}

        return {
            "post": {
                "operationId": name,
                "requestBody": content("Request"),
                "responses": {"200": {"description": "Done.", **content("Response")}},
            }
        }

    word = {"type": "string", "pattern": r"^\p{Lu}[\p{Ll}]{0,9}$", "x-shape": "Word", "x-cites": ["manual"]}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Shelf", "version": "1"},
        "x-aws-service": {"targetPrefix": "Shelf_1", "signingName": "shelf", "contentType": _MEDIA},
        "x-sources": {"manual": {"title": "The manual", "url": "https://shelf.example"}},
        "paths": {"/#a": operation("PutBook"), "/#b": operation("ListBooks")},
        "components": {
            "schemas": {
                "PutBookRequest": {
                    "type": "object",
                    "required": ["title", "copies"],
                    "x-cites": ["manual"],
                    "properties": {
                        "title": word,
                        "copies": {"type": "integer", "minimum": 0, "maximum": 9},
                        "rows": {
                            "type": "array",
                            "maxItems": 3,
                            "items": {"type": "array", "minItems": 1, "items": word},
                        },
                        "notes": {"type": "object", "additionalProperties": word},
                    },
                },
                "PutBookResponse": {"type": "object", "properties": {}},
                "ListBooksRequest": {"type": "object", "properties": {"all": {"type": "boolean"}}},
                "ListBooksResponse": {"type": "object", "properties": {}},
            }
        },
    }
    path = tmp_path_factory.mktemp("invented") / "shelf.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize(
    "name",
    [
        "protocol/PutBook/implemented",
        "protocol/ListBooks/target-unknown",
        "validation/PutBook/title/required/absent",
        "validation/PutBook/title/pattern/longer",
        "validation/PutBook/copies/maximum/above",
        "validation/PutBook/rows/maxItems/above",
        "validation/PutBook/rows[][]/pattern/newline-at-the-end",
        "validation/PutBook/notes{}/type/as-number",
        "search/PutBook/broken",
    ],
)
def test_its_cases_are_there(invented: Contract, name: str) -> None:
    """Nested arrays, maps, bounds, patterns, dispatch and searches."""
    assert name in {case.id for case in build(invented)}


def test_only_the_shipped_service_is_named_where_it_may_be() -> None:
    """No operation or member of the service is named outside the rooms that are about it."""
    contract = load()
    words = set(contract.operations) | {
        part for row in contract.constraints for part in row.path.replace("[]", "").split(".") if len(part) > 8
    }
    words -= {"description", "tagKeys"}
    root = Path(__file__).parents[2]
    rooms = [
        "checks",
        "client",
        "contract",
        "runner",
        "record",
        "report",
        "history",
        "plugin.py",
        "pytest_suite.py",
        "cli",
    ]
    files = [p for room in rooms for p in _python(root / "tunnelspec" / room)]
    # The members of the calls of stateful tests, which are about this service.
    files += [path for path in _python(root / "strategies") if path.name != "sequences.py"]
    named = {
        f"{path.relative_to(root)}: {word}"
        for path in files
        for word in words
        if word in path.read_text(encoding="utf-8")
    }
    assert named == {"strategies/__init__.py: OpenTunnel"}  # the example in its docstring


def _python(path: Path) -> list[Path]:
    found = [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert found, f"{path} does not exist"
    return found
