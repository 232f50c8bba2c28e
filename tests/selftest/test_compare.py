"""Two targets side by side: the reference emulator agrees with itself, and each seeded fault is a difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tunnelspec.client import Redactor
from tunnelspec.contract import Contract
from tunnelspec.emulator import serve
from tunnelspec.exchange import Exchange, RawRequest, Request, Response
from tunnelspec.faults import seeded
from tunnelspec.history.compare import Comparison, by_difference, compare
from tunnelspec.runner.capture import capture
from tunnelspec.runner.case import Case
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.in_process import DirectSender
from tunnelspec.runner.normalise import Normaliser
from tunnelspec.runner.session import Session

from .command import tunnelspec


def side(contract: Contract, cases: list[Case], *faults: str, variants: tuple[str, ...] = ()) -> Any:
    """The requests of these cases and the responses of an emulator with these faults and variants."""
    emulator = seeded(contract, faults, variants)(contract)
    redactor, sender = Redactor(), DirectSender(emulator)
    observed = capture(contract, cases, lambda: Session(contract, sender, RunContext(on_secret=redactor.learn)))
    return observed.plain(redactor.text)


@pytest.fixture(scope="module")
def reference(contract: Contract, cases: list[Case]) -> Any:
    """The reference emulator's side, over all cases."""
    return side(contract, cases)


def of(cases: list[Case], operation: str) -> list[Case]:
    """The cases about an operation, those that search aside."""
    return [case for case in cases if case.operation == operation and case.area not in ("search", "journeys")]


def like(side: Any, cases: list[Case]) -> Any:
    """The part of a side that has these cases."""
    names = {case.id for case in cases}
    return [case for case in side if case["id"] in names]


def kinds(made: Comparison) -> set[tuple[str, str, str, str]]:
    """What differs, without the cases."""
    return {(item.kind, item.path, item.a, item.b) for item in made.differences}


def test_the_reference_emulator_agrees_with_itself(reference: Any, contract: Contract, cases: list[Case]) -> None:
    """Over all cases, whatever ids, times and tokens it hands out; nothing is left out."""
    made = compare(reference, side(contract, cases), messages=True)
    assert made.differences == []
    assert made.not_compared == {}
    assert made.agree == len(cases)
    assert sum(len(case["calls"] or ()) for case in reference) > 1000


@pytest.mark.parametrize(
    ("fault", "case", "difference"),
    [
        (
            "derived/OpenTunnel/tags/maxItems/loosened",
            "validation/OpenTunnel/tags/maxItems/above",
            ("status", "", "400", "200"),
        ),
        (
            "derived/DescribeTunnel/tunnelId/required/dropped",
            "validation/DescribeTunnel/tunnelId/required/absent",
            ("status", "", "400", "200"),
        ),
        (
            "errors/wrong-validation-type",
            "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above",
            ("error type", "", "ValidationException", "ValidationError"),
        ),
        ("errors/status-480", "validation/DescribeTunnel/tunnelId/exists/unknown", ("status", "", "400", "480")),
        (
            "lifecycle/another-default",
            "lifecycle/DescribeTunnel/default-lifetime",
            ("value", "tunnel.timeoutConfig.maxLifetimeTimeoutMinutes", "720", "60"),
        ),
        ("lifecycle/close-ignored", "lifecycle/CloseTunnel/closed", ("value", "tunnel.status", '"CLOSED"', '"OPEN"')),
        (
            "shapes/iso-timestamps",
            "protocol/DescribeTunnel/plain",
            ("value", "tunnel.createdAt", "<time>", "<time as str>"),
        ),
        (
            "shapes/no-destination-token",
            "protocol/OpenTunnel/plain",
            ("member", "destinationAccessToken", "<destinationAccessToken 1>", "not there"),
        ),
        (
            "tokens/one-for-both",
            "protocol/OpenTunnel/plain",
            ("value", "sourceAccessToken", "<sourceAccessToken 1>", "<destinationAccessToken 1>"),
        ),
        (
            "wire/content-type-json",
            "protocol/OpenTunnel/plain",
            ("content type", "", "application/x-amz-json-1.1", "application/json"),
        ),
    ],
)
def test_a_fault_is_a_difference(
    fault: str, case: str, difference: tuple[str, str, str, str], reference: Any, contract: Contract, cases: list[Case]
) -> None:
    """In the case that tests it, with what each of the two did; no search is needed for it."""
    listed = of(cases, case.split("/")[1])
    made = compare(like(reference, listed), side(contract, listed, fault))
    found = {(item.kind, item.path, item.a, item.b) for item in made.differences if item.case == case}
    assert difference in found
    assert made.agree > 0


