"""Known failures: what the baseline lists stands apart from what is new. Every report reads this."""

from __future__ import annotations

from collections import Counter

from tunnelspec.record.document import KnownDeviation, Record, RecordedCase, RecordedFinding
from tunnelspec.report.escape import printable


def is_known(case: RecordedCase) -> bool:
    """Whether a baseline lists everything that is wrong with this case."""
    return "known" in case


def is_known_finding(case: RecordedCase, finding: RecordedFinding) -> bool:
    """Whether a baseline lists this deviation."""
    return "known" in finding or "known" in case


def state(case: RecordedCase) -> str:
    """The case's outcome, or `known` for a failure or a warning that the baseline lists."""
    return "known" if is_known(case) else case["outcome"]


def new_failures(record: Record) -> int:
    """How many cases fail that no baseline lists."""
    return sum(state(case) == "fail" for case in record["cases"])


def known_failures(record: Record) -> int:
    """How many cases fail as a baseline says."""
    return sum(case["outcome"] == "fail" and is_known(case) for case in record["cases"])


def problems(record: Record) -> list[str]:
    """The sentences about entries of the baseline that are to be deleted; each fails the run."""
    facts = record.get("baseline")
    if not facts:
        return []
    return [*facts.get("stale", ()), *facts.get("expired", ()), *facts.get("unmatched", ())]


def failed(record: Record) -> bool:
    """Whether the run failed: something new is wrong, or an entry of the baseline no longer holds."""
    return bool(new_failures(record) or problems(record))


def words(known: KnownDeviation) -> str:
    """Why a known failure is there, in one line."""
    flaky = "flaky: " if known.get("flaky") else ""
    until = f" (until {known['expires']})" if known.get("expires") else ""
    link = f" {known['link']}" if known.get("link") else ""
    return printable(f"{flaky}{known['reason']}{until}{link}").replace("\n", " ")


def lines(record: Record) -> list[str]:
    """Known failures and warnings, each reason once with its count."""
    count = Counter(words(case["known"]) for case in record["cases"] if "known" in case)
    return [f"{number} known: {reason}" for reason, number in count.items()]


def drafts(record: Record) -> str:
    """A sentence where reasons of the baseline are still drafts, else nothing."""
    facts = record.get("baseline")
    count = facts.get("drafts", 0) if facts else 0
    if not facts or not count:
        return ""
    them = "1 reason is a draft" if count == 1 else f"{count} reasons are drafts"
    return f"{facts['file']}: {them}; say why."
