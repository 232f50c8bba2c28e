"""Runs the suite at quick against mechanical mutants of the bundled emulator, and writes docs/mutation.md.

`python -m benchmarks.mutation [--count N] [--seed N] [--only DIGEST]`. Each mutant is a copy of the emulator's package
with one change, run in process in a child of its own. What the run reports is the result; survivors are classified by
hand in `mutation_survivors.yaml`, by the digest of the mutation.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import random
import sys
import time
import types
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mutators import Mutant, Mutated, apply, mutants
from tunnelspec.contract import Contract, load
from tunnelspec.emulator import Emulator, HttpRequest
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.suite import build, enabled
from tunnelspec.verdict import Outcome

ROOT = Path(__file__).parents[1]
PACKAGE = "tunnelspec.emulator"
#: In the order of their imports. connection.py and server.py take no part in a run in process.
MODULES = ("messages", "signature", "validation", "protocol", "store", "service")
CLASSIFIED = Path(__file__).with_name("mutation_survivors.yaml")
PAGE = ROOT / "docs" / "mutation.md"
COPY = "mutated_emulator"
#: A run in process takes a few seconds; one that takes this long hangs, which a client's timeout would report.
LONGEST_S = 120.0


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of one mutant.

    `result`: killed, warned, timeout, stopped (the run said that it could not test it), unusable (cannot be
    constructed) or survived. `case` is the first case that failed, else the first that warned, else why it stopped.
    """

    digest: str
    module: str
    function: str
    line: int
    operator: str
    diff: tuple[str, ...]
    result: str
    case: str = ""
    seconds: float = 0.0
    inconclusive: int = 0


class _Killed(Exception):
    """A case failed; the rest need not run."""


def draw(count: int, seed: int) -> list[Mutant]:
    """Mutants drawn by seed, from the operators in turn: dropped statements do not crowd out the others."""
    by_operator: defaultdict[str, list[Mutant]] = defaultdict(list)
    for module in MODULES:
        for mutant in mutants(module, _source(module)):
            by_operator[mutant.operator].append(mutant)
    generator = random.Random(seed)
    for group in by_operator.values():
        generator.shuffle(group)
    turns = chain.from_iterable(zip_longest(*(by_operator[name] for name in sorted(by_operator))))
    return [mutant for mutant in turns if mutant is not None][:count]


@lru_cache
def _source(module: str) -> str:
    return (ROOT / "tunnelspec" / "emulator" / f"{module}.py").read_text(encoding="utf-8")


def emulator_class(module: str, tree: ast.Module) -> type[Emulator]:
    """The emulator of a copy of its package in which one module is this tree. What serves it is not copied."""
    copied_modules = {PACKAGE, *(f"{PACKAGE}.{name}" for name in MODULES)}
    for name in ("", *MODULES):
        qualified = f"{COPY}.{name}".strip(".")
        sys.modules[qualified] = types.ModuleType(qualified)
    for name in MODULES:
        code = tree if name == module else ast.parse(_source(name))
        for node in ast.walk(code):
            if isinstance(node, ast.ImportFrom) and node.module in copied_modules:
                node.module = node.module.replace(PACKAGE, COPY)
        loaded = sys.modules[f"{COPY}.{name}"]
        setattr(sys.modules[COPY], name, loaded)
        exec(compile(code, f"<{name}>", "exec"), loaded.__dict__)
    copied: Any = sys.modules[f"{COPY}.service"]
    request_class: Any = sys.modules[f"{COPY}.messages"].__dict__["HttpRequest"]

    class Copied(copied.Emulator):  # type: ignore[misc]
        def handle(self, request: HttpRequest) -> Any:
            """As the copy handles it."""
            return super().handle(
                request_class(request.method, request.path, request.query, request.headers, request.body)
            )

    mutated: type[Emulator] = Copied
    return mutated


def run_mutant(mutant: Mutant, mutated: Mutated, contract: Contract, cases: Sequence[Case]) -> Trial:
    """Run the suite against one mutant, in a child with a time bound."""
    context = get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    started = time.monotonic()
    child = context.Process(target=_child, args=(mutant, mutated, contract, cases, sending))
    child.start()
    sending.close()
    received: dict[str, Any] = {"result": "timeout"}
    if receiving.poll(LONGEST_S):
        with contextlib.suppress(EOFError):
            received = receiving.recv()
    child.kill()
    child.join()
    seconds = round(time.monotonic() - started, 2)
    place = (mutated.digest, mutant.module, mutant.function, mutant.line, mutant.operator, mutated.diff)
    return Trial(*place, **received, seconds=seconds)


def _child(mutant: Mutant, mutated: Mutated, contract: Contract, cases: Sequence[Case], sending: Connection) -> None:
    warned: list[str] = []
    open_verdicts: list[str] = []

    def note(result: Result) -> None:
        if result.outcome is Outcome.WARN:
            warned.append(result.case.id)
        if result.outcome is Outcome.INCONCLUSIVE:
            open_verdicts.append(result.case.id)
        if result.outcome is Outcome.FAIL:
            sending.send({"result": "killed", "case": result.case.id})
            raise _Killed

    try:
        mutated_class = emulator_class(mutant.module, mutated.tree)
        mutated_class(contract, credentials={"key": "secret"})
    except Exception:
        sending.send({"result": "unusable"})
        return
    with contextlib.suppress(_Killed):
        run, _ = run_in_process(contract, cases, mutated_class, on_result=note, verifying=True)
        result = "stopped" if run.stopped else "warned" if warned else "survived"
        text = run.stopped or next(iter(warned), "")
        sending.send({"result": result, "case": text, "inconclusive": len(open_verdicts)})


