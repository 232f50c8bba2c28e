"""The page of the cases: what is sent to each operation, what the response must be, and why.

A constraint's cases stand in one line, by what they demand; other cases that all operations have stand in one
line for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from docs.generate.markdown import address, anchored, code, escaped, links, table, top
from tunnelspec.contract import Contract
from tunnelspec.runner.case import Case
from tunnelspec.suite import SCENARIOS, build

_DECISIONS = ("accept", "reject", "either")
_AREAS = {
    "protocol": "The wire: dispatch, content types, malformed JSON, methods and paths.",
    "validation": "Every constraint of the contract at its bounds: at the bound, one step inside or outside, "
    "absent, null and of each wrong type.",
    "auth": "Signatures that are wrong in one respect, if the target verifies signatures.",
    "search": "Hypothesis searches with valid requests, and with requests that violate one constraint.",
    "journeys": "The stateful test: Hypothesis draws sequences of calls, and the model checks each response.",
}


def page(contract: Contract) -> str:
    """`cases.md`: the suite, area by area."""
    cases = build(contract)
    parts = [
        top(
            "Cases",
            "cases",
            f"{len(cases)} cases, by area. A case's name is the same from run to run and from release to "
            "release: `--select`, reports and baselines use it. `tunnelspec cases --json` lists the cases one by one.",
            "*accept*, *reject* and *either* link to the [row of the oracle](errors.md) that lists the "
            "responses that pass.",
        )
    ]
    by_area: dict[str, list[Case]] = {}
    for case in cases:
        by_area.setdefault(case.area, []).append(case)
    for area, found in by_area.items():
        parts.append(f"## {area}\n")
        parts.append(f"{_AREAS.get(area, '')} {len(found)} cases.".strip() + "\n")
        if area == "validation":
            parts.extend(_constraints(contract, found))
        else:
            parts.append(f"Named `{area}/<Operation>/<name>`.\n")
            parts.append(table(("name", "operations", "requirement", "level", "sources"), _shared(contract, found)))
    return "\n".join(parts)


def _shared(contract: Contract, cases: Sequence[Case]) -> Iterator[list[str]]:
    """Cases that differ only in the operation as one, and those with the same requirement in one line."""
    by_name: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        name = "/".join(case.id.split("/")[2:])
        by_name.setdefault((name, case.requirement.replace(case.operation, "the operation")), []).append(case)
    lines: dict[tuple[str, ...], list[str]] = {}
    for (name, requirement), found in by_name.items():
        first = found[0]
        decision = _decision(contract, first)
        sentence = (requirement if len(found) > 1 else first.requirement).rstrip(".") + "."
        line: tuple[str, ...] = (
            _operations(contract, [case.operation for case in found]),
            (f"{decision}: " if decision else "") + escaped(sentence[0].upper() + sentence[1:]),
            first.level,
            links(first.cites),
        )
        # Pages of rules link to scripts by name, so each of those has an address of its own.
        named = found if first.id in SCENARIOS else found[:1]
        addresses = "".join(anchored("case", case.id) for case in named)
        lines.setdefault(line, []).append(addresses + code(name))
    for line, names in lines.items():
        yield [", ".join(names), *line]


def _operations(contract: Contract, names: Sequence[str]) -> str:
    """Operations in the shortest form: those, all, or all but a few."""
    others = [name for name in contract.operations if name not in names]
    if len(others) > 2:
        return ", ".join(names)
    return f"all but {' and '.join(others)}" if others else "all"


def _decision(contract: Contract, case: Case) -> str:
    """The decision on the case's request, as a link to the oracle's row, or nothing where it has many."""
    if case.request is None:
        return ""
    row = contract.situations[case.request.situation]
    return f"[{row.decision}](errors.md#{address('situation', row.id)})"


def _constraints(contract: Contract, cases: Iterable[Case]) -> Iterator[str]:
    for operation in contract.operations:
        lines: dict[tuple[str, str], list[tuple[str, Case]]] = {}
        for case in cases:
            if case.operation == operation:
                path, keyword, variant = case.id.removeprefix(f"validation/{operation}/").rsplit("/", 2)
                lines.setdefault((path, keyword), []).append((variant, case))
        if not lines:
            continue
        yield f"### {operation}\n"
        yield f"Named `validation/{operation}/<member>/<keyword>/<variant>`.\n"
        yield table(
            ("member", "keyword", "constraint", "variants, by required outcome", "level", "sources"),
            (
                [
                    anchored("case", f"validation/{operation}/{path}/{keyword}") + code(path),
                    code(keyword),
                    escaped(_sentence(contract, operation, path, keyword, found[0][1])),
                    _variants(contract, found),
                    ", ".join(dict.fromkeys(case.level for _, case in found)),
                    links([cite for _, case in found for cite in case.cites]),
                ]
                for (path, keyword), found in lines.items()
            ),
        )


def _sentence(contract: Contract, operation: str, path: str, keyword: str, case: Case) -> str:
    row = contract.constraint.get(f"{operation}/{path}/{keyword}")
    return row.sentence.removeprefix(f"{path} ") if row else case.requirement


def _variants(contract: Contract, found: Sequence[tuple[str, Case]]) -> str:
    by_row: dict[str, list[str]] = {}
    for variant, case in found:
        if case.request is not None:
            by_row.setdefault(case.request.situation, []).append(variant)
    rows = sorted(by_row, key=lambda name: _DECISIONS.index(contract.situations[name].decision))
    return "<br>".join(
        f"[{contract.situations[name].decision}](errors.md#{address('situation', name)}) "
        f"({escaped(name)}): {', '.join(_folded(by_row[name]))}"
        for name in rows
    )


def _folded(variants: Sequence[str]) -> Iterator[str]:
    """The variants as code; those of Unicode as one, with the code points they send."""
    swept: dict[str, list[str]] = {"excludes": [], "admits": []}
    for variant in variants:
        way, _, rest = variant.partition("-")
        if way in swept and "U+" in rest:
            swept[way].append(rest)
        else:
            yield code(variant)
    for way, points in swept.items():
        if points:
            yield f"{code(f'{way}-…')} {' '.join(points)}"
