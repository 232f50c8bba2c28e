"""How a finding is told in plain lines, the same in every report that is text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnelspec.report import known
from tunnelspec.report.record import printable

#: `known` is what a baseline lists, whether a failure or a warning.
SYMBOLS = {"pass": "✓", "fail": "✗", "warn": "!", "known": "~", "skipped": "-", "inconclusive": "?"}


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
    lines += [f"{'again' if n == 0 else '':<9} {line}" for n, line in enumerate(again)]
    return [printable(line) for line in lines]


def told(record: Mapping[str, Any], outcome: str) -> list[Any]:
    """The cases of an outcome, or known ones; those that name a broken constraint come first."""
    cases = [case for case in record["cases"] if known.state(case) == outcome]
    return sorted(cases, key=lambda case: not any(f["constraint"] for f in case["findings"]))


def verdict_sentence(record: Mapping[str, Any]) -> str:
    """The verdict of the whole run in one sentence."""
    totals, target = record["totals"], record["target"]["endpoint"]
    judged = totals["pass"] + totals["fail"] + totals["warn"]
    if record["run"].get("stopped") and not judged:
        return f"{target} could not be judged: {record['run']['stopped']}"
    if totals["fail"]:
        verdict = f"breaks the contract in {totals['fail']} of {judged} judged cases"
        listed = known.known_failures(record)
        if listed == totals["fail"]:
            verdict += f", which {'is' if listed == 1 else 'are'} known"
        elif listed:
            verdict += f", {listed} of them known"
    elif judged:
        verdict = f"keeps the contract in all {judged} judged cases"
    else:
        verdict = "was not judged: no case came to a verdict"
    notes = []
    if totals["warn"]:
        notes.append(f"{totals['warn']} with a warning")
    if totals["inconclusive"]:
        notes.append(f"{totals['inconclusive']} cases inconclusive")
    if totals["skipped"]:
        notes.append(f"{totals['skipped']} skipped")
    sentence = f"{target} {verdict}{' (' + ', '.join(notes) + ')' if notes else ''}."
    if record["run"].get("stopped"):
        sentence += f" The run ended early: {record['run']['stopped']}"
    return sentence