def test_where_both_pass_they_may_differ(reference: Any, contract: Contract, cases: list[Case]) -> None:
    """What no source settles is no failure of either, and still a difference."""
    listed = of(cases, "OpenTunnel")
    made = compare(like(reference, listed), side(contract, listed, variants=("fifty-tags",)))
    assert ("error type", "", "none", "LimitExceededException") in kinds(made)
    assert "validation/OpenTunnel/tags/maxItems/at" in made.differing
    assert not any(item.kind == "outcome" for item in made.differences)


@pytest.mark.parametrize(
    "variant", ["tags-in-any-order", "exponent-timestamps", "empty-object", "namespaced-type", "throttling"]
)
def test_what_no_client_can_distinguish_is_no_difference(
    variant: str, reference: Any, contract: Contract, cases: list[Case]
) -> None:
    """The order of tags, the spelling of numbers, an empty answer, an error's namespace, a retry."""
    listed = [case for case in cases if case.area in ("lifecycle", "tags", "listing")]
    made = compare(like(reference, listed), side(contract, listed, variants=(variant,)))
    assert made.agree == len(listed)
    assert kinds(made) == set()


def answered(contract: Contract, *bodies: object, operation: str = "ListTunnels") -> list[dict[str, Any]]:
    """Notes of these answers to the same call, in one case."""
    abstraction = Normaliser(contract)
    raw = RawRequest(b"{}", operation, ())
    return [
        abstraction.note(Exchange(Request(operation, {}), raw, Response(200, (), json.dumps(body).encode())))
        for body in bodies
    ]


def test_tunnels_of_others_are_left_out(contract: Contract) -> None:
    """A list shows the case's own tunnels; whether there are further pages depends on the others."""
    opened = {"tunnelId": "aaaaaaaa", "tunnelArn": "arn:1"}
    summaries = [{"tunnelId": "foreign1"}, {"tunnelId": "aaaaaaaa", "createdAt": 1.5}]
    abstraction = Normaliser(contract)
    raw = RawRequest(b"{}", "OpenTunnel", ())
    for operation, body in (
        ("OpenTunnel", opened),
        ("ListTunnels", {"tunnelSummaries": summaries, "nextToken": "more"}),
    ):
        response = Response(200, (), json.dumps(body).encode())
        note = abstraction.note(Exchange(Request(operation, {}), raw, response))
    assert note["body"] == {"tunnelSummaries": [{"createdAt": "<time>", "tunnelId": "<tunnelId 1>"}]}
    assert answered(contract, {"tunnelSummaries": summaries, "nextToken": "t"}, {})[0]["body"] == {}


def test_only_the_first_differing_response_of_a_case_is_reported() -> None:
    """What follows it may only echo it, and calls that were asked otherwise are not laid side by side."""

    def case(*calls: tuple[str, int]) -> dict[str, Any]:
        made: list[dict[str, Any]] = [
            {
                "operation": "A", "asked": asked, "failure": "", "status": status, "error": None, "type": "",
                "problem": "", "message": "", "body": {},
            }
            for asked, status in calls
        ]  # fmt: skip
        common = {"id": "a/A/x", "operation": "A", "area": "a", "outcome": "pass", "reason": "", "findings": []}
        return {**common, "calls": made}

    made = compare([case(("x", 200), ("y", 200), ("z", 200))], [case(("x", 200), ("y", 201), ("z", 202))])
    assert [(item.call, item.a, item.b) for item in made.differences] == [("call 2, A", "200", "201")]
    assert compare([case(("x", 200), ("y", 200))], [case(("x", 200), ("w", 500))]).differences == []


