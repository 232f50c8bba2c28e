"""The list of malformed requests is plain data: described, true to the oracle, and usable without us."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from tunnelspec.contract import Contract
from tunnelspec.contract.malformed import expectations
from tunnelspec.emulator import Emulator
from tunnelspec.emulator.server import serve

_ROOM = Path(__file__).parents[2] / "openapi"
_DATA = json.loads((_ROOM / "malformed-awsjson1_1.json").read_text(encoding="utf-8"))
_SCHEMA = json.loads((_ROOM / _DATA["$schema"]).read_text(encoding="utf-8"))


def test_the_list_keeps_its_schema() -> None:
    """The list is valid, and so is the schema itself."""
    Draft202012Validator.check_schema(_SCHEMA)
    assert [error.message for error in Draft202012Validator(_SCHEMA).iter_errors(_DATA)] == []


def test_every_field_is_described() -> None:
    """A reader in another language has nothing but the schema to go by."""
    assert list(_undescribed(_SCHEMA, "")) == []


def _undescribed(schema: Any, path: str) -> Iterator[str]:
    for name, inner in {**schema.get("properties", {}), **schema.get("$defs", {})}.items():
        if not inner.get("description"):
            yield f"{path}/{name}"
        yield from _undescribed(inner, f"{path}/{name}")


def test_what_is_expected_is_what_the_oracle_says(contract: Contract) -> None:
    """`python -m tunnelspec.contract.malformed` copies the oracle's rows."""
    assert {key: _DATA[key] for key in ("sources", "expectations")} == expectations(contract)
    used = {case["situation"] for case in _DATA["cases"]}
    assert used == set(_DATA["expectations"])


def test_every_name_is_there_once() -> None:
    """A case's name is its identity."""
    names = [case["name"] for case in _DATA["cases"]]
    assert len(names) == len(set(names))


# From here on nothing of ours is used but the server: this is how somebody else would read the list.

_VALUES = {
    "contentType": "application/x-amz-json-1.1",
    "upperContentType": "APPLICATION/X-AMZ-JSON-1.1",
    "targetPrefix": "IoTSecuredTunneling",
    "operation": "ListTunnels",
    "target": "IoTSecuredTunneling.ListTunnels",
    "lowerTarget": "iotsecuredtunneling.listtunnels",
    "lowerTargetPrefix": "iotsecuredtunneling",
    "lowerOperation": "listtunnels",
    "body": '{"maxResults":1}',
    "openBody": '{"maxResults":1,',
    "escapedBody": '{"\\u006d\\u0061xResults":1}',
    "spacedBody": '{ \r\n\t"maxResults" :\t 1 \n}',
}


def _bytes(parts: list[dict[str, Any]]) -> bytes:
    whole = b""
    for part in parts:
        if "placeholder" in part:
            piece = _VALUES[part["placeholder"]].encode(part.get("encoding", "utf-8"))
        else:
            piece = part["text"].encode() if "text" in part else base64.b64decode(part["base64"])
        whole += piece * part.get("repeat", 1)
    return whole


def _filled(text: str) -> str:
    for name, value in _VALUES.items():
        text = text.replace("${" + name + "}", value)
    return text


@pytest.fixture(scope="module")
def address(contract: Contract) -> Iterator[tuple[str, int]]:
    """A running emulator."""
    with serve(Emulator(contract)) as server:
        where = urlsplit(server.url)
        assert where.hostname is not None
        assert where.port is not None
        yield where.hostname, where.port


@pytest.mark.parametrize("case", _DATA["cases"], ids=lambda case: case["name"])
def test_another_reader_can_use_it(case: dict[str, Any], address: tuple[str, int]) -> None:
    """Thirty lines of plain Python send every request and check every response."""
    usual = _DATA["protocol"]
    given = {**usual["headers"], **case.get("headers", {})}
    headers = {name: _filled(value) for name, value in given.items() if value is not None}
    path = _bytes(case["path"]).decode() if "path" in case else usual["path"]
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request(case.get("method", usual["method"]), path, _bytes(case["body"]), headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    expected = _DATA["expectations"][case["situation"]]
    if expected["decision"] == "accept":
        assert answer.status == 200
    elif expected["decision"] == "reject":
        assert answer.status in expected["statuses"]
        if expected["envelope"]:
            assert json.loads(body)["__type"] in expected["types"]
    else:
        assert answer.status < 500
