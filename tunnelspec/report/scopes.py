"""What the findings of one rule have in common, from the widest to the narrowest.

A scope explains findings if nearly all cases of the run that belong to it show them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

from tunnelspec.record.document import ConstraintRow, Record, RecordedCase, RecordedFinding, SituationRow
from tunnelspec.report.facts import constraint_rows, rules, situations
from tunnelspec.verdict import Kind

_K = TypeVar("_K", bound=Hashable)
_Evidence: TypeAlias = tuple[RecordedCase, RecordedFinding]
_Parts: TypeAlias = Iterator[tuple["Scope", list[_Evidence]]]
#: A scope explains findings if this share of its tested cases shows them, and there are so many.
_SHARE, _FEWEST = 0.9, 5
#: A keyword is never enforced only if several constraints show it.
_FEWEST_CONSTRAINTS = 3
_TESTED = ("pass", "warn", "fail")


@dataclass(frozen=True, slots=True)
class Scope:
    """What findings have in common. `name` says what sort of thing, `values` which; `title` is the
    requirement in these words, empty where the findings' own fits; `words` add to it.
    """

    name: str
    values: tuple[str, ...] = ()
    title: str = ""
    words: str = ""


def scopes(record: Record, rule: str, kind: str, evidence: Sequence[_Evidence]) -> _Parts:
    """The findings of one rule and kind by what they have in common."""
    if kind == Kind.UNIMPLEMENTED:
        yield _unimplemented(evidence), list(evidence)
    elif kind == Kind.ACCEPTED_INVALID:
        yield from _Decisions(record, evidence, "reject").parts()
    elif kind == Kind.REJECTED_VALID:
        yield from _Decisions(record, evidence, "accept").parts()
    elif kind in (Kind.SERVER_ERROR, Kind.NO_RESPONSE):
        title = "No request may get a 5xx status" if kind == Kind.SERVER_ERROR else ""
        yield from _unusable(record, title, evidence)
    elif kind == Kind.WRONG_VALUE and rule.count("/") == 1 and not evidence[0][1].get("constraint"):
        yield from _values(record, rule, evidence)
    else:
        yield from _forms(record, rule, evidence)


def _unimplemented(evidence: Sequence[_Evidence]) -> Scope:
    names = [case["operation"] for case, _ in evidence]
    title = "" if len(names) == 1 else "Every operation of the API must be implemented"
    return Scope("unimplemented", (), title, ", ".join(names) if len(names) > 1 else "")


def _values(record: Record, rule: str, evidence: Sequence[_Evidence]) -> _Parts:
    """A violated rule of behaviour is one defect, whatever the sequence of calls."""
    if any(finding["axis"] == "behaviour" for _, finding in evidence):
        yield Scope("rule", (), _sentence(record, rule)), list(evidence)
    else:
        yield from _forms(record, rule, evidence)


def _forms(record: Record, rule: str, evidence: Sequence[_Evidence]) -> _Parts:
    """One defect if the target does the same each time, or if all demand the same; else one a requirement."""
    required = _groups(evidence, lambda pair: pair[1]["expected"])
    observed = Counter(finding["observed"] for _, finding in evidence)
    if len(required) == 1:
        yield Scope("requirement", tuple(required)), list(evidence)
    elif len(observed) == 1:
        yield Scope("observation", tuple(observed), _sentence(record, rule)), list(evidence)
    else:
        for expected, part in required.items():
            yield Scope("requirement", (expected,)), part


def _unusable(record: Record, title: str, evidence: Sequence[_Evidence]) -> _Parts:
    """A 5xx or no response: to everything, to malformed bodies, to what an operation gets, or to one input."""
    tested = [case for case in record["cases"] if case["outcome"] in _TESTED]
    if _explains(evidence, tested):
        yield Scope("everything", (), title, "every request"), list(evidence)
        return
    known = situations(record)
    by_input = _groups(evidence, lambda pair: _input(pair, known))
    for key in list(by_input):
        # What only one operation shows, which fails on its members too, has the same cause.
        own = ("operation", *{case["operation"] for case, _ in by_input[key]})
        if key != own and own in by_input:
            by_input[own] += by_input.pop(key)
    whole = [key for key in by_input if key[0] == "operation" and _explains(by_input[key], _of_members(tested, key[1]))]
    if len(whole) > 1:
        names = [key[1] for key in whole]
        yield (
            Scope("operations", tuple(names), title, f"{len(names)} operations, whatever their input"),
            [pair for key in whole for pair in by_input.pop(key)],
        )
    for key, part in by_input.items():
        if key[0] == "operation":
            yield Scope(*_named(key), title=title, words=f"input of {key[1]}"), part
        else:
            yield Scope(*_named(key), title=title, words=_most_frequent_situation(part, known)), part


def _of_members(tested: Sequence[RecordedCase], operation: str) -> list[RecordedCase]:
    return [case for case in tested if case["operation"] == operation and case.get("constraint")]


def _most_frequent_situation(part: Sequence[_Evidence], known: Mapping[str, SituationRow]) -> str:
    names = [name for name, _ in Counter(finding.get("situation", "") for _, finding in part).most_common()]
    more = len(names) - 1
    others = f" and {more} more kind{'s' * (more > 1)} of input" if more else ""
    return f"{names[0]}{others}" if names[0] else ""


def _named(key: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return key[0], key[1:]


def _input(pair: _Evidence, known: Mapping[str, SituationRow]) -> tuple[str, ...]:
    """What sort of input it is: a body that cannot be parsed, or members of an operation's input."""
    case, finding = pair
    name = finding.get("situation", "")
    row = known.get(name)
    if finding["constraint"] or case["area"] not in ("protocol", "auth"):
        return ("operation", case["operation"])
    if row is None:
        return ("situation", name)
    # Rows that call for the same errors are refused at the same place, the parser for one.
    return ("errors", row["decision"], *row["error_types"])


