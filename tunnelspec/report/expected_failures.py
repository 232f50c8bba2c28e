"""How known failures are told: calmly, apart from what is new. Every report asks here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tunnelspec.record.document import printable


def is_known(case: Mapping[str, Any]) -> bool:
    """Whether a baseline lists what is wrong with this case."""
    return bool(case.get("known"))


def state(case: Mapping[str, Any]) -> str:
    """The case's outcome, or `known` for a failure or a warning that the baseline lists."""
    return "known" if is_known(case) else str(case["outcome"])


def new_failures(record: Mapping[str, Any]) -> int:
    """How many cases fail that no baseline lists."""
    return sum(state(case) == "fail" for case in record["cases"])


def known_failures(record: Mapping[str, Any]) -> int:
    """How many cases fail as a baseline says."""
    return sum(case["outcome"] == "fail" and is_known(case) for case in record["cases"])


def problems(record: Mapping[str, Any]) -> list[str]:
    """The sentences about entries of the baseline that are to be deleted; each fails the run."""
    told = record.get("baseline") or {}
    return [sentence for kind in ("stale", "expired", "unmatched") for sentence in told.get(kind, ())]


def failed(record: Mapping[str, Any]) -> bool:
    """Whether the run failed: something new is wrong, or the baseline is no longer so."""
    return bool(new_failures(record) or problems(record))


def words(known: Mapping[str, Any]) -> str:
    """Why a known failure is there, in one line."""
    flaky = "flaky: " if known.get("flaky") else ""
    until = f" (until {known['expires']})" if known.get("expires") else ""
    link = f" {known['link']}" if known.get("link") else ""
    return printable(f"{flaky}{known['reason']}{until}{link}").replace("\n", " ")


def lines(record: Mapping[str, Any]) -> list[str]:
    """Known failures and warnings, each reason once with its count."""
    found: dict[str, int] = {}
    for case in record["cases"]:
        if is_known(case):
            key = words(case["known"])
            found[key] = found.get(key, 0) + 1
    return [f"{count} known: {reason}" for reason, count in found.items()]


def drafts(record: Mapping[str, Any]) -> str:
    """A sentence where reasons of the baseline are still drafts, else nothing."""
    told = record.get("baseline") or {}
    count = told.get("drafts", 0)
    if not count:
        return ""
    them = "1 reason is a draft" if count == 1 else f"{count} reasons are drafts"
    return f"{told['file']}: {them}; say why."
