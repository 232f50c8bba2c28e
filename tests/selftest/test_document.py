"""The document against OpenAPI's own validator, Schemathesis, and botocore's model of the service."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from tunnelspec.contract import Contract, ContractError, load
from tunnelspec.contract.references import inlined, resolved

#: Where the document says more than botocore's model, and why. Each must be used.
DEVIATIONS = {
    "OpenTunnelResponse.required": "the API reference promises an id, an ARN and two tokens",
    "DescribeTunnelResponse.required": "the API reference promises the tunnel",
}
_ROOM = Path(__file__).parents[2] / "openapi"
_TYPES = {
    "structure": "object",
    "list": "array",
    "string": "string",
    "integer": "integer",
    "boolean": "boolean",
    "timestamp": "number",
}


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    """botocore's model of the service."""
    found: dict[str, Any] = botocore.loaders.Loader().load_service_model("iotsecuretunneling", "service-2")
    return found


def test_openapi_spec_validator_passes(contract: Contract) -> None:
    """The document is valid OpenAPI 3.1, its patterns aside.

    The validator reads `pattern` by the format "regex" as Python's `re` does, which knows no \\p{…};
    test_patterns holds every pattern against two ECMA engines instead.
    """
    document = copy.deepcopy(dict(contract.document))
    _without_patterns(document)
    OpenAPIV31SpecValidator(document).validate()


def _without_patterns(value: Any) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            value.pop("pattern")
        for inner in value.values():
            _without_patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            _without_patterns(inner)


