"""Promoted findings: examples, whose smallest requests every later run sends again.

The folder `examples` is shipped with the suite; `--examples` names a file of the user's own. Both are JSON:

    {"schema": "tunnelspec.examples/1",
     "examples": [{"name": "…", "check": "…", "found_by": "…", "calls": [{"operation": "…", "body": {…}}]}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from zlib import crc32

from tunnelspec.contract import Contract, request_of
from tunnelspec.errors import UserError
from tunnelspec.exchange import Request
from tunnelspec.model import OPERATIONS, RULES
from tunnelspec.runner.calls import NoCalls, plain_calls, read_calls
from tunnelspec.runner.case import Case, Priority
from tunnelspec.runner.encode import Unresolved
from tunnelspec.runner.single import request_case
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import Scenario, scenario_case
from tunnelspec.scenario.runner import NotApplicable
from tunnelspec.strict_json import refuse_constant
from tunnelspec.text_file import UnreadableFile, read_text, write_whole

SCHEMA = "tunnelspec.examples/1"
AREA = "examples"
#: Larger files are no files of examples, in bytes.
_LARGEST = 20_000_000


class ExampleError(UserError):
    """A file of examples cannot be used; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Example:
    """Calls that once showed a defect: the rule that the last response violated, and the case that found it."""

    name: str
    calls: tuple[Request, ...]
    check: str = ""
    found_by: str = ""

    @property
    def id(self) -> str:
        """The name of its case."""
        return f"{AREA}/{self.calls[-1].operation}/{self.name}"

    def unknown(self, contract: Contract) -> str | None:
        """The first operation that the contract does not have, or None."""
        return next((call.operation for call in self.calls if call.operation not in contract.operations), None)


def example_cases(contract: Contract, paths: Iterable[Path] = ()) -> list[Case]:
    """The cases of the shipped examples, and of those in these files.

    Raises ExampleError for a file that cannot be used, or that is about another service.
    """
    by_id = {example.id: example for example in _shipped() if example.unknown(contract) is None}
    for path in paths:
        for example in read_examples(path):
            unknown = example.unknown(contract)
            if unknown is not None:
                raise ExampleError(f"{path}: {example.name} calls {unknown}, which the contract does not have.")
            by_id[example.id] = example
    return [example_case(contract, example) for example in by_id.values()]


def example_case(contract: Contract, example: Example, name: str = "") -> Case:
    """The case that sends an example, under its own name or the one given."""
    one_request = len(example.calls) == 1 and example.check not in RULES
    if one_request or not contract.operations.keys() >= OPERATIONS:
        return _single(contract, example, name or example.id)
    rule = RULES.get(example.check)
    return scenario_case(
        Scenario(
            name or example.id,
            AREA,
            example.calls[-1].operation,
            rule.requirement if rule else "A response that once violated a rule must conform to it.",
            frozenset({example.check} if example.check else RULES),
            rule.cites if rule else ("model",),
            lambda client: _steps(client, example.calls),
        ),
        Priority.EXAMPLE,
    )


def _single(contract: Contract, example: Example, name: str) -> Case:
    call = example.calls[-1]
    request = request_of(contract, call.operation, call.body)
    return replace(request_case(contract, AREA, example.name, request, "constraints", Priority.EXAMPLE), id=name)


def _steps(client: ScenarioClient, calls: Sequence[Request]) -> None:
    try:
        for call in calls:
            client.replay(call)
    except Unresolved as problem:
        raise NotApplicable(f"an earlier call does not return {problem}, which a later one needs") from None


def read_examples(path: Path) -> list[Example]:
    """The examples in a file. Raises ExampleError."""
    try:
        return list(_parsed(read_text(path, _LARGEST), str(path)))
    except UnreadableFile as problem:
        raise ExampleError(f"Cannot read {path}: {problem}.") from None


def _shipped() -> Iterator[Example]:
    folder = files("tunnelspec.suite") / AREA
    for file in sorted(folder.iterdir() if folder.is_dir() else (), key=lambda entry: entry.name):
        if file.name.endswith(".json"):
            yield from _parsed(file.read_text(encoding="utf-8"), file.name)


def _parsed(text: str, where: str) -> Iterator[Example]:
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as problem:
        raise ExampleError(f"{where}, line {problem.lineno}: this is not JSON.") from None
    except (ValueError, RecursionError):
        raise ExampleError(f"{where} is not JSON that this program reads.") from None
    if not isinstance(value, Mapping) or value.get("schema") != SCHEMA:
        raise ExampleError(f"{where} is no file of examples ({SCHEMA}).")
    examples = value.get("examples", ())
    if not isinstance(examples, Sequence) or isinstance(examples, str):
        raise ExampleError(f"{where}: 'examples' is not a list.")
    for number, item in enumerate(examples, 1):
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(name, str) or not name or "/" in name:
            raise ExampleError(f"{where}: example {number} has no name, which is a text without a slash.")
        try:
            calls = read_calls(item.get("calls"))
        except NoCalls as problem:
            raise ExampleError(f"{where}: {name} {problem}.") from None
        yield Example(name, calls, str(item.get("check", "")), str(item.get("found_by", "")))


def add_examples(path: Path, new: Sequence[Example]) -> list[Example]:
    """Write examples to a file, besides those that are there; those that were added. Raises ExampleError."""
    existing = read_examples(path) if path.exists() else []
    known = {_key(example) for example in existing}
    added = [example for example in new if _key(example) not in known]
    value = {"schema": SCHEMA, "examples": [_plain(example) for example in (*existing, *added)]}
    try:
        # In ASCII: escapes make invisible characters visible in a review.
        write_whole(path, json.dumps(value, indent=1) + "\n")
    except OSError as problem:
        raise ExampleError(f"Cannot write {path}: {problem.strerror}.") from None
    return added


def named(calls: tuple[Request, ...], check: str) -> str:
    """A name for new calls: the rule that they violate, and a digest of the calls."""
    digest = crc32(repr(calls).encode("utf-8", "backslashreplace"))
    return f"{check.rsplit('/', 1)[-1] or 'example'}-{digest:08x}"


def _key(example: Example) -> str:
    return repr((example.calls, example.check))


def _plain(example: Example) -> dict[str, object]:
    calls = plain_calls([(call, 0) for call in example.calls])
    return {"name": example.name, "check": example.check, "found_by": example.found_by, "calls": calls}


__all__ = [
    "Example",
    "ExampleError",
    "add_examples",
    "example_case",
    "example_cases",
    "named",
    "read_examples",
]
