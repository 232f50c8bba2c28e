"""The verdict, and a finding in plain lines: the same in every report that is text."""

from __future__ import annotations

from collections import Counter

from tunnelspec.printable import counted
from tunnelspec.record.document import Record, RecordedFinding
from tunnelspec.report import escape, expected_failures
from tunnelspec.report.causes import Cause, causes
from tunnelspec.report.facts import situations
from tunnelspec.report.kinds import kind_of, missing
from tunnelspec.report.levels import scores

#: What a run without a failure does not show; said on every page.
NOT_PROVEN = (
    "A pass says nothing about unspecified behaviour: where AWS's sources are silent or disagree, either"
    " response passes.",
    "The data plane (the WebSocket tunnel itself), quotas under load and permissions are not tested.",
    "Beyond the listed bounds a search is random: another seed or a greater depth may find more.",
)

#: How a finding shows again, where its request alone does not show it.
_REPRODUCES = {
    "after": "again after the calls before it",
    "beside": "again beside the calls of other clients",
    "once": "once: the same request alone did not show it again",
}


def finding_lines(finding: RecordedFinding, record: Record | None = None) -> list[str]:
    """The finding as lines of text; with its record, they name the error that was expected."""
    return [f"{label:<9} {text}" for label, text in finding_rows(record, finding)]


def finding_rows(record: Record | None, finding: RecordedFinding) -> list[tuple[str, str]]:
    """The finding as labelled lines: requirement, observation, the request and the response, its sources,
    and the commands that reproduce it, one line of shell each with the label `reproduce`.
    """
    error = expected_error(record, finding)
    lines = [("expected", f"({finding['level']}) {finding['expected']}{f'; {error}' if error else ''}")]
    lines.append(("actual", finding["observed"]))
    if "script" in finding:
        lines += [(f"call {n}", step["call"]) for n, step in enumerate(finding["script"], 1)]
        lines.append(("response", finding["script"][-1]["answer"]))
    else:
        if "request" in finding:
            lines.append(("request", finding["request"].get("shown", "")))
        if "response" in finding:
            lines.append(("response", finding["response"]["shown"]))
    if finding.get("reproduces", "alone") in _REPRODUCES:
        lines.append(("shows", _REPRODUCES[finding["reproduces"]]))
    lines += [("source", f"{cite['title']}, {cite['url']}") for cite in finding["cites"]]
    lines = [(label, escape.one_line(text, escape.LONGEST)) for label, text in lines]
    # Not by name: these lines are there to be copied.
    commands = [("reproduce", escape.printable(line)) for line in finding["reproduce"]["curl"].splitlines()]
    return [*lines, *commands]


def expected_error(record: Record | None, finding: RecordedFinding) -> str:
    """The status and the error types that the request at hand calls for, or nothing if it calls for none."""
    row = situations(record).get(finding.get("situation", "")) if record else None
    if row is None or row["decision"] != "reject" or not row["error_types"]:
        return ""
    statuses = " or ".join(map(str, row["statuses"])) or "4xx"
    return f"status {statuses} with {' or '.join(row['error_types'])}"


def requirement(record: Record, finding: RecordedFinding) -> str:
    """What was expected, with the error in brackets if one was."""
    error = expected_error(record, finding)
    return f"{finding['expected']}{f' ({error})' if error else ''}"


def where(cause: Cause) -> str:
    """The operations that a defect affects, or how many."""
    names = cause.operations
    return ", ".join(names) if len(names) <= 2 else f"{len(names)} operations"


def title(cause: Cause) -> str:
    """The violated requirement with what its cases have in common, on one line."""
    shared = f" ({cause.shared})" if cause.shared else ""
    return escape.one_line(f"{cause.title}{shared}")


def verdict_sentence(record: Record) -> str:
    """The verdict of the whole run in one sentence, with what it leaves out in brackets."""
    verdict, notes = verdict_and_notes(record)
    stopped = record["run"].get("stopped")
    bracket = f" ({'; '.join(notes)})" if notes else ""
    early = f" The run ended early: {stopped}" if stopped and stopped not in verdict else ""
    return f"{verdict.removesuffix('.')}{bracket}.{early}" if bracket else f"{verdict}{early}"


