"""An explanation as text for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from shlex import quote
from typing import Any

from tunnelspec.report.escape import printable

WIDTH = 80
#: How many faults or cases are named before the rest is only counted.
MOST = 12


def text(item: Mapping[str, object]) -> str:
    """One explanation. No line is longer than 80 columns, save addresses, names and commands."""
    return "\n".join(printable(line) for line in _lines(item))


def _lines(item: Mapping[str, Any]) -> Iterator[str]:
    yield f"{item['kind']} {item['id']}"
    yield ""
    yield from _wrapped(item["sentence"], "  ")
    if item.get("details"):
        yield from _wrapped(item["details"], "  ")
    if item.get("why"):
        yield from _part("why it conforms", _wrapped(item["why"], "  "))
    if item.get("defect_class"):
        yield from _part("kind of defect", [f"  {item['defect_class']}"])
    if item.get("sources"):
        sources = (line for source in item["sources"] for line in _source(source))
        yield from _part("sources", sources)
    if item.get("sends"):
        yield from _part("what is sent", _sends(item["sends"]))
    if item.get("rules"):
        yield from _part("rules that the case tests", _named(item["rules"]))
    if item.get("outcomes"):
        outcomes = (line for outcome in item["outcomes"] for line in _wrapped(outcome, "  ", "    "))
        yield from _part("what the outcome means", outcomes)
    if item.get("level"):
        yield from _part("level", [f"  {item['level']}"])
    if item.get("every_answer"):
        yield from _part("checks", ["  Every response in the areas protocol, validation and search."])
    if item.get("killer"):
        yield from _part("must be detected by", [f"  {item['killer']}"])
    if item.get("cases"):
        yield from _part("cases", _names(item["cases"]))
    for key, title in (("faults", "seeded faults that name it"), ("caught", "seeded faults that it detects")):
        if key in item:
            yield from _part(f"{title}: {len(item[key])}", _named(item[key]))
    yield from _part("to run it", [f"  {line}" for line in _commands(item)])


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield title
    yield from lines


def _wrapped(sentence: str, first: str, further: str | None = None) -> list[str]:
    indent = first if further is None else further
    return textwrap.wrap(sentence, WIDTH, initial_indent=first, subsequent_indent=indent)


def _source(source: Mapping[str, str]) -> list[str]:
    return [*_wrapped(source["title"], "  "), f"    {source['url']}"]


def _sends(sends: Mapping[str, Any]) -> Iterator[str]:
    yield from _wrapped(sends["how"], "  ")
    for call in sends["calls"]:
        yield from _wrapped(call, "    ", "      ")
    if sends["more"]:
        yield f"    … and {sends['more']} more"
    for number, calls in enumerate(sends.get("beside", ()), 1):
        yield f"  At the same time, client {number}:"
        for call in calls:
            yield from _wrapped(call, "    ", "      ")


def _named(items: list[Mapping[str, Any]]) -> Iterator[str]:
    for item in items[:MOST]:
        yield f"  {item['id']}"
        yield from _wrapped(item["sentence"], "    ")
    if len(items) > MOST:
        yield f"  … and {len(items) - MOST} more; --json names them all"


def _names(names: list[str]) -> Iterator[str]:
    yield from (f"  {name}" for name in names[:MOST])
    if len(names) > MOST:
        yield f"  … and {len(names) - MOST} more; --json names them all"


def _commands(item: Mapping[str, Any]) -> list[str]:
    name = quote(item["id"])
    return {
        "case": [f"tunnelspec run --select {name}"],
        "check": [f"tunnelspec selfcheck --without {name}"],
        "rule": [f"tunnelspec selfcheck --without {name}"],
        "fault": [f"tunnelspec emulator --fault {name}", f"tunnelspec selfcheck --select {name}"],
        "variant": [f"tunnelspec emulator --variant {name}", f"tunnelspec selfcheck --select {name}"],
    }[item["kind"]]
