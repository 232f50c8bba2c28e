"""Requests say of themselves exactly what the contract makes of them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tunnelspec.contract import Contract, classify, load
from tunnelspec.contract.minimal import minimal
from tunnelspec.emulator import Emulator
from tunnelspec.exchange import RawRequest, Request
from tunnelspec.runner.encode import resolve
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.strategies import boundary, malformed_json, valid, violations, wire
from tunnelspec.suite import build

_QUICK = settings(
    max_examples=150,
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
_CONTRACT = load()
_LIVE = {"tunnel": {"tunnelId": "t-1", "tunnelArn": "arn:aws:iot:us-east-1:1:tunnel/t-1"}}


@pytest.mark.parametrize("operation", _CONTRACT.operations)
def test_valid_requests_violate_nothing_and_are_specified(operation: str) -> None:
    """What is drawn as valid must be accepted, clear of unspecified behaviour."""

    @_QUICK
    @given(valid.requests(_CONTRACT, operation))
    def check(request: Request) -> None:
        found = classify(_CONTRACT, operation, request.body)
        assert found.breaks == ()
        assert _CONTRACT.situations[found.situation].decision == "accept"
        resolve(request.body, _LIVE)

    check()


@pytest.mark.parametrize("name", [row.name for row in _CONTRACT.constraints if violations.breakable(row)])
def test_a_violation_breaks_the_constraint_it_names(name: str) -> None:
    """And no other, save on the same member where one cannot be broken without the other."""
    member = name.rpartition("/")[0]

    @settings(_QUICK, max_examples=15)
    @given(violations.of(_CONTRACT, name))
    def check(request: Request) -> None:
        assert request.breaks[0] == name
        assert {other.rpartition("/")[0] for other in request.breaks} == {member}

    check()


def test_boundary_cases_are_what_they_claim(contract: Contract) -> None:
    """A case outside a bound breaks that bound; one at or inside it breaks nothing."""
    for case in boundary.cases(contract):
        variant = case.name.rpartition("/")[2]
        if variant in ("above", "below", "far-above", "absent", "unknown-value", "longer", "shorter"):
            assert case.request.breaks[:1] == (case.constraint,), case.name
        if variant in ("at", "inside", "longest", "shortest", "before-open") or variant.startswith("admits-"):
            assert case.request.breaks == (), case.name


def test_a_member_in_another_case_is_missing_or_unknown(contract: Contract) -> None:
    """A required member in another letter case must be rejected as missing, an optional one should be ignored."""
    found = [case for case in boundary.cases(contract) if "/name/" in case.name]
    assert {contract.situations[case.request.situation].level for case in found if case.constraint} == {"MUST"}
    for case in found:
        situation = contract.situations[case.request.situation]
        assert (case.constraint in case.request.breaks) if case.constraint else situation.level == "SHOULD", case.name


def test_literals_violate_nothing(contract: Contract) -> None:
    """Every text of literal characters is valid, and the full stop stands in tags alone and between others."""
    found = [case for case in boundary.cases(contract) if "/literals-" in case.name]
    assert {contract.situations[case.request.situation].decision for case in found} == {"accept"}
    keys = {tag["key"] for case in found if "OpenTunnel/tags[].key" in case.name for tag in case.request.body["tags"]}
    assert "." in keys
    assert any("a.a" in key for key in keys)


def test_every_row_of_unspecified_behaviour_has_a_case(contract: Contract) -> None:
    """Each row has a request that lies in it, and either outcome passes."""
    found = [case for case in boundary.cases(contract) if "/open/" in case.name]
    rows = {row.id for called in contract.operations.values() for one in called.input.walk() for row in one.unspecified}
    assert {case.name.rpartition("/")[2] for case in found} == rows
    assert {contract.situations[case.request.situation].decision for case in found} == {"either"}


def test_wire_cases_have_a_row(contract: Contract) -> None:
    """Every malformation has its row in the oracle."""
    for operation in contract.operations:
        for case in wire.cases(contract, operation):
            assert case.request.situation in contract.situations
            assert isinstance(case.request, RawRequest | Request)


@settings(_QUICK, max_examples=60)
@given(malformed_json())
def test_malformed_json_is_malformed(body: bytes) -> None:
    """No parser reads it."""
    with pytest.raises(ValueError, match=r".*"):
        json.loads(body)


def test_minimal_examples_are_small() -> None:
    """The least request is the one that shrinking ends at."""
    assert minimal(_CONTRACT.operations["OpenTunnel"].input) == {}


def _changed(tmp_path: Path, change: Any) -> Contract:
    document = copy.deepcopy(dict(_CONTRACT.document))
    change(document["components"]["schemas"])
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return load(path)


def test_a_changed_bound_changes_cases_and_verdicts(tmp_path: Path) -> None:
    """720 becomes 600 in the document: 601 must be rejected, and the reference emulator now fails."""

    def change(schemas: Any) -> None:
        schemas["TimeoutConfig"]["properties"]["maxLifetimeTimeoutMinutes"].update(maximum=600, default=600)

    changed = _changed(tmp_path, change)
    case = next(c for c in boundary.cases(changed) if c.name.endswith("Minutes/maximum/above"))
    assert case.request.body == {"timeoutConfig": {"maxLifetimeTimeoutMinutes": 601}}
    cases = [case for case in build(changed) if "Minutes/maximum/" in case.id]
    run, _ = run_in_process(changed, cases, emulator_contract=_CONTRACT)
    failed = [item.case.id for item in run.results if item.outcome == "fail"]
    assert "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above" in failed


def test_a_changed_length_changes_the_longest_description(tmp_path: Path) -> None:
    """Scenarios send no more than the document allows; an emulator that keeps a character less is found."""

    def change(schemas: Any) -> None:
        schemas["Description"].update(maxLength=30)

    class OneLess(Emulator):
        def open_tunnel(self, params: dict[str, Any]) -> dict[str, Any]:
            return super().open_tunnel({**params, "description": str(params.get("description", ""))[:29]})

    changed = _changed(tmp_path, change)
    cases = [case for case in build(changed) if case.id.endswith(("/description-length", "/a-dozen"))]
    assert {item.outcome for item in run_in_process(changed, cases)[0].results} == {"pass"}
    assert {item.outcome for item in run_in_process(changed, cases, OneLess)[0].results} == {"fail"}


def test_a_new_member_brings_its_cases(tmp_path: Path) -> None:
    """A member that the document gains is tested with no code touched."""

    def change(schemas: Any) -> None:
        schemas["OpenTunnelRequest"]["properties"]["colour"] = {
            "type": "string",
            "enum": ["RED", "BLUE"],
            "x-cites": ["model"],
        }

    names = [case.name for case in boundary.cases(_changed(tmp_path, change))]
    assert "validation/OpenTunnel/colour/enum/unknown" in names


def test_draws_do_not_depend_on_what_is_loaded() -> None:
    """Hypothesis has the name that is replaced, and then no constants of local modules are drawn."""
    from hypothesis.internal.conjecture import providers

    assert len(providers._get_local_constants()) == 0
    assert len(providers.HypothesisProvider(None)._local_constants) == 0