def verdict_and_notes(record: Record) -> tuple[str, list[str]]:
    """The verdict in a sentence, what has no verdict first, and what it leaves out, each in a few words."""
    totals, target = record["totals"], record["target"]["endpoint"]
    lacking = missing(record)
    tested = totals["pass"] + totals["fail"] + totals["warn"] - len(lacking)
    failed = totals["fail"] - len(lacking)
    untested_levels, stopped = _without_verdict(record), record["run"].get("stopped")
    if stopped and not tested:
        return f"{target} could not be tested: {stopped}", []
    if failed > 0:
        verdict = f"{failed:,} of {counted(tested, 'tested case')} failed"
        defects = sum(cause.kind in ("fail", "wrong-error") for cause in causes(record))
        verdict += f", by {counted(defects, 'defect')}" if defects else ""
        listed = expected_failures.known_failures(record)
        verdict += ", all known" if listed == failed else f", {listed:,} of them known" if listed else ""
        verdict = f"{target}: {verdict}"
    elif tested > 0 and not untested_levels:
        which = "the 1 tested case" if tested == 1 else f"all {tested:,} tested cases"
        verdict = f"{target} conforms to the API contract in {which}"
    elif tested > 0:
        verdict = f"{target}: none of {counted(tested, 'tested case')} failed"
    else:
        verdict = f"{target} was not tested: no case came to a verdict"
    verdict = f"{untested_levels}{verdict}"
    notes = []
    if lacking:
        notes.append(f"not implemented: {_listed(list(lacking))}")
    if totals["warn"]:
        notes.append(f"{counted(totals['warn'], 'case')} with a warning")
    if totals["inconclusive"]:
        notes.append(f"{counted(totals['inconclusive'], 'case')} inconclusive")
    if totals["skipped"]:
        notes.append(f"{totals['skipped']:,} skipped")
    return f"{verdict}.", notes


def _without_verdict(record: Record) -> str:
    """Which levels have no verdict, with their share and the most frequent reason."""
    parts = [
        f"{score.level} ({100 * score.inconclusive // (score.tested + score.inconclusive)} % inconclusive)"
        for score in scores(record)
        if score.not_tested
    ]
    if not parts:
        return ""
    reasons = [row for row in untested(record) if row[0] == "inconclusive"]
    why = f": {max(reasons, key=lambda row: row[2])[1]}" if reasons else ""
    return f"Not tested: {', '.join(parts)}{why}. "


def not_implemented(record: Record) -> list[str]:
    """Each operation that the target does not implement, with its response to a valid call."""
    return [
        f"{case['operation']}: {finding['observed']}"
        for cause in causes(record)
        if cause.kind == "missing"
        for case, finding in cause.evidence
    ]


def untested(record: Record) -> list[tuple[str, str, int]]:
    """Why cases were skipped or are inconclusive: each outcome and reason once, with its count.

    Not those of operations that are not implemented, of which that says all.
    """
    lacking = missing(record)
    reasons = Counter(
        (case["outcome"], case.get("reason") or "no reason was recorded")
        for case in record["cases"]
        if kind_of(case, lacking) in ("skipped", "inconclusive")
    )
    return [(outcome, reason, count) for (outcome, reason), count in reasons.items()]


def further_rounds(record: Record) -> str:
    """What the time that was left after every case brought, in one sentence; empty where none was."""
    further = record["run"].get("further")
    if further is None:
        return ""
    found = (
        f"{counted(len(further['responses']), 'new kind')} of response, {counted(len(further['findings']), 'finding')}"
    )
    spent = f"{counted(further['requests'], 'request')} in {further['duration_s']:.0f} s"
    cases = ", ".join(dict.fromkeys(item["case"] for item in further["findings"]))
    return f"{counted(further['rounds'], 'further round')} of the searches, {spent}: {found}{cases and f' by {cases}'}"


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"
