"""Baselines: what a target is known to do otherwise, in a YAML file that people write and read.

`reports/baselines/README.md` describes the format. Listed cases still run. An entry that no longer says
what is so, because its case passes, because no case has such a name, or because its time is over, is told
in a sentence that says what to delete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tunnelspec.errors import UserError
from tunnelspec.names import matches
from tunnelspec.report import expected_failures as known

#: The key of an entry's pattern, and the others that it may have.
_CASE, _KEYS = "case", ("case", "reason", "link", "expires", "added")
_DATES = ("expires", "added")
#: A reason that begins like this was not written by a person yet.
DRAFT = "draft:"
#: Names told in one sentence.
_MOST_NAMED = 3
_BAD = ("fail", "warn")


class BaselineError(UserError):
    """A baseline cannot be used; the message is one sentence, with the file and the line."""


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One line of a baseline: cases by pattern, and why they fail. It holds through the day `expires`.

    A flaky entry may go either way. `line` is where it begins in its file (0: not from a file);
    `comments` are the lines of comment above it.
    """

    case: str
    reason: str
    link: str = ""
    expires: date | None = None
    added: date | None = None
    flaky: bool = False
    line: int = 0
    comments: tuple[str, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether nobody has said why yet."""
        return self.reason.startswith(DRAFT)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and today > self.expires


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file, in their order; `head` are the lines of comment at its top."""

    file: str = ""
    entries: tuple[BaselineEntry, ...] = ()
    head: tuple[str, ...] = ()

    def entry_of(self, name: str, today: date) -> BaselineEntry | None:
        """The entry that excuses a case, or None: a flaky one first, and none whose time is over."""
        found = [e for e in self.entries if not e.expired(today) and matches(name, e.case)]
        return min(found, key=lambda entry: not entry.flaky, default=None)


def read(path: Path) -> Baseline:
    """Read a baseline. Raises BaselineError for a file that is none, naming the line at fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise BaselineError(f"Cannot read {path}: {reason}.") from problem
    return parse(text, str(path))


def parse(text: str, file: str) -> Baseline:
    """The baseline in a text; `file` is what sentences call it. Raises BaselineError."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{file}, line {mark.line + 1}" if mark else file
        raise BaselineError(f"{where}: this is not YAML.") from problem
    except RecursionError as problem:
        raise BaselineError(f"{file}: this nests too deeply for a baseline.") from problem
    lines = text.splitlines()
    entries = tuple(_entries(root, file, lines)) if root is not None else ()
    until = root.start_mark.line if root is not None else len(lines)
    head = [line for line in lines[:until] if line.startswith("#")]
    return Baseline(file, entries, tuple(head))


def _entries(root: yaml.Node, file: str, lines: Sequence[str]) -> Iterator[BaselineEntry]:
    seen: set[tuple[str, bool]] = set()
    for key, node in _pairs(root, file, ("known", "flaky"), "a baseline"):
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
            continue
        if not isinstance(node, yaml.SequenceNode):
            raise _wrong(file, node, f"'{key}' is not a list of entries")
        for item in node.value:
            entry = _entry(item, file, lines, flaky=key == "flaky")
            if (entry.case, entry.flaky) in seen:
                raise _wrong(file, item, f"'{entry.case}' is listed twice")
            seen.add((entry.case, entry.flaky))
            yield entry


def _entry(item: yaml.Node, file: str, lines: Sequence[str], *, flaky: bool) -> BaselineEntry:
    told: dict[str, Any] = {}
    for key, node in _pairs(item, file, _KEYS, "an entry"):
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise _wrong(file, node, f"'{key}' is empty or no text")
        told[key] = node.value.strip()
        if key in _DATES:
            try:
                told[key] = date.fromisoformat(told[key])
            except ValueError:
                raise _wrong(file, node, f"'{told[key]}' is no date such as 2027-01-31") from None
        if key == "link" and not told[key].startswith(("https://", "http://")):
            raise _wrong(file, node, "a link begins with https://")
    for key in (_CASE, "reason", *(("expires",) if flaky else ())):
        if key not in told:
            raise _wrong(file, item, f"{'a flaky' if flaky else 'an'} entry must have '{key}'")
    line = item.start_mark.line + 1
    above = line - 1
    while above and lines[above - 1].strip().startswith("#"):
        above -= 1
    comments = tuple(text.strip() for text in lines[above : line - 1])
    return BaselineEntry(**told, flaky=flaky, line=line, comments=comments)


def _pairs(node: yaml.Node, file: str, keys: Sequence[str], what: str) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(file, node, f"{what} is a mapping with {', '.join(keys)}")
    seen = set()
    for key, value in node.value:
        name = str(key.value)
        if name not in keys:
            raise _wrong(file, key, f"{what} has no '{name}', but {', '.join(keys)}")
        if name in seen:
            raise _wrong(file, key, f"'{name}' is there twice")
        seen.add(name)
        yield name, value


def _wrong(file: str, node: yaml.Node, what: str) -> BaselineError:
    return BaselineError(f"{file}, line {node.start_mark.line + 1}: {what}.")


def apply(record: dict[str, Any], baseline: Baseline, names: Iterable[str], today: date) -> None:
    """Say in a record which of its cases are known, and what of the baseline is no longer so.

    `names` are those of the whole suite: a case that was not selected is no reason to delete its entry.
    Totals stay as they are.
    """
    outcomes = {case["id"]: case["outcome"] for case in record["cases"]}
    for case in record["cases"]:
        entry = baseline.entry_of(case["id"], today) if case["outcome"] in _BAD else None
        if entry is not None:
            case["known"] = {
                "reason": entry.reason,
                "link": entry.link,
                "expires": entry.expires.isoformat() if entry.expires else "",
                "flaky": entry.flaky,
            }
    record["baseline"] = {
        "file": baseline.file,
        "drafts": sum(entry.is_draft for entry in baseline.entries),
        **problems(baseline, outcomes, names, today),
    }
    record["new_failures"] = known.new_failures(record)


def problems(
    baseline: Baseline, outcomes: Mapping[str, str], names: Iterable[str], today: date
) -> dict[str, list[str]]:
    """Sentences about entries: `stale` (their cases pass), `expired`, and `unmatched` (no such case).

    `outcomes` are those of the cases that were run, by name. An entry whose cases were all left out is not
    judged, unless no case of the suite has such a name.
    """
    everything = list(names)
    told: dict[str, list[str]] = {"stale": [], "expired": [], "unmatched": []}
    for entry in baseline.entries:
        where = f"{baseline.file}, line {entry.line}: "
        covered = [name for name in outcomes if matches(name, entry.case)]
        if not covered:
            if not any(matches(name, entry.case) for name in everything):
                told["unmatched"].append(f"{where}no case is named '{entry.case}'; delete the entry.")
        elif entry.expired(today):
            told["expired"].append(
                f"{where}the entry for '{entry.case}' expired on {entry.expires}; delete it, or look again"
                " and give it another day."
            )
        elif not entry.flaky:
            passing = [name for name in passing_of(covered, outcomes) if not _flaky(baseline, name, today)]
            if passing:
                told["stale"].append(where + _stale(entry, passing, covered))
    return told


def passing_of(names: Iterable[str], outcomes: Mapping[str, str]) -> list[str]:
    """Those of the names whose case passes."""
    return [name for name in names if outcomes.get(name) == "pass"]


def stale_sentence(baseline: Baseline, entry: BaselineEntry, name: str) -> str:
    """What to tell of one case that is listed and passes."""
    return f"{baseline.file}, line {entry.line}: {_stale(entry, [name], [name])}"


def _flaky(baseline: Baseline, name: str, today: date) -> bool:
    entry = baseline.entry_of(name, today)
    return entry is not None and entry.flaky


def _stale(entry: BaselineEntry, passing: Sequence[str], covered: Sequence[str]) -> str:
    if [entry.case] == list(passing):
        return f"'{entry.case}' passes now; delete the entry."
    if len(passing) == len(covered):
        return f"all of '{entry.case}' pass now ({len(passing)}); delete the entry."
    named = ", ".join(passing[:_MOST_NAMED])
    more = f" and {len(passing) - _MOST_NAMED} more" if len(passing) > _MOST_NAMED else ""
    return (
        f"'{entry.case}' lists {len(passing)} of {len(covered)} cases that pass now: {named}{more}; delete"
        " the entry, and list those that still fail."
    )
