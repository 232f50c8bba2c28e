"""Nights get better: searches go on where they bring something new, and the next night begins with what they found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, Server, serve
from tunnelspec.faults import seeded
from tunnelspec.record import document as record
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.case import Case, CaseKind, CaseSettings, result
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import Run, run_cases
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.response_class import ResponseClass
from tunnelspec.runner.session import Session
from tunnelspec.suite import build
from tunnelspec.verdict import Outcome

from .command import tunnelspec

#: Faults that a search of three requests with this seed does not find.
FAULTS = ("derived/OpenTunnel/tags/maxItems/dropped", "derived/OpenTunnel/destinationConfig.thingName/type/dropped")
SEARCH = "search/OpenTunnel/broken"
#: Enough to find them, and to open and close what is accepted.
REQUESTS = 500
#: The options of a run in which two workers have one search each, and requests left for further rounds.
SEARCHED_ON = (
    *("--select", SEARCH, "--select", "search/OpenTunnel/valid", "--seed", "7"),
    *("--corpus", "corpus", "--max-seconds", "500", "--max-requests", "200"),
)


def searched_on(contract: Contract, faults: tuple[str, ...], cases: list[Case]) -> Run:
    """Run cases in process, and search on until the requests are spent."""
    sender, budget = DirectSender(seeded(contract, faults)(contract)), Budget(max_requests=REQUESTS)
    return run_cases(contract, cases, lambda: Session(contract, sender, RunContext(budget)), probes=[], search_on=True)


def test_further_rounds_find_what_the_first_did_not(contract: Contract) -> None:
    """Each finding once, in the result of the search that found it; that the requests are spent ends no run."""
    cases = [case for case in build(contract, seed=7) if case.id == SEARCH]
    emulator = seeded(contract, FAULTS)(contract)
    first = run_cases(contract, cases, lambda: Session(contract, DirectSender(emulator)), probes=[])
    assert [item.outcome for item in first.results] == [Outcome.PASS]
    run = searched_on(contract, FAULTS, cases)
    assert run.further is not None
    assert run.requests <= REQUESTS
    assert run.stopped == ""
    (item,) = run.results
    constraints = [evidence.finding.constraint for evidence in item.evidence]
    assert sorted(constraints) == ["OpenTunnel/destinationConfig.thingName/type", "OpenTunnel/tags/maxItems"]
    assert item.outcome is Outcome.FAIL
    assert [case for case, _ in run.further.findings] == [SEARCH, SEARCH]


def test_a_conforming_target_is_found_to_conform(contract: Contract) -> None:
    """Rounds without a finding change no outcome, and their requests are counted."""
    cases = [case for case in build(contract, seed=7) if case.kind.is_random]
    run = searched_on(contract, (), [case for case in cases if case.enabled])
    assert run.further is not None
    assert run.further.rounds > 5
    assert run.further.findings == []
    assert {item.outcome for item in run.results} == {Outcome.PASS}
    assert len(run.further.responses) == len(set(run.further.responses)) > 5
    assert sum(item.requests for item in run.results) > run.further.requests


def test_time_goes_where_something_new_comes_from(contract: Contract) -> None:
    """A search that brought something new comes next again; the others have their turns when it brings nothing more."""
    turns: list[str] = []

    def case(name: str, new: int) -> Case:
        def run(case: Case, session: Session) -> object:
            turns.append(name)
            if turns.count(name) <= new:
                session.traffic.responses[ResponseClass(name, turns.count(name), "", ())] = None
            session.budget.acquire(contract.operations["ListTunnels"])
            session.traffic.sent += 1
            return result(case, (), observed="")

        settings = CaseSettings(1, seed=1)
        made: Callable[..., Case] = Case
        return made(name, "ListTunnels", "wire", "", (), run, settings=settings, kind=CaseKind.SEARCH)

    budget = Budget(max_requests=23)
    session = Session(contract, DirectSender(Emulator(contract)), RunContext(budget))
    cases = [case("dry", 0), case("rich", 6), case("poor", 2)]
    run_cases(contract, cases, lambda: session, probes=[], search_on=True)
    assert turns[:3] == ["dry", "rich", "poor"]
    rounds = turns[3:]
    assert rounds[:4] == ["dry", "rich", "rich", "rich"]
    assert rounds[: rounds.index("poor")] == ["dry", *["rich"] * 6]
    assert rounds[rounds.index("poor") :][:4] == ["poor", "poor", "dry", "rich"]


@pytest.fixture
def server(contract: Contract) -> Iterator[Server]:
    """An emulator with a fault that a quick search finds."""
    with serve(seeded(contract, ["derived/OpenTunnel/description/type/dropped"])(contract)) as made:
        yield made


def night(server: Server, place: Path, name: str, *options: str) -> Result:
    """One night, with a corpus."""
    arguments = ["--endpoint-url", server.url, "--corpus", str(place / "corpus"), "--report-dir", str(place / name)]
    return CliRunner().invoke(main, ["run", "--select", SEARCH, *arguments, *options])


def test_a_night_begins_with_what_the_last_one_found(server: Server, tmp_path: Path) -> None:
    """By the example database, whatever the seed, and by a promoted example."""
    assert night(server, tmp_path, "1", "--seed", "7").exit_code == 1
    (example,) = json.loads((tmp_path / "corpus/examples.json").read_text())["examples"]
    assert example["found_by"] == SEARCH
    name = f"examples/OpenTunnel/{example['name']}"
    assert night(server, tmp_path, "2", "--seed", "8", "--select", name).exit_code == 1
    cases = {case["id"]: case for case in record.read(tmp_path / "2/record.json")["cases"]}
    assert {case["outcome"] for case in cases.values()} == {"fail"}
    assert cases.keys() == {SEARCH, name}
    assert len(json.loads((tmp_path / "corpus/examples.json").read_text())["examples"]) == 1


def test_what_a_baseline_lists_gets_no_second_name(server: Server, tmp_path: Path) -> None:
    """Otherwise a known deviation would be a new failure of another case in the next night."""
    baseline = tmp_path / "known.yaml"
    night(server, tmp_path, "0", "--seed", "7", "--baseline", str(baseline), "--update-baseline")
    (tmp_path / "corpus/examples.json").unlink(missing_ok=True)
    assert night(server, tmp_path, "1", "--seed", "7", "--baseline", str(baseline)).exit_code == 0
    assert not (tmp_path / "corpus/examples.json").exists()


def assert_searched_on(path: Path) -> None:
    """By its record, each of two workers of a run with `SEARCHED_ON` has searched on."""
    made = record.read(path)
    assert made["run"]["workers"] == 2
    assert made["run"]["further"]["rounds"] > 2
    assert all("further round" in case["observed"] for case in made["cases"])


def test_each_of_several_workers_searches_on(contract: Contract, tmp_path: Path) -> None:
    """With the searches that it has, until its share of the budget is spent; `test_cluster` has a cluster."""
    with serve(Emulator(contract)) as server:
        done = tunnelspec("run", "--endpoint-url", server.url, "--workers", 2, *SEARCHED_ON, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert_searched_on(tmp_path / "tunnelspec-report" / "record.json")


def test_the_report_says_what_the_time_left_brought(contract: Contract, tmp_path: Path) -> None:
    """In the record, on the terminal, in Markdown and on the page; the end of the budget is no early end."""
    with serve(Emulator(contract)) as server:
        done = night(server, tmp_path, "1", "--seed", "7", "--max-seconds", "500", "--max-requests", "150")
    assert done.exit_code == 0, done.output
    further = record.read(tmp_path / "1/record.json")["run"]["further"]
    assert further["rounds"] > 1
    sentence = f"{further['rounds']} further rounds of the searches, {further['requests']} requests in "
    for text in (done.output, *((tmp_path / "1" / name).read_text() for name in ("summary.md", "report.html"))):
        assert sentence in text
        assert f"{len(further['responses'])} new kinds of response, 0 findings" in text