def test_schemathesis_loads_it(contract: Contract) -> None:
    """Schemathesis finds all operations. In a process of its own: its import changes Hypothesis."""
    path = _ROOM / "iotsecuretunneling-2018-10-05.yaml"
    code = (
        "import schemathesis\n"
        f"schema = schemathesis.openapi.from_path({str(path)!r})\n"
        "print(sum(1 for _ in schema.get_all_operations()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == str(len(contract.operations))


def test_the_document_says_what_botocore_says(contract: Contract, model: dict[str, Any]) -> None:
    """Every operation, shape, type, bound, pattern, enum, required member and error, both ways."""
    found = set(drift(contract.document, model))
    assert {item.split(":")[0] for item in found} == set(DEVIATIONS)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (
            ("TimeoutConfig", "properties", "maxLifetimeTimeoutMinutes", "maximum"),
            600,
            "TimeoutInMin.maximum",
        ),
        (("ClientMode", "enum"), ["SOURCE"], "ClientMode.enum"),
        (("Tag", "required"), ["key"], "Tag.required"),
        (("ThingName", "pattern"), "^[a-z]+$", "ThingName.pattern"),
        (("DateType", "type"), "string", "DateType.type"),
    ],
)
def test_drift_is_named(
    contract: Contract, model: dict[str, Any], path: tuple[str, ...], value: Any, named: str
) -> None:
    """A seeded difference is reported by shape and keyword."""
    document = copy.deepcopy(dict(contract.document))
    place: Any = document["components"]["schemas"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert any(item.startswith(named) for item in drift(document, model))


def test_members_and_operations_that_are_missing_are_named(contract: Contract, model: dict[str, Any]) -> None:
    """A lost member or operation is reported, in either direction."""
    document = copy.deepcopy(dict(contract.document))
    del document["components"]["schemas"]["Tunnel"]["properties"]["tags"]
    document["paths"].popitem()
    found = list(drift(document, model))
    assert "Tunnel.tags: only in botocore" in found
    assert "UntagResource: only in botocore" in found


def drift(document: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    """Every difference between the document and botocore's model, as `Shape.what: difference`."""
    operations = {item["post"]["operationId"]: item["post"] for item in document["paths"].values() if "post" in item}
    for name in sorted(set(operations) ^ set(model["operations"])):
        yield f"{name}: only in {'botocore' if name in model['operations'] else 'the document'}"
    media = document["x-aws-service"]["contentType"]
    for name in sorted(set(operations) & set(model["operations"])):
        ours, theirs = operations[name], model["operations"][name]
        errors = [error["shape"] for error in theirs.get("errors", ())]
        if sorted(ours.get("x-errors", ())) != sorted(errors):
            yield f"{name}.errors: {ours.get('x-errors')} and {errors}"
        body = inlined(document, resolved(document, ours["requestBody"])["content"][media]["schema"])
        yield from _shape(body, theirs["input"]["shape"], model, is_input=True)
        response = inlined(document, resolved(document, ours["responses"]["200"])["content"][media]["schema"])
        yield from _shape(response, theirs["output"]["shape"], model, is_input=False)


def _shape(schema: Mapping[str, Any], name: str, model: Mapping[str, Any], *, is_input: bool) -> Iterator[str]:
    shape = model["shapes"][name]
    if schema.get("x-shape") != name:
        yield f"{name}.x-shape: {schema.get('x-shape')}"
    if schema.get("type") != _TYPES[shape["type"]]:
        yield f"{name}.type: {schema.get('type')} and {shape['type']}"
    if sorted(schema.get("required", ())) != sorted(shape.get("required", ())):
        yield f"{name}.required: {schema.get('required')} and {shape.get('required')}"
    # Smithy does not enforce constraints on output, so there the document may say less.
    if (is_input or "enum" in schema) and schema.get("enum") != shape.get("enum"):
        yield f"{name}.enum: {schema.get('enum')} and {shape.get('enum')}"
    for keyword, theirs in _bounds(shape).items():
        ours = schema.get(keyword)
        if keyword == "pattern" and isinstance(ours, str):
            ours, theirs = ours.strip("^$"), str(theirs).strip("^$")
        if ours != theirs and (is_input or ours is not None):
            yield f"{name}.{keyword}: {ours} and {theirs}"
    for keyword in ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern"):
        if keyword in schema and keyword not in _bounds(shape):
            yield f"{name}.{keyword}: only in the document"
    members = shape.get("members", {})
    for member in sorted(set(schema.get("properties", {})) ^ set(members)):
        yield f"{name}.{member}: only in {'botocore' if member in members else 'the document'}"
    for member in sorted(set(schema.get("properties", {})) & set(members)):
        inner = schema["properties"][member]
        yield from _shape(inner, members[member]["shape"], model, is_input=is_input)
    if shape["type"] == "list":
        yield from _shape(schema["items"], shape["member"]["shape"], model, is_input=is_input)


def _bounds(shape: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "string": ("minLength", "maxLength"),
        "list": ("minItems", "maxItems"),
        "integer": ("minimum", "maximum"),
    }.get(shape["type"])
    found = {}
    if names:
        found = {name: shape[key] for name, key in zip(names, ("min", "max"), strict=True) if key in shape}
    if "pattern" in shape:
        found["pattern"] = shape["pattern"]
    return found


def test_the_readme_names_every_deviation(contract: Contract) -> None:
    """openapi/README.md has a row for each deviation, and for each row of unspecified behaviour."""
    text = (_ROOM / "README.md").read_text(encoding="utf-8")
    rows = {row.id for called in contract.operations.values() for one in called.input.walk() for row in one.unspecified}
    missing = [name for name in {*DEVIATIONS, *rows, "480"} if name not in text]
    assert missing == []


def test_the_shipped_document_is_valid_by_its_schema(contract: Contract) -> None:
    """Only documents given by path are validated when they are loaded; the shipped one is here."""
    load(_ROOM / "iotsecuretunneling-2018-10-05.yaml", _ROOM / "errors.yaml")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("paths", {}, "paths must not be empty"),
        ("components.schemas.TagKey.maxLength", "128", "TagKey.maxLength must be of type integer, not '128'"),
        ("components.schemas.DateType.minimum", float("nan"), "DateType.minimum must be of type number, not nan"),
        ("components.schemas.TagKey.maxLength", 10**9, "TagKey.maxLength must satisfy maximum 1000000"),
        ("components.schemas.TagKey.maxLength", 10**400, "TagKey.maxLength must satisfy maximum 1000000"),
        ("components.schemas.TagList.maxItems", 10**9, "TagList.maxItems must satisfy maximum 10000"),
        ("x-resources.tunnel.create.lasts-minutes", 10**400, "lasts-minutes must satisfy maximum 1000000000"),
        ("components.schemas.DateType.minimum", -(10**400), "DateType.minimum must satisfy minimum -1e+300"),
        ("components.schemas.TagKey.minLength", 129, "OpenTunnel/tags[].key: minLength is above maxLength"),
        ("components.schemas.TagKey.pattern", "^(?=a)b$", "the pattern '^(?=a)b$' cannot be read: it has (?="),
        ("components.schemas.TagKey.x-cites", ["nowhere"], "cites 'nowhere', which is not in x-sources"),
        ("components.schemas.TagKey.x-unspecified.0.example", "Site", "the example of x-unspecified 'reserved-prefix'"),
        ("components.schemas.TagKey.x-unspecified.0.when", {"type": "string", "minLength": "x"}, "when.minLength must"),
        ("components.schemas.Tag.required", ["key", "colour"], "OpenTunnel/tags[].colour: is required, but not"),
        ("components.schemas.TagKey", {"$ref": "#/components/schemas/Nowhere"}, "$ref '#/components/schemas/Nowhere'"),
        ("components.schemas.TagKey", {"$ref": "#/x\n::y"}, "$ref '#/x ::y' leads nowhere"),
        ("components.schemas.ClientMode.enum", [1], "RotateTunnelAccessToken/clientMode: 1 in enum is not of type"),
        ("x-resources.tunnel.create.operation", "Nowhere", "x-resources.tunnel names 'Nowhere'"),
    ],
)
def test_a_wrong_document_is_one_sentence_with_its_file(
    contract: Contract, tmp_path: Path, path: str, value: Any, message: str
) -> None:
    """The sentence names the file, the place and what is wrong there."""
    document = copy.deepcopy(dict(contract.document))
    place: Any = document
    *above, last = path.split(".")
    for step in above:
        place = place[int(step) if isinstance(place, list) else step]
    place[last] = value
    error = _refused(tmp_path, yaml.safe_dump(document))
    assert message in error
    assert error.count(str(tmp_path / "wrong.yaml")) == 1