def page(trials: Sequence[Trial], count: int, seed: int) -> str:
    """The page as Markdown. Raises KeyError for a survivor that nobody has classified."""
    classified: dict[str, dict[str, str]] = yaml.safe_load(CLASSIFIED.read_text(encoding="utf-8")) or {}
    counts = Counter(trial.result for trial in trials)
    open_ones = [trial for trial in trials if trial.result in ("warned", "survived")]
    classes = Counter(classified[trial.digest]["class"] for trial in open_ones if trial.result == "survived")
    lines = [
        "# Mutants of the emulator",
        "",
        "Written by `nox -s mutation`. A mutator that knows Python and not this project changes the bundled emulator in"
        " one place: a comparison, a constant, a condition, a statement, a dictionary key, a boolean operator, a string"
        " method, a keyword argument, a slice. The suite runs at quick against each mutant, in process. The emulator"
        " validates input by a route of its own, so its mutants are independent of the suite's contract table. (Faults"
        " chosen by hand are in [the self-check](selfcheck.md).)",
        "",
        f"{len(trials)} mutants, drawn with seed {seed} from {sum(len(mutants(m, _source(m))) for m in MODULES)}, the"
        " operators in turn.",
        "",
        "| result | mutants |",
        "| --- | --- |",
        f"| killed: a case failed (MUST) | {counts['killed']} |",
        f"| killed: the emulator hangs, which a client's timeout reports | {counts['timeout']} |",
        f'| killed: the run ended with "cannot be tested" (exit 3) | {counts["stopped"]} |',
        f"| only warned (SHOULD) | {counts['warned']} |",
        f"| survived | {counts['survived']} |",
        f"| cannot be constructed, not counted | {counts['unusable']} |",
        "",
        "Of the survivors, " + ", ".join(f"{classes[name]} are {text}" for name, text in _CLASSES.items()) + ".",
        "",
    ]
    for trial in sorted(open_ones, key=lambda trial: _rank(trial, classified)):
        entry = classified.get(trial.digest, {"class": "only warned", "reason": f"`{trial.case}` warns."})
        lines += [
            f"### `{f'{trial.module}.{trial.function}'.rstrip('.')}`: {trial.operator}",
            "",
            f"**{entry['class']}**: {entry['reason']} (`{trial.digest}`)",
            "",
            "```diff",
            *trial.diff,
            "```",
            "",
        ]
    return "\n".join(lines)


def _rank(trial: Trial, classified: Mapping[str, Mapping[str, str]]) -> tuple[int, str]:
    name = classified[trial.digest]["class"] if trial.digest in classified else ""
    return (-list(_CLASSES).index(name) if name in _CLASSES else -len(_CLASSES), trial.module)


_CLASSES = {
    "equivalent": "equivalent (no request can show the change)",
    "unspecified": "unspecified (AWS's sources allow it, or no source speaks of it)",
    "deeper": "found at standard",
    "miss": "missed",
}


def main() -> int:
    """Draw, run, write the page; status 1 where a survivor is not classified."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", action="append", default=[], help="run the mutants with these digests alone")
    parser.add_argument("--json", type=Path, help="where results are kept, and read from where they are")
    given = parser.parse_args()
    ignore_local_constants()
    contract = load()
    # An exception here would make every mutant "unusable".
    emulator_class(MODULES[0], ast.parse(_source(MODULES[0])))(contract, credentials={"key": "secret"})
    cases = enabled(build(contract, depth="quick", seed=given.seed))
    kept = json.loads(given.json.read_text(encoding="utf-8")) if given.json and given.json.exists() else []
    trials = {item["digest"]: Trial(**{**item, "diff": tuple(item["diff"])}) for item in kept}
    drawn = []
    for mutant in draw(given.count, given.seed):
        mutated = apply(mutant, _source(mutant.module))
        if given.only and mutated.digest not in given.only:
            continue
        drawn.append(mutated.digest)
        if given.only or mutated.digest not in trials:
            trial = trials[mutated.digest] = run_mutant(mutant, mutated, contract, cases)
            print(f"{trial.result:9} {trial.digest} {trial.module}.{trial.function}: {trial.operator} {trial.case}")
            if trial.result in ("survived", "warned"):
                print(*(f"    {line}" for line in trial.diff), sep="\n", flush=True)
            if given.json:
                given.json.write_text(json.dumps([asdict(item) for item in trials.values()]), encoding="utf-8")
    if given.only:
        return 0
    try:
        PAGE.write_text(page([trials[digest] for digest in drawn], given.count, given.seed), encoding="utf-8")
    except KeyError as digest:
        print(f"The survivor {digest} is not classified in {CLASSIFIED.name}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
