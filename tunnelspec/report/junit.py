"""JUnit XML, one testcase per case, in the form that GitHub, GitLab and Jenkins read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tunnelspec.report import escape as visible
from tunnelspec.report import expected_failures as known
from tunnelspec.report.summary import finding_lines

#: What is told of one case, in characters: GitLab reads files of a few megabytes at most.
_LONGEST_TEXT = 6000


def write(record: Mapping[str, Any], path: Path) -> None:
    """Write the record's cases as JUnit XML. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tree = ElementTree.ElementTree(suite(record))
    ElementTree.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def suite(record: Mapping[str, Any]) -> ElementTree.Element:
    """The record as a `testsuites` element. Inconclusive cases are skipped ones with their reason."""
    totals = record["totals"]
    listed = sum(map(known.is_known, record["cases"]))
    counts = {
        "tests": str(len(record["cases"])),
        "failures": str(known.new_failures(record)),
        "errors": "0",
        "skipped": str(totals["skipped"] + totals["inconclusive"] + listed),
        "time": f"{record['run']['duration_s']:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "tunnelspec", **counts})
    named = {"name": "tunnelspec", "timestamp": record["run"]["started"]}
    element = ElementTree.SubElement(root, "testsuite", {**named, **counts})
    for case in record["cases"]:
        element.append(_testcase(case))
    return root


def _testcase(case: Mapping[str, Any]) -> ElementTree.Element:
    element = ElementTree.Element(
        "testcase",
        classname=_xml(f"tunnelspec.{case['area']}.{case['operation']}"),
        name=_xml(case["id"]),
        time=f"{case.get('duration_s', 0):.3f}",
    )
    properties = ElementTree.SubElement(element, "properties")
    for name in ("operation", "area", "level", "outcome", "constraint", "requests"):
        if case.get(name):
            ElementTree.SubElement(properties, "property", name=name, value=_xml(str(case[name])))
    for cite in case["cites"] if case["findings"] else ():
        ElementTree.SubElement(properties, "property", name="cites", value=_xml(str(cite["url"])))
    outcome = case["outcome"]
    if known.is_known(case):
        message = f"known: {known.words(case['known'])}"
        ElementTree.SubElement(element, "skipped", message=_xml(message))
    elif outcome == "fail":
        first = case["findings"][0]
        message = f"expected {first['expected']}; observed {first['observed']}"
        failure = ElementTree.SubElement(element, "failure", message=_xml(message), type=_xml(first["check"]))
        failure.text = _told(case)
    elif outcome in ("skipped", "inconclusive"):
        reason = case.get("reason") or outcome
        ElementTree.SubElement(element, "skipped", message=_xml(f"{outcome}: {reason}"))
    elif outcome == "warn":
        output = ElementTree.SubElement(element, "system-out")
        output.text = _told(case)
    return element


def _told(case: Mapping[str, Any]) -> str:
    lines = [line for finding in case["findings"] for line in finding_lines(finding)]
    return _xml("\n".join(lines), _LONGEST_TEXT)


def _xml(text: str, longest: int = 2000) -> str:
    """Only characters that XML 1.0 allows: hidden ones by name."""
    return visible.plain(text, longest)
