"""Whatever JSON value stands in a response, it is a finding or nothing, and never a failure of our own."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tunnelspec import strict_json
from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, Params, serve
from tunnelspec.record import document as record
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process

#: Values that some function of Python's does not take, or takes for something else.
_HUGE = 10**400
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 5e-324, 2**63, _HUGE, -_HUGE, 10**3999),
    *("", ".", "\0", "\ud800", "\u202e" * 50, "a" * 100_000, "2026-01-01T00:00:00Z", "arn:aws:iot:::tunnel/"),
    *([], {}, [None], [[]], [{}], [_HUGE], {"": None}, {"x": _HUGE}, {"a": [1, {"b": None}]}, [1] * 5000),
)
_ROOMS = ("lifecycle", "listing", "tags", "tokens", "times", "identity", "protocol")


class _Strange(Emulator):
    """Puts a strange value somewhere into some of its responses."""

    draw: random.Random
    share: float

    def encode(self, value: Params) -> bytes:
        changed: Any = value
        if self.draw.random() < self.share:
            changed = _put(value, self.draw.choice(list(_places(value))), self.draw.choice(_VALUES))
        return json.dumps(changed).encode()


def _places(value: Any) -> Iterator[tuple[Any, ...]]:
    yield ()
    inner = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for name, part in inner:
        yield from ((name, *place) for place in _places(part))


def _put(value: Any, place: tuple[Any, ...], other: Any) -> Any:
    if not place:
        return other
    copied = value.copy()
    copied[place[0]] = _put(value[place[0]], place[1:], other)
    return copied


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\xc2\xa0", b"\xef\xbb\xbf \xef\xbb\xbf", b"\x0b", b"{}"])
@pytest.mark.parametrize("bomb", [b"[" * 10**5, b'{"a":' * 10**5, b"[1," * 10**6, b"9" * 10**6, b'"' * 10**6])
def test_what_is_too_costly_is_not_read(before: bytes, bomb: bytes) -> None:
    """Neither as strict JSON nor as a lenient client would, whatever stands before it."""
    document = strict_json.parse(before + bomb)
    assert document.problem
    assert document.readable in (None, {}, "")


@pytest.mark.parametrize(
    "text", [b'\xef\xbb\xbf{"a": 1}', b'{"a": 2, "a": 1}', b'{"a": 1}}', b' {"a": 1}\n-- 3 ms', b'{"a": 1, "b": NaN}']
)
def test_what_is_nearly_json_can_be_read(text: bytes) -> None:
    """It is a problem, and does not hide what it holds."""
    document = strict_json.parse(text)
    assert (document.value, bool(document.problem)) == (None, True)
    assert isinstance(document.readable, dict)
    assert document.readable["a"] == 1


@pytest.mark.parametrize("seed", range(6))
def test_no_value_is_a_failure_of_our_own(seed: int, contract: Contract, cases: list[Case]) -> None:
    """One in fifty of the responses is strange, one in three, or all."""
    draw = random.Random(seed)
    strange = type("Strange", (_Strange,), {"draw": draw, "share": (0.02, 0.3, 1.0)[seed % 3]})
    some = [case for case in cases if case.area in _ROOMS and draw.random() < 0.4]
    run, _ = run_in_process(contract, some, strange)
    assert run.errors == []


class _Timeless(Emulator):
    """Its times are no float."""

    def timestamp(self, at: float) -> Any:
        return _HUGE


def test_a_number_that_no_float_holds_is_a_finding(contract: Contract, tmp_path: Path) -> None:
    """It is not a plausible time; the reports are written."""
    with serve(_Timeless(contract)) as server:
        arguments = [
            "--endpoint-url",
            server.url,
            "--report-dir",
            str(tmp_path),
            "--select",
            "lifecycle/DescribeTunnel/*",
        ]
        done = CliRunner().invoke(main, ["run", *arguments])
    assert done.exit_code == 1, done.output
    made = record.read(tmp_path / "record.json")
    assert made["totals"]["inconclusive"] == 0
    assert "schema/response" in {item["check"] for case in made["cases"] for item in case["findings"]}


def test_an_empty_identifier_is_none(contract: Contract, cases: list[Case]) -> None:
    """What has no name is not described, closed or tagged by the cases after it."""

    class Nameless(Emulator):
        def open_tunnel(self, params: Params) -> Params:
            return {**super().open_tunnel(params), "tunnelArn": ""}

    run, _ = run_in_process(contract, [case for case in cases if case.area == "lifecycle"], Nameless)
    assert run.errors == []
    assert run.totals()["fail"] > run.totals()["pass"]