class _Decisions:
    """Wrong decisions: input that is accepted though invalid, or refused though valid."""

    def __init__(self, record: Record, evidence: Sequence[_Evidence], decision: str) -> None:
        self._invalid = decision == "reject"
        self._evidence = list(evidence)
        self._tested = [c for c in record["cases"] if c.get("decision") == decision and _is_decided(c)]
        self._rows = {row["name"]: row for row in constraint_rows(record)}
        self._situations = situations(record)

    def parts(self) -> _Parts:
        """From the widest scope to the narrowest; each takes what it explains."""
        whole = self._whole_operations()
        if whole:
            part = self._take(lambda case, _: case["operation"] in whole)
            yield self._operations(whole, part), part
        for keyword in self._whole_keywords():
            part = self._take(partial(self._is_of, keyword))
            title = f"'{keyword}' must be enforced" if self._invalid else f"'{keyword}' must not be too strict"
            yield Scope("keyword", (keyword,), title, _of(part, self._about(keyword), self._invalid)), part
        for key, part in _groups([p for p in self._evidence if p[1]["constraint"]], self._member).items():
            names = list(dict.fromkeys(finding["constraint"] for _, finding in part))
            yield Scope("constraint", key, "", f"{len(names)} members" if len(names) > 1 else ""), part
        for situation, part in _groups(
            [p for p in self._evidence if not p[1]["constraint"]], lambda p: p[1].get("situation", "")
        ).items():
            yield from self._inputs(situation, part)

    def _whole_operations(self) -> list[str]:
        """The operations of which nearly every such request is decided wrongly."""
        found = []
        for name in dict.fromkeys(case["operation"] for case, _ in self._evidence):
            about = [case for case in self._tested if case["operation"] == name and self._has_subject(case)]
            own = [pair for pair in self._evidence if pair[0]["operation"] == name and self._has_subject(pair[0])]
            if _explains(own, about):
                found.append(name)
        return found

    def _has_subject(self, case: RecordedCase) -> bool:
        return bool(case.get("breaks")) if self._invalid else True

    def _operations(self, names: list[str], part: list[_Evidence]) -> Scope:
        about = [case for case in self._tested if case["operation"] in names]
        title = "Invalid input must be rejected" if self._invalid else "Valid input must be accepted"
        where = names[0] if len(names) == 1 else f"{len(names)} operations"
        return Scope("operations", tuple(names), title, f"{where}: {_of(part, about, self._invalid)}")

    def _whole_keywords(self) -> list[str]:
        """The keywords that are wrong in nearly every case of several constraints."""
        constraints = {finding["constraint"] for _, finding in self._evidence if finding["constraint"]}
        found = []
        for keyword in dict.fromkeys(self._keyword(name) for name in constraints):
            own = [pair for pair in self._evidence if self._keyword(pair[1]["constraint"]) == keyword]
            several = len({finding["constraint"] for _, finding in own}) >= _FEWEST_CONSTRAINTS
            if keyword and several and _explains(own, self._about(keyword)):
                found.append(keyword)
        return sorted(found)

    def _about(self, keyword: str) -> list[RecordedCase]:
        return [case for case in self._tested if self._keyword(case.get("constraint", "")) == keyword]

    def _is_of(self, keyword: str, _: RecordedCase, finding: RecordedFinding) -> bool:
        return self._keyword(finding["constraint"]) == keyword

    def _keyword(self, constraint: str) -> str:
        row = self._rows.get(constraint)
        return row["keyword"] if row else ""

    def _member(self, pair: _Evidence) -> tuple[str, ...]:
        """The same member, keyword and bound in several operations are one defect; so are all of one type."""
        row = self._rows.get(pair[1]["constraint"])
        if row is None:
            return (pair[1]["constraint"],)
        alike = {name for name, other in self._rows.items() if _same_bound(row, other)}
        shown = {finding["constraint"] for _, finding in self._evidence}
        member = "" if len(alike) > 1 and alike <= shown else row["path"]
        return (member, row["keyword"], row["bound"])

    def _inputs(self, situation: str, part: list[_Evidence]) -> _Parts:
        tested = [case for case in self._tested if case.get("situation") == situation]
        row = self._situations.get(situation)
        title = row["requirement"] if row else ""
        if len(part) * 2 >= len(tested):
            yield Scope("situation", (situation,), title), part
            return
        for name, own in _groups(part, lambda pair: pair[0]["id"].split("/", 2)[-1]).items():
            yield Scope("input", (situation, name), title, name), own

    def _take(self, chosen: Callable[[RecordedCase, RecordedFinding], bool]) -> list[_Evidence]:
        taken = [pair for pair in self._evidence if chosen(*pair)]
        self._evidence = [pair for pair in self._evidence if not chosen(*pair)]
        return taken


