"""What a reader sees of a case: its outcome, with two sorts of failure told apart from the others.

A target that is right to reject and names the wrong error is nearer to the contract than one that
accepts; an operation that is not there yet is no defect of what is there. Totals and exit statuses
count both as failures all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tunnelspec.report import expected_failures as known

#: The check whose failure says that an operation is not there at all.
IMPLEMENTED = "protocol/implemented"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of result is shown. `name` is also its class on pages; `style` is rich's."""

    name: str
    symbol: str
    word: str
    meaning: str
    style: str


#: What wants attention first comes first.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("fail", "✗", "fail", "a MUST is broken", "red"),
        Kind("wrong-error", "≠", "wrong error", "right to reject, but not with this error", "dark_orange"),
        Kind("warn", "!", "warn", "a SHOULD is broken", "yellow"),
        Kind("known", "~", "known", "a failure or warning that the baseline lists", "cyan"),
        Kind("inconclusive", "?", "inconclusive", "says nothing either way", "magenta"),
        Kind("missing", "○", "not implemented", "the target lacks the operation", "bright_black"),
        Kind("skipped", "-", "skipped", "does not apply to this target", "bright_black"),
        Kind("pass", "✓", "pass", "kept every rule that is cited", "green"),
    )
}


def kind_of(case: Mapping[str, Any], missing: Mapping[str, str]) -> str:
    """The name of a case's kind, where `missing` are the operations that are not implemented."""
    outcome: str = case["outcome"]
    if known.is_known(case):
        return "known"
    if case["operation"] in missing and outcome in ("fail", "skipped"):
        return "missing"
    if outcome == "fail":
        broken = [f for f in case["findings"] if f["level"] == "MUST"]
        if broken and all(f["axis"] == "identity" for f in broken):
            return "wrong-error"
    return outcome if outcome in KINDS else "skipped"


def missing(record: Mapping[str, Any]) -> dict[str, str]:
    """The operations that the target does not implement, each with what it answers to a valid call."""
    return {
        case["operation"]: str(case["observed"])
        for case in record["cases"]
        if case["outcome"] == "fail" and any(f["check"] == IMPLEMENTED for f in case["findings"])
    }
