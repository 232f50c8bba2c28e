"""Findings put together by defect: a thousand examples of one defect are one line, told once.

A wrong decision is a defect of its constraint; a wrong error, a malformed answer or a crash is one
defect wherever it is seen; a broken rule of behaviour is one whatever the script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tunnelspec.report import expected_failures as known
from tunnelspec.report.kinds import IMPLEMENTED, KINDS

#: Kinds of finding in the order in which they are told.
_ORDER = ("fail", "wrong-error", "warn", "known", "missing")


@dataclass
class Group:
    """One defect: every case that shows it, with the finding that does, in the order of the record."""

    key: tuple[str, str, str]
    kind: str
    shown_by: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)

    @cached_property
    def example(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The case and finding that show it in the smallest form: fewest calls, then fewest bytes."""
        return min(self.shown_by, key=lambda shown: _size(shown[1]))

    @property
    def finding(self) -> Mapping[str, Any]:
        """The finding of the example."""
        return self.example[1]

    @property
    def constraint(self) -> str:
        """The constraint that every example is about, or nothing."""
        names = {finding["constraint"] for _, finding in self.shown_by}
        return str(names.pop()) if len(names) == 1 else ""

    @property
    def operations(self) -> list[str]:
        """The operations that show it."""
        return list(dict.fromkeys(case["operation"] for case, _ in self.shown_by))

    @property
    def observations(self) -> list[tuple[str, int]]:
        """What was observed, with how often, most often first."""
        return Counter(finding["observed"] for _, finding in self.shown_by).most_common()

    @property
    def requirement(self) -> str:
        """What is required here, without the particulars of one example."""
        return str(self.finding["expected"])


def groups(record: Mapping[str, Any]) -> list[Group]:
    """The defects that a record shows: broken MUSTs before SHOULDs, those that name a constraint first."""
    found: dict[tuple[str, ...], Group] = {}
    for case in record["cases"]:
        for finding in case["findings"]:
            # What a baseline lists stands apart from what is new, even where the defect is the same.
            kind, key = "known" if known.is_known(case) else _kind(finding), _key(finding)
            group = found.setdefault((kind, *key), Group(key, kind))
            if not group.shown_by or group.shown_by[-1][0] is not case:
                group.shown_by.append((case, finding))
    return sorted(found.values(), key=lambda g: (_ORDER.index(g.kind), not g.key[1]))


def _kind(finding: Mapping[str, Any]) -> str:
    if finding["check"] == IMPLEMENTED:
        return "missing"
    if finding["level"] != "MUST":
        return "warn"
    return "wrong-error" if finding["axis"] == "identity" else "fail"


def _key(finding: Mapping[str, Any]) -> tuple[str, str, str]:
    check, constraint = str(finding["check"]), str(finding["constraint"])
    if finding["axis"] == "decision" and constraint:
        # A bound may be broken on either side: too much accepted, or too much refused.
        return (check, constraint, str(finding["kind"]))
    if finding["axis"] == "behaviour":
        return (check, "", "")
    return (check, "", str(finding["expected"]))


def _size(finding: Mapping[str, Any]) -> tuple[int, int]:
    request = finding.get("request", {})
    return len(finding.get("script", ())), int(request.get("bytes", 0))


assert set(_ORDER) <= set(KINDS)
