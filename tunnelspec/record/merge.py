"""One record of several: of the parts of a run, or of its shards on several machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from zlib import crc32

from tunnelspec.client.endpoint import is_loopback_host
from tunnelspec.errors import UserError
from tunnelspec.record.deciding import decide
from tunnelspec.record.document import FurtherRounds, Record, RecordedCase, RecordedLatency, totals

#: What all shards of a run share, by the field's place in the record.
_SHARED = (
    ("suite", "version"),
    ("suite", "contract"),
    ("target", "endpoint"),
    ("target", "region"),
    ("run", "seed"),
    ("run", "depth"),
    ("run", "selection"),
)


def merged(parts: Sequence[Record]) -> Record:
    """The record of the whole run. Cases keep their order as far as their places in their parts show it."""
    rows = [(number / len(part["cases"]), row) for part in parts for number, row in enumerate(part["cases"])]
    cases: list[RecordedCase] = [row for _, row in sorted(rows, key=lambda placed: placed[0])]
    decide(cases)
    first, runs = parts[0], [part["run"] for part in parts]
    whole: Record = {
        **first,
        "run": {
            **first["run"],
            "started": min(run["started"] for run in runs),
            "duration_s": _span_s(parts),
            "requests": sum(run["requests"] for run in runs),
            "stopped": next((run["stopped"] for run in runs if run.get("stopped")), ""),
            "workers": sum(run.get("workers", 1) for run in runs),
            "throttled": sum(run.get("throttled", 0) for run in runs),
            "latency": _latency([found for run in runs if (found := run.get("latency"))]),
        },
        "totals": totals(case["outcome"] for case in cases),
        "cases": cases,
    }
    further = [run["further"] for run in runs if "further" in run]
    if further:
        whole["run"]["further"] = _further(further)
    facts = [contract for part in parts if (contract := part.get("contract"))]
    if facts:
        rules = {name: rule for fact in facts for name, rule in fact.get("rules", {}).items()}
        situations = {name: row for fact in facts for name, row in fact.get("situations", {}).items()}
        whole["contract"] = {**facts[0], "rules": rules, "situations": situations}
    whole["run"].pop("shard", None)
    return whole


def share(name: str, count: int) -> int:
    """The shard of a case, from 1 to `count`, by its name alone."""
    return crc32(name.encode()) % count + 1


def digest(names: Sequence[str]) -> str:
    """The digest that identifies a selection of cases."""
    return f"{crc32(chr(10).join(sorted(names)).encode()):08x}"


def merge_shards(shards: Sequence[tuple[Path, Record]]) -> Record:
    """The record of a run from those of its shards.

    Raises UserError, with one sentence, for records of no shard, for shards of different runs, and where a shard is
    missing or is there twice.
    """
    numbers = [_shard(path, record) for path, record in shards]
    for (path, one), (other, two) in pairwise(shards):
        for room, field in _SHARED:
            mine, theirs = _field(one, room, field), _field(two, room, field)
            if mine != theirs:
                raise UserError(f"{path} and {other} are of different runs: {room}.{field} is {mine} and {theirs}.")
    counts = {count for _, count in numbers}
    if len(counts) > 1:
        raise UserError(f"These are shards of different runs: of {' and of '.join(map(str, sorted(counts)))}.")
    for number in range(1, counts.pop() + 1):
        paths = [path for (path, _), shard in zip(shards, numbers, strict=True) if shard[0] == number]
        if not paths:
            raise UserError(f"Shard {number}/{numbers[0][1]} is missing.")
        if len(paths) > 1:
            raise UserError(f"Shard {number}/{numbers[0][1]} is there twice: {paths[0]} and {paths[1]}.")
    return merged([record for _, (_, record) in sorted(zip(numbers, shards, strict=True), key=lambda pair: pair[0])])


def _shard(path: Path, record: Record) -> tuple[int, int]:
    number, _, count = record["run"].get("shard", "").partition("/")
    if not (number.isdigit() and count.isdigit()):
        raise UserError(f"{path} is not the record of a shard: run with --shard.")
    return int(number), int(count)


def _field(record: Record, room: str, field: str) -> object:
    section: object = record.get(room)
    value = section.get(field) if isinstance(section, dict) else None
    # Each machine may have started the target for itself, on any free port.
    return "this machine" if field == "endpoint" and is_loopback_host(urlsplit(str(value)).hostname or "") else value


def _span_s(parts: Sequence[Record]) -> float:
    """From the first request to the last, in seconds; the records have whole seconds of their beginnings."""
    starts = [datetime.fromisoformat(part["run"]["started"]) for part in parts]
    ends = [start + timedelta(seconds=part["run"]["duration_s"]) for start, part in zip(starts, parts, strict=True)]
    return round((max(ends) - min(starts)).total_seconds(), 3)


def _further(found: Sequence[FurtherRounds]) -> FurtherRounds:
    return {
        "rounds": sum(item["rounds"] for item in found),
        "requests": sum(item["requests"] for item in found),
        "duration_s": max(item["duration_s"] for item in found),
        "responses": list(dict.fromkeys(kind for item in found for kind in item["responses"])),
        "findings": [finding for item in found for finding in item["findings"]],
    }


def _latency(found: Sequence[RecordedLatency]) -> RecordedLatency | None:
    if not found:
        return None
    answers = sum(item["answers"] for item in found)
    total_ms = sum(item["mean_ms"] * item["answers"] for item in found)
    return {
        "bounds_ms": found[0]["bounds_ms"],
        "counts": [sum(counts) for counts in zip(*(item["counts"] for item in found), strict=True)],
        "answers": answers,
        "mean_ms": round(total_ms / answers, 3) if answers else 0.0,
        "longest_ms": max(item["longest_ms"] for item in found),
    }
