"""What a case tests and sends, what a check reports, what a seeded fault violates: as plain data.

The calls of a case are recorded while it runs against the emulator.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Self

from tunnelspec.checks import CHECKS
from tunnelspec.contract import Contract
from tunnelspec.contract.oracle import Situation
from tunnelspec.emulator import Emulator
from tunnelspec.exchange import PLAIN, Exchange, RawRequest, Request, Wire
from tunnelspec.faults import Fault, all_faults, all_variants
from tunnelspec.model import RULES
from tunnelspec.names import matches
from tunnelspec.record.steps import line
from tunnelspec.record.wire import shown
from tunnelspec.runner.case import Case, CaseKind
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.executor import run_cases
from tunnelspec.runner.in_process import DirectSender, run_in_process
from tunnelspec.runner.session import Session
from tunnelspec.runner.traffic import Sender
from tunnelspec.suite import DEPTHS, SCENARIOS, SEQUENCES, UnknownCase, build
from tunnelspec.verdict import Level, Outcome

Plain = dict[str, Any]
#: How many sequences of a stateful test, and requests of a search, serve as examples.
EXAMPLES = 3
MOST_CALLS = 12


class UnknownName(UnknownCase):
    """No case, check, fault or variant has this name; the message gives the nearest one."""


def explain(name: str, contract: Contract, *, measured: bool = False) -> list[Plain]:
    """Everything of this name: a case, a check or rule, a fault, a variant.

    `measured` finds the faults that a case or check detects by running all of them, which takes a while.
    Raises UnknownName.
    """
    cases = {case.id: case for case in build(contract)}
    faults, variants = all_faults(contract), all_variants()
    explanations: list[Plain] = []
    if name in cases:
        explanations.append(_case(cases[name], contract, faults, measured=measured))
    if name in CHECKS or name in RULES:
        explanations.append(_check(name, contract, cases, faults, measured=measured))
    if name in faults:
        explanations.append(_fault(faults[name], cases))
    if name in variants:
        variant = variants[name]
        explanations.append({"kind": "variant", "id": name, "sentence": variant.sentence, "why": variant.why})
    if not explanations:
        known = [*cases, *CHECKS, *RULES, *faults, *variants]
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
        raise UnknownName(f"Nothing is named '{name}'; the nearest name is '{nearest}'.")
    return explanations


def _case(case: Case, contract: Contract, faults: Mapping[str, type[Fault]], *, measured: bool) -> Plain:
    plain: Plain = {
        "kind": "case",
        "id": case.id,
        "area": case.area,
        "operation": case.operation,
        "sentence": case.requirement,
        "sources": _sources(case.cites, contract),
        "sends": _sends(case, contract),
        "outcomes": _outcomes(case, contract),
    }
    if case.id in SCENARIOS:
        plain["rules"] = [_rule(name) for name in sorted(SCENARIOS[case.id].watched)]
    named = [fault for fault in faults.values() if matches(case.id, fault.killer)]
    plain["faults"] = [_summary(fault) for fault in named]
    if measured:
        caught = [fault for fault in faults.values() if _findings([case], fault, contract)]
        plain["caught"] = [_summary(fault) for fault in caught]
    return plain


def _check(
    name: str, contract: Contract, cases: Mapping[str, Case], faults: Mapping[str, type[Fault]], *, measured: bool
) -> Plain:
    rule, check = RULES.get(name), CHECKS.get(name)
    plain: Plain = {"kind": "rule" if rule else "check", "id": name}
    if rule is not None:
        plain |= {"sentence": rule.requirement, "level": rule.level.value, "sources": _sources(rule.cites, contract)}
        plain["cases"] = [script.id for script in SCENARIOS.values() if name in script.watched]
    elif check is not None:
        plain |= {"sentence": check.sentence, "level": check.level.value, "sources": _sources(check.cites, contract)}
        plain["details"] = " ".join((check.function.__doc__ or "").partition("\n\n")[2].split())
        plain["cases"] = [script.id for script in SCENARIOS.values() if name in script.watched]
        plain["every_answer"] = True
    if measured:
        caught = []
        for fault in faults.values():
            named = [case for case in cases.values() if matches(case.id, fault.killer)]
            if name in _findings(named, fault, contract):
                caught.append(_summary(fault))
        plain["caught"] = caught
    return plain


def _fault(fault: type[Fault], cases: Iterable[str]) -> Plain:
    return {
        "kind": "fault",
        "id": fault.id,
        "sentence": fault.sentence,
        "defect_class": fault.defect_class,
        "killer": fault.killer,
        "cases": [name for name in cases if matches(name, fault.killer)],
    }


def _summary(fault: type[Fault]) -> Plain:
    return {"id": fault.id, "sentence": fault.sentence, "defect_class": fault.defect_class}


def _rule(name: str) -> Plain:
    rule = RULES.get(name)
    return {"id": name, "sentence": rule.requirement if rule else CHECKS[name].sentence}


def _findings(cases: list[Case], fault: type[Fault], contract: Contract) -> set[str]:
    """The checks that yield a finding when these cases, searches apart, run against this fault."""
    listed = [case for case in cases if not case.kind.is_random]
    run, _ = run_in_process(contract, listed, fault, verifying=fault.verifying, served=fault.served)
    bad = [item for item in run.results if item.outcome in (Outcome.FAIL, Outcome.WARN)]
    return {seen.finding.rule for item in bad for seen in item.evidence}


def _sources(cites: tuple[str, ...], contract: Contract) -> list[Plain]:
    return [asdict(source) for source in contract.cited(cites)]


# What is sent.


class _RecordingSession(Session):
    """A session that records what it sends; each fork has a record of its own."""

    def __init__(self, contract: Contract, sender: Sender, context: RunContext | None = None) -> None:
        super().__init__(contract, sender, context)
        self.requests: list[Request | RawRequest] = []
        self.beside: list[_RecordingSession] = []

    def send(self, request: Request, *, fresh: bool = False) -> Exchange:
        self.requests.append(request)
        return super().send(request)

    def send_raw(self, raw: RawRequest, *, fresh: bool = False) -> Exchange:
        self.requests.append(raw)
        return super().send_raw(raw)

    def step(
        self, request: Request, names: Mapping[str, Mapping[str, str]], *, fresh: bool = False, wire: Wire = PLAIN
    ) -> Exchange:
        self.requests.append(request)
        return super().step(request, names, fresh=fresh, wire=wire)

    def fork(self) -> Self:
        forked = super().fork()
        self.beside.append(forked)
        return forked


def _sends(case: Case, contract: Contract) -> Plain:
    session = _RecordingSession(contract, DirectSender(Emulator(contract)))
    played = replace(case, settings=replace(case.settings, examples=EXAMPLES))
    run_cases(contract, [played], lambda: session, probes=())
    calls = [_shown(request) for request in session.requests]
    plain: Plain = {"how": _how(case), "calls": calls[:MOST_CALLS], "more": max(0, len(calls) - MOST_CALLS)}
    if session.beside:
        plain["beside"] = [[_shown(request) for request in client.requests] for client in session.beside]
    return plain


def _how(case: Case) -> str:
    if case.kind is CaseKind.STATEFUL:
        depths = _depths(SEQUENCES)
        return (
            "Hypothesis' rule-based state machine draws sequences of calls, and a model of the service checks every"
            " response; each violated rule is then shown by the shortest sequence."
            f" Sequences: {depths}. The first calls of one:"
        )
    if case.kind is CaseKind.SEARCH:
        valid = case.situation == "valid"
        what = "violate no constraint" if valid else "violate exactly one constraint"
        return (
            f"Hypothesis draws requests of {case.operation} that {what}, and shrinks those that show a defect."
            f" Requests: {_depths(DEPTHS)}. For example:"
        )
    if case.request is None:
        return "A scenario; later calls refer to what earlier ones returned:"
    return "One request, minimal in everything else:"


def _depths(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} at {depth}" for depth, count in counts.items())


def _shown(request: Request | RawRequest) -> str:
    if isinstance(request, Request):
        text, _ = shown(line(request).encode("utf-8", "surrogatepass"), str)
        return text
    headers = ", ".join(f"{name}: {value}" for name, value in request.headers)
    path = request.path if len(request.path) <= 60 else f"{request.path[:20]} … {len(request.path)} characters"
    body, _ = shown(request.body, str)
    return f"{request.method} {path} {headers}; body: {body or '(empty)'}"


# The outcomes.


def _outcomes(case: Case, contract: Contract) -> list[str]:
    """What makes the case pass, warn and fail, in sentences."""
    if case.kind is CaseKind.IMPLEMENTED:
        return [
            "pass: the operation exists, whatever it returns.",
            "fail: the response to a valid call says that it does not exist.",
        ]
    if case.request is not None:
        return _row(contract.situations[case.request.situation])
    if case.kind is CaseKind.SEARCH:
        return _row(contract.situations[case.situation])
    return [
        "pass: every response agrees with the calls before it.",
        "fail: a response violates one of the rules that the case tests.",
        "skipped: the target rejects a call that it may reject.",
    ]


def _row(row: Situation) -> list[str]:
    if row.decision == "either":
        why = f" ({row.why.rstrip('.')})" if row.why else ""
        return [
            f"pass: it is accepted or rejected: EITHER{why}.",
            "fail: status 5xx, no response, or a malformed one.",
        ]
    sentences = []
    bad = "fail" if row.level is Level.MUST else "warn"
    if row.decision == "accept":
        sentences.append("pass: status 200" + (f", or {_any(row.codes)}." if row.codes else "."))
    else:
        statuses = _any(f"status {status}" for status in row.status) or "a 4xx"
        sentences.append(f"pass: {statuses} with {_any(row.codes) or 'any error'}.")
    tolerated = {**{f"status {s}": why for s, why in row.tolerated_status.items()}, **row.tolerated_codes}
    sentences += [f"warn: {what} ({why})." for what, why in tolerated.items()]
    verb = "rejected" if row.decision == "accept" else "accepted"
    sentences.append(f"{bad}: it is {verb}, or gets any other response ({row.level.value}).")
    return sentences


def _any(items: Iterable[str]) -> str:
    return " or ".join(items)