def test_an_inconclusive_case_is_not_compared(reference: Any) -> None:
    """It says nothing about either target."""
    other = [{**reference[0], "outcome": "inconclusive", "reason": "throttled"}, *reference[2:]]
    made = compare(reference, other)
    assert made.differences == []
    assert made.not_compared == {
        reference[0]["id"]: "inconclusive at the second: throttled",
        reference[1]["id"]: "only the first has it",
    }


def test_the_command_prints_and_writes_it(tmp_path: Path, contract: Contract) -> None:
    """Exit 1 with a difference, printed in 80 columns; JSON and a page are written, without any token."""
    emulator = seeded(contract, ["lifecycle/another-default", "shapes/token-in-description"])(contract)
    issued: list[str] = []
    perform = emulator.operations["OpenTunnel"]

    def noted(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        issued.extend(str(value) for name, value in output.items() if name.endswith("AccessToken"))
        return output

    emulator.operations["OpenTunnel"] = noted
    selected = ("--select", "lifecycle/DescribeTunnel/*", "--select", "protocol/DescribeTunnel/plain")
    with serve(emulator) as server:
        done = tunnelspec("compare", "emulator", server.url, *selected, "--seed", 1, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    parts = done.stdout.split("≠")
    assert any("maxLifetimeTimeoutMinutes" in part and "A 720" in part and "B 60" in part for part in parts)
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    directory = tmp_path / "tunnelspec-comparison"
    result = json.loads((directory / "comparison.json").read_text())
    assert result["schema"] == "tunnelspec.comparison/1"
    assert "lifecycle/DescribeTunnel/default-lifetime" in [item["case"] for item in result["differences"]]
    page = (directory / "comparison.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "lifecycle/DescribeTunnel/default-lifetime" in page
    texts = [done.stdout, *(p.read_text(encoding="utf-8") for p in directory.rglob("*") if p.is_file())]
    assert issued
    assert [token for token in issued for text in texts if token in text] == []
    assert emulator.store.newest_first() == []


def test_the_command_finds_nothing_between_two_reference_emulators(tmp_path: Path) -> None:
    """Exit 0, over HTTP; `emulator` stands for the bundled one."""
    selected = [word for area in ("lifecycle", "listing", "isolation") for word in ("--select", f"{area}/*")]
    done = tunnelspec("compare", "emulator", "emulator", "--json", *selected, cwd=tmp_path)
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert (result["differ"], result["not_compared"]) == (0, {})
    assert result["agree"] > 50


@pytest.mark.parametrize(
    ("urls", "status", "words"),
    [
        (("nonsense", "emulator"), 2, "must begin with http"),
        (("emulator", "http://127.0.0.1:9"), 3, "stopped responding"),
    ],
)
def test_what_cannot_be_compared_gets_a_sentence(
    urls: tuple[str, str], status: int, words: str, tmp_path: Path
) -> None:
    """Exit 2 for wrong usage, 3 where one of them has no verdict; one sentence, no traceback."""
    done = tunnelspec("compare", *urls, "--select", "protocol/*/plain", cwd=tmp_path)
    assert done.returncode == status
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_same_difference_is_reported_once(reference: Any) -> None:
    """With the names of all cases that show it."""
    other = [{**case, "outcome": "skipped", "reason": "r", "calls": None} for case in reference[:5]]
    groups = by_difference(compare(reference[:5], other).differences)
    assert [(first.b, len(names)) for first, names in groups] == [("skipped: r", 5)]
