"""What the findings of one rule have in common, from the widest to the narrowest.

A scope explains findings if nearly all cases of the run that belong to it show them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tunnelspec.grouping import grouped
from tunnelspec.printable import counted
from tunnelspec.record.document import Record, RecordedCase
from tunnelspec.record.facts import SituationRow
from tunnelspec.report.decisions import Decisions
from tunnelspec.report.facts import rules, situations
from tunnelspec.report.scope import TESTED, CaseFinding, Parts, Scope, explains, operation_of
from tunnelspec.verdict import Kind


def scopes(record: Record, rule: str, kind: str, evidence: Sequence[CaseFinding]) -> Parts:
    """The findings of one rule and kind by what they have in common."""
    if kind == Kind.UNIMPLEMENTED:
        yield _unimplemented(evidence), list(evidence)
    elif kind == Kind.ACCEPTED_INVALID:
        yield from Decisions(record, evidence, "reject").parts()
    elif kind == Kind.REJECTED_VALID:
        yield from Decisions(record, evidence, "accept").parts()
    elif kind in (Kind.SERVER_ERROR, Kind.NO_RESPONSE):
        title = "No request may get a 5xx status" if kind == Kind.SERVER_ERROR else ""
        yield from _unusable(record, title, evidence)
    elif kind == Kind.WRONG_VALUE and rule.count("/") == 1 and not evidence[0][1].get("constraint"):
        yield from _values(record, rule, evidence)
    else:
        yield from _forms(record, rule, evidence)


def _unimplemented(evidence: Sequence[CaseFinding]) -> Scope:
    names = [case["operation"] for case, _ in evidence]
    title = "" if len(names) == 1 else "Every operation of the API must be implemented"
    return Scope("unimplemented", (), title, ", ".join(names) if len(names) > 1 else "")


def _values(record: Record, rule: str, evidence: Sequence[CaseFinding]) -> Parts:
    """A violated rule of behaviour is one defect, whatever the sequence of calls."""
    if any(finding["axis"] == "behaviour" for _, finding in evidence):
        yield Scope("rule", (), _sentence(record, rule)), list(evidence)
    else:
        yield from _forms(record, rule, evidence)


def _forms(record: Record, rule: str, evidence: Sequence[CaseFinding]) -> Parts:
    """One defect if all observations or all requirements agree, else one for each requirement."""
    required = grouped(evidence, lambda pair: pair[1]["expected"])
    observed = Counter(finding["observed"] for _, finding in evidence)
    if len(required) == 1:
        yield Scope("requirement", tuple(required)), list(evidence)
    elif len(observed) == 1:
        yield Scope("observation", tuple(observed), _sentence(record, rule)), list(evidence)
    else:
        for expected, part in required.items():
            yield Scope("requirement", (expected,)), part


def _unusable(record: Record, title: str, evidence: Sequence[CaseFinding]) -> Parts:
    """A 5xx or no response: to everything, to malformed bodies, to what an operation gets, or to one input."""
    tested = [case for case in record["cases"] if case["outcome"] in TESTED]
    if explains(evidence, tested):
        yield Scope("everything", (), title, "every request"), list(evidence)
        return
    known = situations(record)
    by_input = grouped(evidence, lambda pair: _input(pair, known))
    for key in list(by_input):
        # What only one operation shows, which fails on its members too, has the same cause.
        own = ("operation", *set(map(operation_of, by_input[key])))
        if key != own and own in by_input:
            by_input[own] += by_input.pop(key)
    operation_keys = [
        key for key in by_input if key[0] == "operation" and explains(by_input[key], _of_members(tested, key[1]))
    ]
    if len(operation_keys) > 1:
        names = [key[1] for key in operation_keys]
        yield (
            Scope("operations", tuple(names), title, f"{len(names)} operations, whatever their input"),
            [pair for key in operation_keys for pair in by_input.pop(key)],
        )
    for key, part in by_input.items():
        if key[0] == "operation":
            yield Scope(*_named(key), title=title, words=f"input of {key[1]}"), part
        else:
            yield Scope(*_named(key), title=title, words=_most_frequent_situation(part, known)), part


def _of_members(tested: Sequence[RecordedCase], operation: str) -> list[RecordedCase]:
    return [case for case in tested if case["operation"] == operation and case.get("constraint")]


def _most_frequent_situation(part: Sequence[CaseFinding], known: Mapping[str, SituationRow]) -> str:
    names = [name for name, _ in Counter(finding.get("situation", "") for _, finding in part).most_common()]
    more = len(names) - 1
    others = f" and {counted(more, 'more kind')} of input" if more else ""
    return f"{names[0]}{others}" if names[0] else ""


def _named(key: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    return key[0], key[1:]


def _input(pair: CaseFinding, known: Mapping[str, SituationRow]) -> tuple[str, ...]:
    """The kind of input: a body that cannot be parsed, or members of an operation's input."""
    case, finding = pair
    name = finding.get("situation", "")
    row = known.get(name)
    if finding["constraint"] or case["area"] not in ("protocol", "auth", "http"):
        return ("operation", operation_of(pair))
    if row is None or case["area"] == "http":
        return ("situation", name)
    # Rows that call for the same errors are refused at the same place, the parser for one.
    return ("errors", row["decision"], *row["error_types"])


def _sentence(record: Record, rule: str) -> str:
    rule_row = rules(record).get(rule)
    return rule_row["sentence"].rstrip(".") if rule_row else ""
