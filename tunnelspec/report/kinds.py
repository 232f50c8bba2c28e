"""How a case is shown: by its outcome, with two kinds of failure kept apart from the others.

A target that correctly rejects and names the wrong error is nearer to the contract than one that
accepts; an operation that does not exist is no defect of those that do. Totals and exit statuses
count both as failures all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tunnelspec.record.document import Record, RecordedCase
from tunnelspec.report import expected_failures
from tunnelspec.verdict import IMPLEMENTED


@dataclass(frozen=True, slots=True)
class ResultKind:
    """How a kind of result is shown. `name` is also its class on pages; `style` is rich's."""

    name: str
    symbol: str
    word: str
    meaning: str
    style: str


#: What wants attention first comes first.
KINDS: dict[str, ResultKind] = {
    kind.name: kind
    for kind in (
        ResultKind("fail", "✗", "fail", "violates a MUST", "red"),
        ResultKind("wrong-error", "≠", "wrong error", "correctly rejects, but not with this error", "dark_orange"),
        ResultKind("warn", "!", "warn", "violates a SHOULD", "yellow"),
        ResultKind("known", "~", "known", "a failure or warning that the baseline lists", "cyan"),
        ResultKind("inconclusive", "?", "inconclusive", "no verdict: neither pass nor fail", "magenta"),
        ResultKind("missing", "○", "not implemented", "the target does not implement the operation", "bright_black"),
        ResultKind("skipped", "-", "skipped", "does not apply to this target", "bright_black"),
        ResultKind("pass", "✓", "pass", "conforms to every rule that is cited", "green"),
    )
}


def kind_of(case: RecordedCase, missing: Mapping[str, str]) -> str:
    """The name of a case's kind, where `missing` are the operations that are not implemented."""
    outcome = case["outcome"]
    if expected_failures.is_known(case):
        return "known"
    if case["operation"] in missing and outcome in ("fail", "skipped"):
        return "missing"
    if outcome == "fail":
        broken = [f for f in case["findings"] if f["level"] == "MUST"]
        if broken and all(f["axis"] == "identity" for f in broken):
            return "wrong-error"
    return outcome if outcome in KINDS else "skipped"


def missing(record: Record) -> dict[str, str]:
    """The operations that the target does not implement, each with its response to a valid call."""
    return {
        case["operation"]: case["observed"]
        for case in record["cases"]
        if case["outcome"] == "fail" and any(f["check"] == IMPLEMENTED for f in case["findings"])
    }
