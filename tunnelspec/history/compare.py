"""Where two targets differ: the same cases, side by side, with the requests and responses of each.

Works on plain data: a side is a list of cases of `{id, operation, area, outcome, reason, findings, calls}`
in which whatever differs from run to run has been replaced by placeholders. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tunnelspec.history.diff import steady

SCHEMA = "tunnelspec.comparison/1"
Case: TypeAlias = Mapping[str, Any]
#: A way in which two responses differ: kind, path, a, b.
_Way: TypeAlias = tuple[str, str, str, str]
#: A member that is not there.
MISSING = "not there"
#: Differences reported of one response.
_MOST_OF_ONE = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which the responses to a case differ.

    `kind` is `outcome`, `finding`, `failure`, `status`, `error type`, `content type`, `member`, `value` or
    `message`; `path` is the member of the response; `a` and `b` are what each target did. `call` is the
    number of the call in its case and its operation, empty where the whole case is meant.
    """

    case: str
    operation: str
    area: str
    kind: str
    path: str
    a: str
    b: str
    call: str = ""
    asked: str = ""


@dataclass
class Comparison:
    """All differences, the cases that agree, and those that could not be compared, with the reason."""

    differences: list[Difference] = field(default_factory=list)
    agreeing: list[str] = field(default_factory=list)
    not_compared: dict[str, str] = field(default_factory=dict)

    @property
    def agree(self) -> int:
        """How many cases agree."""
        return len(self.agreeing)

    @property
    def differing(self) -> list[str]:
        """The names of the cases that differ."""
        return list(dict.fromkeys(item.case for item in self.differences))


def compare(a: Sequence[Case], b: Sequence[Case], *, messages: bool = False) -> Comparison:
    """Lay two sides' cases beside each other. `messages` counts the wording of errors as well."""
    other = {case["id"]: case for case in b}
    comparison = Comparison()
    for case in a:
        twin = other.pop(case["id"], None)
        why = _why_not(case, twin)
        if twin is None or why:
            comparison.not_compared[case["id"]] = why
            continue
        differences = list(_differences(case, twin, messages))
        comparison.differences += differences
        comparison.agreeing += [] if differences else [case["id"]]
    comparison.not_compared.update(dict.fromkeys(other, "only the second has it"))
    return comparison


def _why_not(one: Case, two: Case | None) -> str:
    if two is None:
        return "only the first has it"
    for name, case in (("first", one), ("second", two)):
        if case["outcome"] == "inconclusive":
            return f"inconclusive at the {name}: {case['reason']}"
    return ""


def _differences(one: Case, two: Case, messages: bool) -> Iterator[Difference]:
    def difference(kind: str, a: str, b: str, path: str = "", call: str = "", asked: str = "") -> Difference:
        return Difference(one["id"], one["operation"], one["area"], kind, path, a, b, call, asked)

    if one["outcome"] != two["outcome"]:
        yield difference("outcome", _outcome(one), _outcome(two))
    elif _rules(one) != _rules(two):
        yield difference("finding", _outcome(one), _outcome(two))
    pair = _first_pair(one["calls"], two["calls"], messages)
    if pair is None:
        return
    number, first, second = pair
    call = f"call {number}, {first['operation']}" if number > 1 or len(one["calls"]) > 1 else ""
    for count, (kind, path, a, b) in enumerate(_ways(first, second, messages)):
        if count < _MOST_OF_ONE:
            yield difference(kind, a, b, path, call, first["asked"])


def _outcome(case: Case) -> str:
    if case["findings"]:
        return f"{case['outcome']}: {steady(case['findings'][0]['observed'])}"
    return f"{case['outcome']}: {steady(case['reason'])}" if case["reason"] else str(case["outcome"])


def _rules(case: Case) -> set[tuple[str, str]]:
    return {(finding["check"], finding["constraint"]) for finding in case["findings"]}


def _first_pair(
    one: Sequence[Case] | None, two: Sequence[Case] | None, messages: bool
) -> tuple[int, Case, Case] | None:
    """The first call with the same request and different responses; later differences may follow from it.

    None where there is none before the calls themselves part, or where calls have no order.
    """
    for number, (first, second) in enumerate(zip(one or (), two or (), strict=False), 1):
        if (first["operation"], first["asked"]) != (second["operation"], second["asked"]):
            return None
        if next(_ways(first, second, messages), None) is not None:
            return number, first, second
    return None


def _ways(one: Case, two: Case, messages: bool) -> Iterator[_Way]:
    """How two responses to the same call differ."""
    if one["failure"] or two["failure"]:
        if one["failure"] != two["failure"]:
            yield _both("failure", "", lambda case: case["failure"] or f"status {case['status']}", one, two)
        return
    if one["status"] != two["status"]:
        yield "status", "", str(one["status"]), str(two["status"])
    if one["error"] != two["error"]:
        yield _both("error type", "", lambda case: case["error"] or "none", one, two)
    if (one["status"] < 300) != (two["status"] < 300):
        return
    if one["type"] != two["type"]:
        yield _both("content type", "", lambda case: case["type"] or "none", one, two)
    if one["problem"] != two["problem"]:
        yield _both("value", "", lambda case: case["problem"] or "JSON", one, two)
        return
    yield from _values(one["body"], two["body"], "")
    if messages and one["message"] != two["message"]:
        yield _both("message", "", lambda case: case["message"] or "none", one, two)


def _both(kind: str, path: str, value: Callable[[Case], str], one: Case, two: Case) -> _Way:
    return kind, path, value(one), value(two)


def _values(one: object, two: object, path: str) -> Iterator[_Way]:
    if isinstance(one, dict) and isinstance(two, dict):
        for name in sorted(one.keys() | two.keys()):
            inner = f"{path}.{name}" if path else name
            if name in one and name in two:
                yield from _values(one[name], two[name], inner)
            else:
                yield "member", inner, _member(one, name), _member(two, name)
    elif isinstance(one, list) and isinstance(two, list):
        if len(one) != len(two):
            yield "value", path, _elements(one), _elements(two)
            return
        for first, second in zip(one, two, strict=True):
            yield from _values(first, second, f"{path}[]")
    elif type(one) is not type(two) or one != two:
        yield "value", path, _shown(one), _shown(two)


def _elements(value: Sequence[object]) -> str:
    return "1 element" if len(value) == 1 else f"{len(value)} elements"


def _member(side: Mapping[str, object], name: str) -> str:
    return _shown(side[name]) if name in side else MISSING


def _shown(value: object) -> str:
    return value if isinstance(value, str) and value.startswith("<") else json.dumps(value, ensure_ascii=False)


def by_difference(differences: Sequence[Difference]) -> list[tuple[Difference, list[str]]]:
    """Differences that are the same in several cases, each once, with the names of those cases.

    Differences of the outcome come first, then what most cases show.
    """
    groups: dict[tuple[str, ...], tuple[Difference, list[str]]] = {}
    for item in differences:
        key = (item.kind, item.path, item.a, item.b)
        groups.setdefault(key, (item, []))[1].append(item.case)
    return sorted(groups.values(), key=lambda group: (group[0].kind not in ("outcome", "finding"), -len(group[1])))