def test_an_error_names_the_line(contract: Contract, tmp_path: Path) -> None:
    """The line is that of the wrong value in the file as it was written."""
    text = contract.text.replace("      maxLength: 1011\n", "      maxLength: none\n")
    line = text.splitlines().index("      maxLength: none") + 1
    assert f"wrong.yaml, line {line}: " in _refused(tmp_path, text)


def test_a_document_that_expands_without_end_is_refused(contract: Contract, tmp_path: Path) -> None:
    """2 to the power of 40 nodes by $ref, 10 to the power of 9 by YAML aliases, and a chain of 3,000 references."""
    document = copy.deepcopy(dict(contract.document))
    schemas = document["components"]["schemas"]
    for n in range(40):
        inner = {"$ref": f"#/components/schemas/B{n + 1}"}
        schemas[f"B{n}"] = {"type": "object", "properties": {"a": inner, "b": inner}}
    schemas["B40"] = {"type": "string"}
    schemas["Tag"]["properties"]["bomb"] = {"$ref": "#/components/schemas/B0"}
    assert "more than" in _refused(tmp_path, json.dumps(document))
    for n in range(3000):
        schemas[f"B{n}"] = {"type": "object", "properties": {"a": {"$ref": f"#/components/schemas/B{n + 1}"}}}
    schemas["B3000"] = {"type": "string"}
    assert "nested" in _refused(tmp_path, json.dumps(document))
    aliases = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    assert "more than" in _refused(tmp_path, aliases)


def _refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError) as caught:
        load(path)
    return str(caught.value)
