"""`tunnelspec explain` explains every name by what happens when it runs."""

from __future__ import annotations

import json
import random
from functools import cache

import pytest
from click.testing import CliRunner

from tunnelspec.checks import CHECKS
from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.explain import explain
from tunnelspec.faults import all_faults, all_variants
from tunnelspec.model import RULES
from tunnelspec.names import matches
from tunnelspec.report.explanation import WIDTH, text
from tunnelspec.runner.case import Case
from tunnelspec.suite import SCENARIOS, build

_KINDS = (
    "validation/OpenTunnel/tags[].key/pattern/newline-at-the-end",
    "protocol/ListTunnels/long-number",
    "protocol/OpenTunnel/implemented",
    "search/OpenTunnel/valid",
    "journeys/OpenTunnel/anything",
    "isolation/OpenTunnel/own-answers",
    "listing/ListTunnels/ends",
    "protocol/json-body",
    "tokens/rotated",
    "wire/lenient-json",
    "derived/OpenTunnel/tags[].key/pattern/dropped",
    "small-pages",
)


def _explained(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["explain", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", _KINDS)
def test_every_kind_of_name_is_explained(name: str, contract: Contract) -> None:
    """In 80 columns save for names, addresses and commands."""
    (item,) = explain(name, contract)
    shown = text(item)
    assert name in shown.splitlines()[0]
    long = [line for line in shown.splitlines() if len(line) > WIDTH]
    assert all(line.split(None, 1)[0].startswith(("http", "tunnelspec", *name[:4])) for line in long), long
    assert item["id"] == name
    assert item["sentence"]


def test_the_command_prints_text_or_data(contract: Contract) -> None:
    """The same explanation, as JSON with `--json`."""
    name = _KINDS[0]
    (item,) = explain(name, contract)
    assert _explained(name) == f"{text(item)}\n"
    assert json.loads(_explained(name, "--json")) == json.loads(json.dumps([item]))


def test_every_case_can_be_explained(contract: Contract, cases: list[Case]) -> None:
    """A sample of all areas: each has sources with titles and addresses, calls, and outcomes."""
    for case in random.Random(5).sample(cases, 12):
        (item,) = explain(case.id, contract)
        assert item["sends"]["calls"] or item["sends"].get("beside"), case.id
        assert item["outcomes"], case.id
        assert all(source["title"] and source["url"].startswith("https://") for source in item["sources"])
        assert text(item)


def test_calls_are_those_that_the_case_makes(contract: Contract) -> None:
    """A script's calls come from playing it, with names for what earlier calls returned."""
    (item,) = explain("tokens/RotateTunnelAccessToken/never-again", contract)
    calls = item["sends"]["calls"]
    assert calls[0] == "t1 = OpenTunnel {}"
    assert set(calls[1:]) == {'RotateTunnelAccessToken {"tunnelId": t1.tunnelId, "clientMode": "ALL"}'}


def test_measured_faults_are_those_that_are_caught(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--faults` tries all there are: what the case names is among what it catches."""
    name = "protocol/OpenTunnel/truncated"
    # A fault of the connection may show in the call after this one.
    faults = {fault.id: fault for fault in all_faults(contract).values() if not fault.served}
    tried = {id_: fault for id_, fault in faults.items() if matches(name, fault.killer) or id_.startswith("tags/")}
    monkeypatch.setattr("tunnelspec.explain.all_faults", lambda contract: tried)
    (item,) = explain(name, contract, measured=True)
    caught = {fault["id"] for fault in item["caught"]}
    assert {fault["id"] for fault in item["faults"]} <= caught
    assert {"wire/lenient-json", "wire/crash-on-malformed-json"} <= caught
    assert "tags/trimmed" not in caught


def test_checks_rules_faults_and_variants_are_known(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a report may print can be asked for."""
    monkeypatch.setattr("tunnelspec.explain.build", cache(build))
    for name in (*CHECKS, *RULES, *list(all_faults(contract))[:5], *list(all_variants())[:5]):
        assert any(item["id"] == name for item in explain(name, contract))


def test_a_rule_names_the_scripts_about_it(contract: Contract) -> None:
    """And a script names its rules."""
    (rule,) = explain("tokens/rotated", contract)
    assert "tokens/RotateTunnelAccessToken/never-again" in rule["cases"]
    assert all("tokens/rotated" in SCENARIOS[case].watched for case in rule["cases"])


def test_an_unknown_name_gets_the_nearest_one() -> None:
    """One sentence and exit status 2."""
    done = CliRunner().invoke(main, ["explain", "tokens/RotateTunnelAccessToken/never-agian"])
    assert done.exit_code == 2
    assert done.output.strip().endswith("the nearest name is 'tokens/RotateTunnelAccessToken/never-again'.")
    assert len(done.output.strip().splitlines()) == 1


def test_a_name_with_brackets_selects_itself() -> None:
    """`[]` in a name are no glob where the name is given as it stands."""
    name = "validation/OpenTunnel/tags[].key/pattern/newline-at-the-end"
    done = CliRunner().invoke(main, ["cases", "--select", name])
    assert done.output.split() == [name]
