"""How a run and a finding are told in plain lines, the same in every report that is text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tunnelspec.record.document import printable
from tunnelspec.report import escape as visible
from tunnelspec.report import expected_failures as known
from tunnelspec.report.groups import Group, groups
from tunnelspec.report.kinds import KINDS, kind_of, missing

SYMBOLS = {"pass": "✓", "fail": "✗", "warn": "!", "known": "~", "skipped": "-", "inconclusive": "?"}
#: What a run without a failure does not show; said on every page.
NOT_PROVEN = (
    "What AWS's own sources leave open, or disagree about, was not judged: either answer passes.",
    "The data plane (the WebSocket tunnel itself), quotas under load and permissions were not looked at.",
    "Beyond the listed bounds a search is random: another seed or a greater depth may find more.",
)


def finding_lines(finding: Mapping[str, Any]) -> list[str]:
    """What was sent, what the contract says and where, what came back, and how to see it again."""
    lines = [
        f"contract  {finding['level']}: {finding['expected']}",
        f"observed  {finding['observed']}",
    ]
    if "script" in finding:
        steps = finding["script"]
        lines += [f"call {n:<4} {step['call']}" for n, step in enumerate(steps, 1)]
        lines.append(f"answer    to call {len(steps)}: {steps[-1]['answer']}")
    else:
        lines.append(f"sent      {finding['request']['shown']}")
        lines.append(f"answer    {finding['response']['shown']}")
    lines += [f"source    {cite['title']}, {cite['url']}" for cite in finding["cites"]]
    again = finding["reproduce"]["curl"].splitlines()
    # Not by name: these lines are there to be copied.
    copied = [printable(f"{'again' if n == 0 else '':<9} {line}") for n, line in enumerate(again)]
    return [*(visible.plain(line) for line in lines), *copied]


def told(record: Mapping[str, Any], outcome: str) -> list[Any]:
    """The cases of an outcome, or known ones; those that name a broken constraint come first."""
    cases = [case for case in record["cases"] if known.state(case) == outcome]
    return sorted(cases, key=lambda case: not any(f["constraint"] for f in case["findings"]))


def where(group: Group) -> str:
    """The operations that show a defect, or how many."""
    names = group.operations
    return ", ".join(names) if len(names) <= 2 else f"{len(names)} operations"


def verdict_sentence(record: Mapping[str, Any]) -> str:
    """The verdict of the whole run in one sentence, with what it leaves out in brackets."""
    verdict, notes = verdict_and_notes(record)
    stopped = record["run"].get("stopped")
    bracket = f" ({'; '.join(notes)})" if notes else ""
    early = f" The run ended early: {stopped}" if stopped and not verdict.endswith(stopped) else ""
    return f"{verdict.removesuffix('.')}{bracket}.{early}" if bracket else f"{verdict}{early}"


def verdict_and_notes(record: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The verdict in a sentence, and what it leaves out, each in a few words."""
    totals, target = record["totals"], record["target"]["endpoint"]
    lacking = missing(record)
    judged = totals["pass"] + totals["fail"] + totals["warn"] - len(lacking)
    failed = totals["fail"] - len(lacking)
    if record["run"].get("stopped") and not judged:
        return f"{target} could not be judged: {record['run']['stopped']}", []
    if failed > 0:
        verdict = f"breaks the contract in {failed:,} of {judged:,} judged cases"
        defects = sum(group.kind in ("fail", "wrong-error") for group in groups(record))
        verdict += f", by {_counted(defects, 'defect')}" if defects else ""
        listed = known.known_failures(record)
        if listed == failed:
            verdict += f", which {'is' if listed == 1 else 'are'} known"
        elif listed:
            verdict += f", {listed:,} of them known"
    elif judged > 0:
        verdict = f"keeps the contract in all {judged:,} judged cases"
    else:
        verdict = "was not judged: no case came to a verdict"
    notes = []
    if lacking:
        notes.append(f"not implemented: {_listed(lacking)}")
    if totals["warn"]:
        notes.append(f"{totals['warn']:,} with a warning")
    if totals["inconclusive"]:
        notes.append(f"{totals['inconclusive']:,} cases inconclusive")
    if totals["skipped"]:
        notes.append(f"{totals['skipped']:,} skipped")
    return f"{target} {verdict}.", notes


def not_implemented(record: Mapping[str, Any]) -> list[str]:
    """What was expected of each operation that the target lacks, and what it answers instead."""
    found = [shown for group in groups(record) if group.kind == "missing" for shown in group.shown_by]
    return [
        f"not implemented: {case['operation']}; expected {finding['expected']}, observed: {finding['observed']}"
        for case, finding in found
    ]


def unjudged(record: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Why cases were skipped or are inconclusive: each outcome and reason once, with its count.

    Not those of operations that are not implemented, of which that says all.
    """
    lacking = missing(record)
    found = Counter(
        (str(case["outcome"]), str(case.get("reason") or "no reason was noted"))
        for case in record["cases"]
        if kind_of(case, lacking) in ("skipped", "inconclusive")
    )
    return [(outcome, reason, count) for (outcome, reason), count in found.items()]


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _listed(names: Mapping[str, str]) -> str:
    found = list(names)
    return ", ".join(found) if len(found) <= 3 else f"{', '.join(found[:2])} and {len(found) - 2} more"


assert set(SYMBOLS) <= set(KINDS)
