"""Baselines: known deviations of a target, in a YAML file that people write and read.

`reports/baselines/README.md` describes the format. Listed cases still run. `expected.py` compares a
record with a baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tunnelspec.contract.reading import LOADER
from tunnelspec.errors import UserError
from tunnelspec.names import matches
from tunnelspec.text_file import UnreadableFile, read_text

#: Larger files are no baselines, in bytes.
_LARGEST = 2_000_000
#: The key of an entry's pattern, and the others that it may have.
_CASE, _KEYS = "case", ("case", "rule", "reason", "link", "expires", "added")
_DATES = ("expires", "added")
#: A reason that begins like this was not written by a person yet.
DRAFT = "draft:"


class BaselineError(UserError):
    """A baseline cannot be used; the message is one sentence, with the file and the line."""


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One entry: cases by pattern, the rule that they violate, and why. It holds through the day `expires`.

    `case` may hold several patterns, with a space between. Without a `rule`, as in older files, the entry is
    about whatever is wrong with its cases.
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
    rule: str = ""

    @property
    def is_draft(self) -> bool:
        """Whether nobody has said why yet."""
        return self.reason.startswith(DRAFT)

    def covers(self, name: str) -> bool:
        """Whether a case is one of the entry's."""
        return any(matches(name, pattern) for pattern in self.case.split())

    def excuses(self, name: str, rule: str) -> bool:
        """Whether a violation of this rule in this case is known; an empty rule asks for the case alone."""
        return (not self.rule or not rule or rule == self.rule) and self.covers(name)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and today > self.expires


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file, in their order; `head` are the lines of comment at its top."""

    file: str = ""
    entries: tuple[BaselineEntry, ...] = ()
    head: tuple[str, ...] = ()

    def entry_of(self, name: str, today: date, rule: str = "") -> BaselineEntry | None:
        """The entry that excuses a violation, or None: a flaky one first, and none whose time is over."""
        excusing = [entry for entry in self.entries if not entry.expired(today) and entry.excuses(name, rule)]
        return min(excusing, key=lambda entry: not entry.flaky, default=None)


def read(path: Path) -> Baseline:
    """Read a baseline. Raises BaselineError for a file that is none, naming the line at fault."""
    try:
        return parse(read_text(path, _LARGEST), str(path))
    except UnreadableFile as problem:
        raise BaselineError(f"Cannot read {path}: {problem}.") from problem


def parse(text: str, file: str) -> Baseline:
    """The baseline in a text; `file` is what sentences call it. Raises BaselineError."""
    try:
        root = yaml.compose(text, Loader=LOADER)
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
    keys: set[tuple[str, str, bool]] = set()
    for key, node in _pairs(root, file, ("known", "flaky"), "a baseline"):
        if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null"):
            continue
        if not isinstance(node, yaml.SequenceNode):
            raise _wrong(file, node, f"'{key}' is not a list of entries")
        for item in node.value:
            entry = _entry(item, file, lines, flaky=key == "flaky")
            if (entry.case, entry.rule, entry.flaky) in keys:
                raise _wrong(file, item, f"'{entry.case}' is listed twice")
            keys.add((entry.case, entry.rule, entry.flaky))
            yield entry


def _entry(item: yaml.Node, file: str, lines: Sequence[str], *, flaky: bool) -> BaselineEntry:
    values: dict[str, Any] = {}
    for key, node in _pairs(item, file, _KEYS, "an entry"):
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise _wrong(file, node, f"'{key}' is empty or no text")
        values[key] = node.value.strip()
        if key in _DATES:
            try:
                values[key] = date.fromisoformat(values[key])
            except ValueError:
                raise _wrong(file, node, f"'{values[key]}' is no date such as 2027-01-31") from None
        if key == "link" and not values[key].startswith(("https://", "http://")):
            raise _wrong(file, node, "a link begins with https://")
    for key in (_CASE, "reason", *(("expires",) if flaky else ())):
        if key not in values:
            raise _wrong(file, item, f"{'a flaky' if flaky else 'an'} entry must have '{key}'")
    line = item.start_mark.line + 1
    above = line - 1
    while above and lines[above - 1].strip().startswith("#"):
        above -= 1
    comments = tuple(text.strip() for text in lines[above : line - 1])
    return BaselineEntry(**values, flaky=flaky, line=line, comments=comments)


def _pairs(node: yaml.Node, file: str, keys: Sequence[str], what: str) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(file, node, f"{what} is a mapping with {', '.join(keys)}")
    names = set()
    for key, value in node.value:
        name = str(key.value)
        if name not in keys:
            raise _wrong(file, key, f"{what} has no '{name}', but {', '.join(keys)}")
        if name in names:
            raise _wrong(file, key, f"'{name}' is there twice")
        names.add(name)
        yield name, value


def _wrong(file: str, node: yaml.Node, what: str) -> BaselineError:
    return BaselineError(f"{file}, line {node.start_mark.line + 1}: {what}.")
