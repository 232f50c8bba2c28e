"""A fact of the API stands in the document alone: a document that says otherwise has cases that expect otherwise."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tunnelspec.contract import Contract, ContractError, load
from tunnelspec.emulator import Emulator
from tunnelspec.faults.times import ClockTenMinutesFast
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.strategies import signatures
from tunnelspec.suite import build

_RETURNS = ("components", "schemas", "ClientMode", "x-returns", "ALL")


def _altered(contract: Contract, folder: Path, *path: str, value: object) -> Contract:
    """The contract of a document that has this value at this path."""
    document: Any = deepcopy(dict(contract.document))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    file = folder / "altered.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return load(file)


def _failed(contract: Contract, name: str, emulator: type[Emulator], served: Contract) -> str:
    """What a case requires that fails against an emulator of the shipped document, or nothing."""
    cases = [case for case in build(contract) if case.id == name]
    run, _ = run_in_process(contract, cases, emulator, served)
    (result,) = run.results
    return " ".join(item.finding.requirement for item in result.evidence)


def test_the_skew_of_clocks(contract: Contract, tmp_path: Path) -> None:
    """Ten minutes are too much where the document allows five, and a wrong date is off by more than what it allows."""
    name = "lifecycle/DescribeTunnel/clock"
    strict = _altered(contract, tmp_path, "x-aws-service", "clockSkewMinutes", value=5)
    assert _failed(contract, name, ClockTenMinutesFast, contract) == ""
    assert "within 5 minutes" in _failed(strict, name, ClockTenMinutesFast, contract)
    loose = _altered(contract, tmp_path, "x-aws-service", "clockSkewMinutes", value=90)
    assert {abs(raw.signing.skew_s) for raw in signatures.cases(loose) if raw.signing} == {0, 125 * 90}


def test_the_tokens_of_a_client_mode(contract: Contract, tmp_path: Path) -> None:
    """A document in which ALL replaces one token has a case that expects one."""
    name = "tokens/RotateTunnelAccessToken/all-both"
    other = _altered(contract, tmp_path, *_RETURNS, value=["sourceAccessToken"])
    assert _failed(contract, name, Emulator, contract) == ""
    assert _failed(other, name, Emulator, contract) == "ALL must return sourceAccessToken"


def test_a_token_that_no_response_has(contract: Contract, tmp_path: Path) -> None:
    """A misspelled name would be a requirement that no target meets."""
    with pytest.raises(ContractError, match="returns 'sourceToken', which its response does not have"):
        _altered(contract, tmp_path, *_RETURNS, value=["sourceToken"])
