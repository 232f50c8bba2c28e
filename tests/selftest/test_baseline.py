"""Baselines: what is listed does not fail a run, until it is no longer so; a night's cycle, end to end.

Long, since bad lines are many.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tunnelspec.contract import Contract
from tunnelspec.emulator import serve
from tunnelspec.faults import seeded
from tunnelspec.history import baseline, expected
from tunnelspec.names import matches
from tunnelspec.report import expected_failures
from tunnelspec.runner.case import Case

from .command import own_pytest, tunnelspec

TODAY = date(2026, 11, 25)
ABOVE = "validation/OpenTunnel/tags[].key/maxLength/above"
LOOSENED = "derived/OpenTunnel/tags[].key/maxLength/loosened"
#: The cases of the night's cycle: enough to see three faults, not more.
SELECTED = (
    "--select",
    "validation/OpenTunnel/tags[].key/*",
    "--select",
    "lifecycle/CloseTunnel/*",
    "--seed",
    1,
)


#: The items of the pytest run.
CHOSEN = "(OpenTunnel and key and maxLength and not astral and not second) or baseline"


@contextmanager
def served(contract: Contract, *faults: str) -> Iterator[str]:
    """The URL of an emulator with these faults."""
    emulator = seeded(contract, faults)(contract)
    with serve(emulator) as server:
        yield server.url


def record_of(outcomes: dict[str, str]) -> Any:
    """A record with nothing but outcomes."""
    finding = {"check": "c", "level": "MUST", "axis": "form", "constraint": "", "observed": "o", "expected": "e"}
    cases = [
        {
            "id": name,
            "area": name.split("/")[0],
            "operation": name.split("/")[1],
            "outcome": outcome,
            "expected": "e",
            "observed": "o",
            "reason": "",
            "findings": [dict(finding)] if outcome in ("fail", "warn") else [],
        }
        for name, outcome in outcomes.items()
    ]
    return {"cases": cases, "totals": {"fail": sum(o == "fail" for o in outcomes.values())}}


def held(text: str, outcomes: dict[str, str], names: list[str] | None = None) -> Any:
    """A record of these outcomes, held against a baseline; `names` are the suite's."""
    made = record_of(outcomes)
    expected.apply(made, baseline.parse(text, "b.yaml"), names or list(outcomes), TODAY)
    return made


@pytest.mark.parametrize(
    ("name", "pattern", "chosen"),
    [
        ("validation/A/tags[].key/x", "validation/A/tags[].key/x", True),
        ("validation/A/tags[].key/x", "validation/A/tags[].key/*", True),
        ("validation/A/a[].b[].c/x", "*/a[].b[].c/[xy]", True),
        ("validation/A/tags[].key/x", "validation/?/*[].key/x", True),
        ("validation/A/tags.key/x", "validation/A/tags[].key/x", False),
        ("validation/A/x", "VALIDATION/*", False),
        ("strange[*]?", "strange[*]?", True),
    ],
)
def test_brackets_of_names_are_no_pattern(name: str, pattern: str, chosen: bool) -> None:
    """A name chooses itself whatever it holds, and `[]` stands for itself within a pattern."""
    assert matches(name, pattern) is chosen


def test_every_case_chooses_itself_alone(cases: list[Case]) -> None:
    """The name of each case, taken as a pattern, matches that case and no other."""
    names = [case.id for case in cases if "[" in case.id]
    assert len(names) > 100
    for name in names:
        assert [other for other in names if matches(other, name)] == [name]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("known:\n  - case: a/*\n", "b.yaml, line 2: an entry must have 'reason'"),
        ("known:\n  - {case: a/*, reason: r}\n  - case: b\n    reason: ''\n", "line 4: 'reason' is empty"),
        ("known:\n  - case: a\n    raeson: r\n", "line 3: an entry has no 'raeson'"),
        ("knwon: []\n", "line 1: a baseline has no 'knwon'"),
        ("known:\n  - case: a\n    reason: r\n    expires: soon\n", "line 4: 'soon' is no date"),
        ("known:\n  - case: a\n    reason: r\n    expires: 2026-02-30\n", "line 4: '2026-02-30' is no date"),
        ("known:\n  - case: a\n    reason: r\n    link: mine\n", "line 4: a link begins with https://"),
        ("known:\n  - case: [a]\n    reason: r\n", "line 2: 'case' is empty or no text"),
        ("flaky:\n  - case: a\n    reason: r\n", "line 2: a flaky entry must have 'expires'"),
        ("known:\n  - a/*\n", "line 2: an entry is a mapping"),
        ("- a/*\n", "line 1: a baseline is a mapping"),
        ("known: a/*\n", "line 1: 'known' is not a list"),
        ("known:\n - case: a\n   reason: r\n - case: a\n   reason: s\n", "line 4: 'a' is listed twice"),
        ("known:\n  - case: a\n    case: b\n    reason: r\n", "line 3: 'case' is there twice"),
        ("known: [1,\nflaky: }\n", "line 2: this is not YAML"),
        ("[" * 1200, "b.yaml, line 1: this is not YAML"),
    ],
)
def test_a_bad_line_is_named(text: str, words: str) -> None:
    """One sentence with the file and the line."""
    with pytest.raises(baseline.BaselineError, match=r"^b\.yaml") as caught:
        baseline.parse(text, "b.yaml")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "known:\nflaky:\n", "known: []\n"])
