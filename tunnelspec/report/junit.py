"""JUnit XML, one testcase per case, in the form that GitHub, GitLab and Jenkins read."""

from __future__ import annotations

from xml.etree import ElementTree

from tunnelspec.record.deciding import deciding
from tunnelspec.record.document import Record, RecordedCase
from tunnelspec.report import escape, expected_failures
from tunnelspec.report.summary import finding_lines, requirement

#: The text of one case, in characters: GitLab reads files of a few megabytes at most.
_LONGEST_TEXT = 6000


def render(record: Record) -> str:
    """The record's cases as JUnit XML."""
    root = suite(record)
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text.decode()


def suite(record: Record) -> ElementTree.Element:
    """The record as a `testsuites` element. Inconclusive cases are skipped ones with their reason."""
    totals = record["totals"]
    listed = sum(map(expected_failures.is_known, record["cases"]))
    counts = {
        "tests": str(len(record["cases"])),
        "failures": str(expected_failures.new_failures(record)),
        "errors": "0",
        "skipped": str(totals["skipped"] + totals["inconclusive"] + listed),
        "time": f"{record['run']['duration_s']:.3f}",
    }
    root = ElementTree.Element("testsuites", {"name": "tunnelspec", **counts})
    named = {"name": "tunnelspec", "timestamp": record["run"]["started"]}
    element = ElementTree.SubElement(root, "testsuite", {**named, **counts})
    for case in record["cases"]:
        element.append(_testcase(record, case))
    return root


def _testcase(record: Record, case: RecordedCase) -> ElementTree.Element:
    element = ElementTree.Element(
        "testcase",
        classname=_xml(f"tunnelspec.{case['area']}.{case['operation']}"),
        name=_xml(case["id"]),
        time=f"{case.get('duration_s', 0):.3f}",
    )
    properties = ElementTree.SubElement(element, "properties")
    values = {
        "operation": case["operation"],
        "area": case["area"],
        "level": case["level"],
        "outcome": case["outcome"],
        "constraint": case.get("constraint", ""),
        "requests": str(case["requests"]),
    }
    for name, value in values.items():
        if value:
            ElementTree.SubElement(properties, "property", name=name, value=_xml(value))
    for cite in case["cites"] if case["findings"] else ():
        ElementTree.SubElement(properties, "property", name="cites", value=_xml(str(cite["url"])))
    outcome = case["outcome"]
    finding = deciding(case)
    if "known" in case:
        message = f"known: {expected_failures.words(case['known'])}"
        ElementTree.SubElement(element, "skipped", message=_xml(message))
    elif outcome == "fail" and finding is not None:
        message = f"expected: {requirement(record, finding)}; actual: {finding['observed']}"
        failure = ElementTree.SubElement(element, "failure", message=_xml(message), type=_xml(finding["check"]))
        failure.text = _text(record, case)
    elif outcome in ("skipped", "inconclusive"):
        reason = case.get("reason") or outcome
        ElementTree.SubElement(element, "skipped", message=_xml(f"{outcome}: {reason}"))
    elif outcome == "warn":
        output = ElementTree.SubElement(element, "system-out")
        output.text = _text(record, case)
    return element


def _text(record: Record, case: RecordedCase) -> str:
    """The findings in full, the one that decided first."""
    first = deciding(case)
    findings = sorted(case["findings"], key=lambda finding: finding is not first)
    lines = [line for finding in findings for line in finding_lines(finding, record)]
    return _xml("\n".join(lines), _LONGEST_TEXT)


def _xml(text: str, longest: int = 2000) -> str:
    """Only characters that XML 1.0 allows: hidden ones by name."""
    return escape.plain(text, longest)
