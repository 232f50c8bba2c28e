"""`tunnelspec selfcheck` itself: what it proves, what it says, and that no check can go unnoticed."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from tunnelspec.checks import CHECKS
from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.faults import Fault, Variant, all_faults, all_variants
from tunnelspec.model import RULES
from tunnelspec.names import matches
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.scenario.lifetime import lifetime_cases
from tunnelspec.selfcheck import Kill, Selfcheck, VariantResult, check_fault, check_variant, selfcheck

from .catches import Catches

#: What other checks see as well: a lifetime ends after minutes (`test_lifetimes`), and surplus bytes spoil the next
#: response too, unless they arrive before the next request is sent (`test_connection`).
_NOT_ALONE = {"framing/nothing-follows", "lifecycle/lifetime"}
#: Where these are left out, another check says of the same response what they say first, or of an earlier one: a token
#: that comes twice is one that leaked, and a service that is a number is of the wrong type.
_FIRST = {"tokens/rotated", "tokens/new", "lifecycle/seconds", "lifecycle/destination"}
#: Ten of all checks and rules, whichever; the nightly session takes all of them away in turn.
_DRAWN = [name for name in random.Random(41).sample([*CHECKS, *RULES], 10) if name not in _NOT_ALONE | _FIRST]
#: Sections of the page in the documentation that are compared with the catalogue.
_SECTIONS = ("Faults by kind of defect", "The 20 faults that take the most requests", "Variants")
#: A few faults, and a variant.
_PART = ("wire/lenient-json", "tags/trimmed", "derived/*/enum/*", "small-pages")


def test_every_check_alone_catches_something(caught: Catches) -> None:
    """Without it, some fault would no longer be caught by the case that it names."""
    assert {name for name in (*CHECKS, *RULES) if not caught.needed_for(name)} <= _NOT_ALONE


@pytest.mark.parametrize("name", _DRAWN)
def test_removing_a_check_is_noticed(
    name: str, caught: Catches, contract: Contract, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the faults that need it, the first is killed with it and not without it, by the cases that it names."""
    fault = all_faults(contract)[caught.needed_for(name)[0]]
    named = [case for case in cases if matches(case.id, fault.killer)]
    assert check_fault(fault, contract, named).verdict == "killed"
    for registry in (CHECKS, RULES):
        monkeypatch.delitem(registry, name, raising=False)
    assert check_fault(fault, contract, named).verdict == "survived"


def test_a_run_of_any_length_flags_nothing(contract: Contract) -> None:
    """Whether a lifetime's end is seen depends on how long a run takes."""
    listed = lifetime_cases(contract, thorough=True)
    run, _ = run_in_process(contract, listed)
    assert run.totals()["skipped"] == 1
    assert check_variant(None, contract, listed, 0).false_positives == ()


def test_the_command_names_what_is_no_longer_caught(contract: Contract, tmp_path: Path) -> None:
    """Exit status 1, and the fault with its sentence."""
    arguments = ["selfcheck", "--without", "tags/one-each", "--select", "tags/added-twice"]
    done = CliRunner().invoke(main, [*arguments, "--report-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "tags/added-twice" in done.output
    assert all_faults(contract)["tags/added-twice"].sentence in " ".join(done.output.split())


def test_a_part_of_it_through_the_command(tmp_path: Path) -> None:
    """All killed, none flagged; the page and the JSON agree."""
    chosen = [argument for glob in _PART for argument in ("--select", glob)]
    done = CliRunner().invoke(main, ["selfcheck", *chosen, "--report-dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    written = json.loads((tmp_path / "selfcheck.json").read_text(encoding="utf-8"))
    assert written["figures"]["survived"] == written["figures"]["flagged"] == 0
    assert {kill["verdict"] for kill in written["faults"]} == {"killed"}
    assert all(kill["first"] and kill["named"] and kill["requests"] for kill in written["faults"])
    page = (tmp_path / "selfcheck.html").read_text(encoding="utf-8")
    assert all(kill["fault"] in page for kill in written["faults"])
    assert "small-pages" in page


def test_a_fault_that_names_the_wrong_case_is_reported(contract: Contract, cases: list[Case]) -> None:
    """Killed by another case than it names is not killed."""

    seeded = all_faults(contract)["wire/lenient-json"]
    misnamed = type("Misnamed", (seeded,), {"killer": "tags/UntagResource/no-leak"})
    kill = check_fault(misnamed, contract, cases)
    assert kill.verdict == "killed by another"
    assert kill.first
    assert kill.named == ""
    assert Selfcheck("quick", [kill]).failed


def test_a_change_that_nobody_sees_survives(contract: Contract, cases: list[Case]) -> None:
    """And that fails the self-check."""

    class Nothing(Fault):
        id, sentence, defect_class, killer = "nothing", "Nothing is changed.", "none", "protocol/*/plain"

    few = [case for case in cases if case.area in ("protocol", "search") and case.operation == "ListTunnels"]
    kill = check_fault(Nothing, contract, few)
    assert kill == Kill("nothing", "Nothing is changed.", "none", "protocol/*/plain", "survived")
    assert Selfcheck("quick", [kill]).failed


def test_a_flagged_variant_is_reported(contract: Contract, cases: list[Case]) -> None:
    """A fault that is declared as a variant is flagged by its case's name."""

    seeded = all_faults(contract)["wire/status-201"]
    not_conforming: type[Variant] = type("NotConforming", (seeded, Variant), {"id": "not-conforming"})
    few = [case for case in cases if case.id == "protocol/ListTunnels/plain"]
    found = check_variant(not_conforming, contract, few, 3)
    expected = ("fail protocol/ListTunnels/plain: status 201",)
    assert found == VariantResult("not-conforming", not_conforming.sentence, 3, expected)
    assert Selfcheck("quick", [], [found]).failed


def test_a_literal_name_with_brackets_selects_one_fault() -> None:
    """`[]` are no glob in a name as it stands."""
    name = "derived/OpenTunnel/tags[].key/maxLength/dropped"
    assert [kill.fault for kill in selfcheck(globs=[name], workers=1).kills] == [name]


def test_no_worker_outlives_it(tmp_path: Path) -> None:
    """A self-check that is killed leaves no process that waits for work for ever."""
    check = "selfcheck(globs=['tags/*'], workers=2, on_done=lambda *_: print('one', flush=True))"
    command = [sys.executable, "-P", "-c", f"from tunnelspec.selfcheck import selfcheck; {check}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "one\n"
    process.kill()
    # The output ends when no process has it open any more, the workers among them.
    process.communicate(timeout=200)


def test_the_page_in_the_documentation_names_what_there_is(contract: Contract) -> None:
    """It counts the faults of the catalogue by kind, and names every variant. `nox -s nightly` regenerates it."""
    text = (Path(__file__).parents[2] / "docs" / "selfcheck.md").read_text(encoding="utf-8")
    totals, faults, variants = (text.partition(f"\n## {name}")[2].partition("\n## ")[0] for name in _SECTIONS)
    rows = re.findall(r"^\| (.+) \| (\d+) \| \d+ \|$", totals, re.MULTILINE)
    assert {kind.replace("\\", ""): int(seeded) for kind, seeded in rows} == Counter(
        fault.defect_class for fault in all_faults(contract).values()
    )
    assert set(re.findall(r"^\| `(.+?)`", faults, re.MULTILINE)) <= all_faults(contract).keys()
    assert set(re.findall(r"`(.+?)`", variants)) == {v.id for v in all_variants().values() if not v.needs_own_run}
