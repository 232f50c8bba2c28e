"""The run record: plain data that every report is made from, schema `tunnelspec.record/1`.

Fields may be added within version 1; none is renamed or removed. A file is validated by the types here before any
command reads it, and docs/reference/record.schema.json is made from them. `NotRequired` marks what some records do not
have, such as those of earlier releases.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, NotRequired, TypedDict, cast

from tunnelspec.errors import UserError
from tunnelspec.record.facts import ContractFacts, Count
from tunnelspec.record.validation import first_violation
from tunnelspec.strict_json import refuse_constant
from tunnelspec.text_file import UnreadableFile, read_text, write_whole
from tunnelspec.verdict import Level, Outcome

SCHEMA = "tunnelspec.record/1"
#: A record of a deep run of a bad target is about 20 MB.
LARGEST_FILE = 200_000_000
Header = Annotated[list[str], {"minItems": 2, "maxItems": 2}]


class Cite(TypedDict):
    """A source of a rule."""

    id: NotRequired[str]
    title: str
    url: str


class SentRequest(TypedDict):
    """A request as it went on the wire; `body` is cut where it is long, `bytes` is its whole length."""

    method: str
    path: str
    headers: list[Header]
    body: str
    bytes: NotRequired[Count]
    shown: NotRequired[str]


class WireProblemRow(TypedDict):
    """What is wrong with a response's framing: a fault, and the lengths in bytes that it is about."""

    fault: str
    expected: int | None
    actual: int | None


class ReceivedResponse(TypedDict):
    """A response, or why there is none (`failure`)."""

    shown: str
    failure: NotRequired[str | None]
    status: NotRequired[int]
    headers: NotRequired[list[Header]]
    body: NotRequired[str]
    bytes: NotRequired[Count]
    wire_problems: NotRequired[list[WireProblemRow]]


class Step(TypedDict):
    """A call of a sequence and its response, each in one line."""

    call: str
    answer: str


class Reproduction(TypedDict):
    """How a reader sends it again: `shell` is the script that also deletes what `curl` opens; it reads long bodies
    from files beside it, which `bodies` holds by name.
    """

    curl: str
    python: str
    shell: NotRequired[str]
    bodies: NotRequired[dict[str, str]]


class KnownDeviation(TypedDict):
    """The baseline's entry for it."""

    reason: str
    link: NotRequired[str]
    expires: NotRequired[str]
    flaky: NotRequired[bool]


class RecordedFinding(TypedDict):
    """One violated rule in one case. `check` is the rule's id, `operation` that of the call whose response violates it,
    which may be another than the case's."""

    check: str
    level: Annotated[str, {"enum": list(Level)}]
    axis: str
    constraint: str
    expected: str
    observed: str
    cites: list[Cite]
    reproduce: Reproduction
    operation: NotRequired[str]
    kind: NotRequired[str]
    situation: NotRequired[str]
    request: NotRequired[SentRequest]
    response: NotRequired[ReceivedResponse]
    calls: NotRequired[object]
    script: NotRequired[Annotated[list[Step], {"minItems": 1}]]
    reproduces: NotRequired[str]
    known: NotRequired[KnownDeviation]


class RecordedCase(TypedDict):
    """One case. `expected` and `observed` are those of the finding that decided its outcome."""

    id: Annotated[str, {"minLength": 1}]
    operation: str
    area: str
    level: str
    outcome: Annotated[str, {"enum": list(Outcome)}]
    requests: Count
    expected: str
    observed: str
    reason: NotRequired[str]
    cites: list[Cite]
    reproduce: Reproduction
    findings: list[RecordedFinding]
    duration_s: NotRequired[float]
    constraint: NotRequired[str]
    situation: NotRequired[str]
    decision: NotRequired[str]
    breaks: NotRequired[list[str]]
    decided_by: NotRequired[Count]
    known: NotRequired[KnownDeviation]


class Suite(TypedDict):
    """What tested."""

    version: str
    contract: NotRequired[str]
    python: NotRequired[str]
    hypothesis: NotRequired[str]
    schemathesis: NotRequired[str]


class Target(TypedDict):
    """What was tested."""

    endpoint: str
    region: str
    service: NotRequired[str]


class RecordedLatency(TypedDict):
    """Response times by bucket, in milliseconds."""

    bounds_ms: list[float]
    counts: list[Count]
    answers: Count
    mean_ms: float
    longest_ms: float


class FoundFinding(TypedDict):
    """A rule that a case found violated."""

    case: str
    check: str


class FurtherRounds(TypedDict):
    """What searches found in the time that was left after every case had been run: kinds of responses that no request
    had before, in words, and violated rules."""

    rounds: Count
    requests: Count
    duration_s: float
    responses: list[str]
    findings: list[FoundFinding]


class RunFacts(TypedDict):
    """How it was tested. `stopped` says why a run ended early. `shard` is `i/N` where this is a part of a run;
    all parts have the same `selection`, a digest of the names of all their cases."""

    seed: int
    depth: str
    started: str
    duration_s: float
    requests: Count
    stopped: NotRequired[str | None]
    workers: NotRequired[Count]
    throttled: NotRequired[Count]
    latency: NotRequired[RecordedLatency | None]
    shard: NotRequired[Annotated[str, {"pattern": "^[0-9]+/[0-9]+$"}]]
    selection: NotRequired[str]
    further: NotRequired[FurtherRounds]


class BaselineFacts(TypedDict):
    """What the baseline no longer says truly, in sentences."""

    file: str
    drafts: NotRequired[Count]
    stale: NotRequired[list[str]]
    expired: NotRequired[list[str]]
    unmatched: NotRequired[list[str]]


Totals = TypedDict("Totals", {"pass": Count, "fail": Count, "warn": Count, "skipped": Count, "inconclusive": Count})
Totals.__doc__ = "Case counts by outcome."


def totals(outcomes: Iterable[str]) -> Totals:
    """How many there are of each outcome."""
    counts = Counter(outcomes)
    return cast(Totals, {name: counts[name] for name in Totals.__annotations__})


class Record(TypedDict):
    """A whole run."""

    schema: Annotated[str, {"const": SCHEMA}]
    suite: Suite
    target: Target
    run: RunFacts
    totals: Totals
    cases: Annotated[list[RecordedCase], {"maxItems": 100_000}]
    contract: NotRequired[ContractFacts]
    baseline: NotRequired[BaselineFacts]
    new_failures: NotRequired[Count]


class RecordError(UserError):
    """A file is no run record; the message is one sentence."""


def write(record: Mapping[str, object], path: Path) -> None:
    """Write a record as JSON in ASCII, whole or not at all. Raises OSError."""
    write_whole(path, json.dumps(record, indent=1) + "\n")


def read(path: Path) -> Record:
    """Read a record. Raises RecordError for what is none, or is damaged."""
    try:
        record: object = json.loads(read_text(path, LARGEST_FILE), parse_constant=refuse_constant)
    except UnreadableFile as problem:
        raise RecordError(f"Cannot read {path}: {problem}.") from problem
    except RecursionError as problem:
        raise RecordError(f"{path} nests too deeply for a run record.") from problem
    except json.JSONDecodeError as problem:
        raise RecordError(f"{path}, line {problem.lineno}: this is not JSON.") from problem
    except ValueError as problem:
        raise RecordError(f"{path} is not JSON: it holds a number that is none.") from problem
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise RecordError(f"{path} is not a run record ({SCHEMA}).")
    violation = first_violation(record, Record)
    if violation:
        raise RecordError(f"{path} is a damaged run record: {violation}.")
    valid: Record = record  # type: ignore[assignment]  # the validation has just checked every field
    return valid
