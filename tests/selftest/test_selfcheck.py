"""`tunnelspec selfcheck` itself: what it proves, what it says, and that no check can go unnoticed."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from tunnelspec.checks import CHECKS
from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.faults import FAULTS, VARIANTS, Fault, Variant, derived_faults
from tunnelspec.model import RULES
from tunnelspec.runner.case import Case
from tunnelspec.selfcheck import Kill, Peace, Selfcheck, check_fault, check_variant, selfcheck

from .catches import Catches

#: Ten of all checks and rules, whichever; the nightly session takes all of them away in turn.
_DRAWN = random.Random(41).sample([*CHECKS, *RULES], 10)
#: A few faults and variants of each kind.
_PART = ("wire/lenient-json", "tags/trimmed", "derived/*/enum/*", "honest", "small-pages")


def test_every_check_alone_catches_something(caught: Catches) -> None:
    """Without it, some fault would no longer be caught by the case that it names."""
    assert [name for name in (*CHECKS, *RULES) if not caught.needed_for(name)] == []


@pytest.mark.parametrize("name", _DRAWN)
def test_removing_a_check_is_noticed(
    name: str, caught: Catches, contract: Contract, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the faults that need it, the first is killed with it and not without it."""
    known = {**FAULTS, **{fault.id: fault for fault in derived_faults(contract)}}
    fault = known[caught.needed_for(name)[0]]
    assert check_fault(fault, contract, cases).verdict == "killed"
    for registry in (CHECKS, RULES):
        monkeypatch.delitem(registry, name, raising=False)
    assert check_fault(fault, contract, cases).verdict != "killed"


def test_the_command_names_what_is_no_longer_caught(tmp_path: Path) -> None:
    """Exit status 1, and the fault with its sentence."""
    arguments = ["selfcheck", "--without", "tags/one-each", "--select", "tags/added-twice"]
    done = CliRunner().invoke(main, [*arguments, "--report-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "tags/added-twice" in done.output
    assert FAULTS["tags/added-twice"].sentence in " ".join(done.output.split())


def test_a_part_of_it_through_the_command(tmp_path: Path) -> None:
    """All killed, nobody accused; the page and the JSON tell the same."""
    chosen = [argument for glob in _PART for argument in ("--select", glob)]
    done = CliRunner().invoke(main, ["selfcheck", *chosen, "--report-dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    written = json.loads((tmp_path / "selfcheck.json").read_text(encoding="utf-8"))
    assert written["figures"]["survived"] == written["figures"]["accused"] == 0
    assert {kill["verdict"] for kill in written["faults"]} == {"killed"}
    assert all(kill["first"] and kill["named"] and kill["requests"] for kill in written["faults"])
    page = (tmp_path / "selfcheck.html").read_text(encoding="utf-8")
    assert all(kill["fault"] in page for kill in written["faults"])
    assert "small-pages" in page


def test_a_fault_that_names_the_wrong_case_is_told(contract: Contract, cases: list[Case]) -> None:
    """Killed by another case than it names is not killed."""
    wrong = FAULTS["wire/lenient-json"]
    named = Fault(wrong.id, wrong.sentence, wrong.defect_class, "tags/UntagResource/no-leak", wrong.apply)
    kill = check_fault(named, contract, cases)
    assert kill.verdict == "killed by another"
    assert kill.first
    assert kill.named == ""
    assert Selfcheck("quick", [kill]).failed


def test_a_change_that_nobody_sees_survives(contract: Contract, cases: list[Case]) -> None:
    """And that fails the self-check."""
    nothing = Fault("nothing", "Nothing is changed.", "none", "protocol/*/plain", lambda emulator: None)
    few = [case for case in cases if case.area in ("protocol", "search") and case.operation == "ListTunnels"]
    kill = check_fault(nothing, contract, few)
    assert kill == Kill("nothing", "Nothing is changed.", "none", "protocol/*/plain", "survived")
    assert Selfcheck("quick", [kill]).failed


def test_an_accused_variant_is_told(contract: Contract, cases: list[Case]) -> None:
    """A fault in a variant's clothes is accused by its case's name."""
    fault = FAULTS["wire/status-201"]
    few = [case for case in cases if case.id == "protocol/ListTunnels/plain"]
    peace = check_variant(Variant(fault.id, fault.sentence, "", False, fault.apply), contract, few, 3)
    assert peace == Peace(fault.id, fault.sentence, 3, ("fail protocol/ListTunnels/plain: status 201",))
    assert Selfcheck("quick", [], [peace]).failed


def test_a_literal_name_with_brackets_selects_one_fault() -> None:
    """`[]` are no glob in a name as it stands."""
    name = "derived/OpenTunnel/tags[].key/maxLength/dropped"
    assert [kill.fault for kill in selfcheck(globs=[name], workers=1).kills] == [name]


def test_the_page_in_the_documentation_names_what_there_is(contract: Contract) -> None:
    """`nox -s nightly` writes docs/selfcheck.md anew."""
    text = (Path(__file__).parents[2] / "docs" / "selfcheck.md").read_text(encoding="utf-8")
    names = [*FAULTS, *(fault.id for fault in derived_faults(contract)), *VARIANTS]
    told = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert told == set(names)