def _is_decided(case: RecordedCase) -> bool:
    """Whether the target accepted or rejected it: an internal error is neither."""
    undecided = (Kind.SERVER_ERROR, Kind.NO_RESPONSE)
    return case["outcome"] in _TESTED and not any(finding.get("kind") in undecided for finding in case["findings"])


def _same_bound(one: ConstraintRow, two: ConstraintRow) -> bool:
    return (one["keyword"], one["bound"]) == (two["keyword"], two["bound"])


def _explains(evidence: Sequence[_Evidence], tested: Sequence[RecordedCase]) -> bool:
    shown = {case["id"] for case, _ in evidence}
    return len(shown) >= _FEWEST and len(shown) >= _SHARE * len(tested)


def _of(part: Sequence[_Evidence], tested: Sequence[RecordedCase], invalid: bool) -> str:
    shown = {case["id"] for case, _ in part}
    total = len(shown | {case["id"] for case in tested})
    what = "invalid requests accepted" if invalid else "valid requests rejected"
    return f"{len(shown)} of {total} {what}"


def _sentence(record: Record, rule: str) -> str:
    found = rules(record).get(rule)
    return found["sentence"].rstrip(".") if found else ""


def _groups(evidence: Sequence[_Evidence], key: Callable[[_Evidence], _K]) -> dict[_K, list[_Evidence]]:
    found: dict[_K, list[_Evidence]] = {}
    for pair in evidence:
        found.setdefault(key(pair), []).append(pair)
    return found
