"""Every check and every place that yields a finding does so for some seeded fault."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from io import StringIO
from xml.etree import ElementTree

import pytest
from rich.console import Console

from tunnelspec.checks import CHECKS, framing
from tunnelspec.contract import Contract
from tunnelspec.exchange import Exchange, RawRequest, Response
from tunnelspec.model import RULES
from tunnelspec.record.document import Record
from tunnelspec.report import html as html_report
from tunnelspec.report import junit, markdown, terminal
from tunnelspec.report.escape import plain
from tunnelspec.runner.case import Case, Result, result
from tunnelspec.runner.executor import Run
from tunnelspec.runner.session import Session
from tunnelspec.runner.single import run_exchange
from tunnelspec.runner.traffic import Sender
from tunnelspec.suite import build

from .catches import Catches, sites
from .reporting import recorded

#: A tunnel past its lifetime is looked at after minutes: `test_lifetimes` has its faults, with a clock of their own.
_WAITS = {"lifecycle/lifetime"}
#: So many findings fit into each form of a report.
_TOGETHER = markdown.MOST_FINDINGS // 2


def test_every_check_and_every_rule_fires_on_some_fault(caught: Catches) -> None:
    """The faults together violate every registered check and every rule of the model."""
    spoke = {check for fault in caught.results for found in caught.checks(fault) for check in found}
    assert {*CHECKS, *RULES} - spoke == _WAITS


def test_every_place_that_yields_a_finding_is_reached(caught: Catches) -> None:
    """Each place in the checks, the model and the scenarios that yields a finding does so for some fault."""
    silent = [
        name
        for name, (file, lines) in sites().items()
        if not any((file, line) in caught.made_at for line in lines) and not name.startswith("scenario/lifetime.py")
    ]
    assert silent == []


@pytest.mark.parametrize("words", ["must have", "must be a JSON", "must be one of", "must be a present-day time in"])
def test_every_requirement_of_a_shape_is_violated(words: str, caught: Catches) -> None:
    """One check states what is wrong with a response's shape, in one sentence for each kind of keyword."""
    requirements = [evidence.finding.requirement for item in _all(caught) for evidence in item.evidence]
    assert any(f" {words} " in requirement for requirement in requirements)


def test_a_call_without_a_response_is_reported(contract: Contract) -> None:
    """The finding that needs a target which hangs: the call is made again, and another works meanwhile."""

    class Hanging(Sender):
        def send(self, raw: RawRequest) -> Exchange:
            if b"[[[[" in raw.body:
                return Exchange(raw, raw, None, "timeout")
            headers = (("Content-Type", contract.service.content_type),)
            return Exchange(raw, raw, Response(200, headers, b"{}"))

    case = next(case for case in build(contract) if case.id == "protocol/ListTunnels/nested-500")
    item = run_exchange(case, Session(contract, Hanging()))
    assert [seen.finding.rule for seen in item.evidence] == ["protocol/answered"]
    _assert_reported([item], contract)


def test_every_finding_is_in_every_report(caught: Catches, contract: Contract) -> None:
    """Terminal, HTML, JUnit and Markdown show requirement and observation of every finding."""
    known: dict[tuple[str, str], Result] = {}
    for item in _all(caught):
        for seen in item.evidence:
            key = (seen.finding.rule, seen.finding.requirement)
            known.setdefault(key, result(item.case, (seen,), observed=""))
    assert {check for check, _ in known} >= {*CHECKS, *RULES} - _WAITS
    rest = list(known.values())
    while rest:
        # A report has one result of each case, one finding of those with a cause in common, and room for some.
        by_rule = {item.evidence[0].finding.rule: item for item in rest}
        by_case = {item.case.id: item for item in by_rule.values()}
        together = list(by_case.values())[:_TOGETHER]
        _assert_reported(together, contract)
        rest = [item for item in rest if all(item is not shown for shown in together)]


def _all(caught: Catches) -> Iterator[Result]:
    for items in caught.results.values():
        yield from items


def _assert_reported(items: list[Result], contract: Contract) -> None:
    made = recorded(Run(items, 1), contract)
    # Markdown and the terminal's edge put signs of their own between the words.
    bare = {form: "".join(text.replace("\\", "").split()) for form, text in _forms(made).items()}
    for item in items:
        finding = item.evidence[0].finding
        for sentence in (finding.requirement, finding.observation):
            words = "".join(plain(sentence).replace("\\", "").split())[:300]
            missing = [form for form, text in bare.items() if words not in text]
            assert missing == [], (item.case.id, sentence)


def _forms(made: Record) -> dict[str, str]:
    console = Console(file=StringIO(), width=2000, force_terminal=False)
    terminal.show(made, console, terminal.Verbosity.ALL)
    assert isinstance(console.file, StringIO)
    return {
        "terminal": console.file.getvalue(),
        # Without the places where long names may be broken, and what marks the names of hidden characters.
        "html": html.unescape(re.sub(r"<wbr>|</?span[^>]*>", "", html_report.render(made))),
        "junit": html.unescape(ElementTree.tostring(junit.suite(made), encoding="unicode")),
        "markdown": markdown.render(made),
    }


def test_every_citation_is_a_source(contract: Contract, cases: list[Case]) -> None:
    """Whatever checks, rows and cases cite can be looked up."""
    cited = {cite for check in CHECKS.values() for cite in check.cites}
    cited |= {cite for rule in framing.RULES.values() for cite in rule.cites}
    cited |= {cite for row in contract.situations.values() for cite in row.cites}
    cited |= {cite for row in contract.errors.values() for cite in row.cites}
    cited |= {cite for case in cases for cite in case.cites} | {"rfc9110"}
    assert cited <= set(contract.sources)
    assert set(contract.sources) - cited <= _cited_in_zones(contract)


def _cited_in_zones(contract: Contract) -> set[str]:
    return set(str(contract.document).replace("'", " ").replace(",", " ").replace("]", " ").split())


def test_case_names_are_unique_and_do_not_depend_on_depth_or_seed(contract: Contract, cases: list[Case]) -> None:
    """A case's name is its identity from run to run."""

    names = [case.id for case in cases]
    assert len(set(names)) == len(names)
    assert [case.id for case in build(contract, depth="deep", seed=99)] == [case.id for case in build(contract)]