def test_an_empty_baseline_lists_nothing(text: str) -> None:
    """It is no error: what is new fails."""
    made = held(text, {"a/b/1": "fail"})
    assert expected_failures.failed(made)
    assert made["new_failures"] == 1


def test_the_example_is_read(cases: list[Case]) -> None:
    """The documented example names cases that there are."""
    path = Path(__file__).parents[2] / "reports" / "baselines" / "example.yaml"
    problems = expected.problems(baseline.read(path), {}, [case.id for case in cases], TODAY)
    assert problems == {"stale": [], "expired": [], "unmatched": []}


ONE = "known:\n  - case: a/b/*\n    reason: because\n    link: https://example.org/1\n"


def test_a_listed_failure_is_known() -> None:
    """It counts as a failure and does not fail the run; another one does."""
    made = held(ONE, {"a/b/1": "fail", "a/b/2": "warn"})
    assert not expected_failures.failed(made)
    assert (made["totals"]["fail"], made["new_failures"]) == (1, 0)
    assert made["cases"][0]["known"] == {
        "reason": "because",
        "link": "https://example.org/1",
        "expires": "",
        "flaky": False,
    }
    assert expected_failures.failed(held(ONE, {"a/b/1": "fail", "a/c/1": "fail"}))


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ({"a/b/1": "pass"}, "b.yaml, line 2: all of 'a/b/*' pass now (1); delete the entry."),
        (
            {"a/b/1": "pass", "a/b/2": "fail"},
            "b.yaml, line 2: 'a/b/*' lists 1 of 2 cases that pass now: a/b/1; delete the entry, and list"
            " those that still fail.",
        ),
        ({"a/b/1": "inconclusive"}, None),
        ({"a/b/1": "skipped", "a/b/2": "fail"}, None),
    ],
)
def test_a_listed_case_that_passes_is_stale(outcomes: dict[str, str], sentence: str | None) -> None:
    """The sentence says what to delete; a case without a verdict does not affect its entry."""
    made = held(ONE, outcomes)
    assert made["baseline"]["stale"] == ([sentence] if sentence else [])
    assert expected_failures.failed(made) is bool(sentence)


def test_an_entry_about_cases_that_were_left_out_is_not_stale() -> None:
    """With a selection only what was selected counts, but a pattern without any case is always reported."""
    assert not expected_failures.failed(held(ONE, {"a/c/1": "pass"}, ["a/b/1", "a/c/1"]))
    made = held(ONE, {"a/c/1": "pass"}, ["a/c/1"])
    assert made["baseline"]["unmatched"] == ["b.yaml, line 2: no case is named 'a/b/*'; delete the entry."]
    assert expected_failures.failed(made)


@pytest.mark.parametrize(("last", "over"), [("2026-11-25", False), ("2026-11-24", True)])
def test_an_entry_ends_with_its_last_day(last: str, over: bool) -> None:
    """It holds through the day that it names; then it fails the run and excuses nothing."""
    made = held(f"{ONE}    expires: {last}\n", {"a/b/1": "fail"})
    assert expected_failures.failed(made) is over
    assert made["new_failures"] == int(over)
    assert len(made["baseline"]["expired"]) == int(over)


@pytest.mark.parametrize("outcome", ["pass", "fail", "warn"])
def test_a_flaky_entry_goes_either_way(outcome: str) -> None:
    """Until its last day, also where a known entry matches the same case."""
    text = f"{ONE}flaky:\n  - case: a/b/1\n    reason: races\n    expires: 2026-12-01\n"
    made = held(text, {"a/b/1": outcome, "a/b/2": "fail"})
    assert not expected_failures.failed(made)
    assert made["cases"][0].get("known", {}).get("flaky", False) is (outcome != "pass")


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        ("known:\n  - case: a\n", ("--baseline", "b.yaml"), "b.yaml, line 2: an entry must have 'reason'"),
        ("", ("--baseline", "missing.yaml"), "Cannot read missing.yaml"),
        ("", ("--update-baseline",), "--update-baseline needs --baseline FILE"),
    ],
)
def test_wrong_usage_gets_a_sentence(text: str, arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    """Exit 2 before anything is sent."""
    (tmp_path / "b.yaml").write_text(text)
    done = tunnelspec("run", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_pytest_knows_the_baseline(pytester: pytest.Pytester, contract: Contract) -> None:
    """A listed failure is xfailed; a listed case that passes fails, as do an entry without a case and what is not
    listed.
    """
    listed = pytester.path / "b.yaml"
    below = ABOVE.replace("above", "at")
    entries = [f"  - case: {name}\n    reason: because\n" for name in (ABOVE, below, "no/such")]
    listed.write_text("known:\n" + "".join(entries))
    with served(contract, LOOSENED) as url:
        where = ("--pyargs", "tunnelspec.suite", "--tunnelspec-endpoint-url", url)
        done = own_pytest(*where, "--tunnelspec-baseline", listed, "-rxf", "-k", CHOSEN, cwd=pytester.path)
    done.stdout.fnmatch_lines(["*'no/such'; delete the entry.", "XFAIL *above* - known: because"])
    assert "at' passes now; delete the entry" in done.stdout.str()
    counts = done.parseoutcomes()
    assert (counts["xfailed"], counts["failed"]) == (1, 4)
