"""The page of the checks and of the model's rules: the requirement of each, its sources, and the cases that test it."""

from __future__ import annotations

import inspect

from docs.generate.markdown import address, anchored, code, escaped, grouped, links, table, top
from tunnelspec.checks import CHECKS, Check
from tunnelspec.contract import Contract
from tunnelspec.model import RULES
from tunnelspec.suite import SCENARIOS


def page(contract: Contract) -> str:
    """`checks.md`: every check with its requirement, its level and its sources; every rule of the model."""
    parts = [
        top(
            "Checks and rules",
            "checks",
            "A **check** tests one exchange. A violated MUST fails a case, a violated SHOULD warns; no check has the "
            "level MUST without a source. A **rule** of the model tests a response against the calls before it. "
            "A self-test requires that some [seeded fault](faults.md) violates each check and each rule.",
        ),
        "## Checks\n",
    ]
    for group, names in grouped(CHECKS).items():
        parts.append(f"### {group}\n")
        parts.extend(_check(contract, CHECKS[name]) for name in names)
    parts.append("## Rules of behaviour\n")
    parts.append("The cases beside a rule are scenarios that test it; the stateful test checks all rules.\n")
    for group, names in grouped(RULES).items():
        parts.append(f"### {group} rules\n")
        rows = []
        for name in names:
            rule = RULES[name]
            watching = [case.id for case in SCENARIOS.values() if name in case.watched]
            shown = ", ".join(f"[{code(case)}](cases.md#{address('case', case)})" for case in watching)
            rows.append(
                [
                    anchored("rule", name) + code(name),
                    escaped(rule.requirement),
                    str(rule.level),
                    shown,
                    links(rule.cites),
                ]
            )
        parts.append(table(("rule", "requirement", "level", "cases", "sources"), rows))
    return "\n".join(parts)


def _check(contract: Contract, check: Check) -> str:
    reasons = inspect.cleandoc(check.function.__doc__ or "").split("\n\n")[1:]
    why = " ".join(" ".join(reasons).split())
    lines = [
        f"{anchored('check', check.id)}**{code(check.id)}** {escaped(check.sentence)}",
        *([escaped(why)] if why else []),
        f"{check.level}, {check.axis}. Sources: {links(check.cites) or 'none'}.",
    ]
    return "\n\n".join(lines) + "\n"
