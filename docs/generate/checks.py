"""The page of the checks and of the model's rules: what each demands, why, and who proves that it works."""

from __future__ import annotations

import inspect

from docs.generate.markdown import address, anchored, code, escaped, grouped, links, table, top
from tunnelspec.checks import CHECKS, Check
from tunnelspec.contract import Contract
from tunnelspec.model import RULES
from tunnelspec.suite import SCENARIOS


def page(contract: Contract) -> str:
    """`checks.md`: every check with its sentence, its level and its reasons; every rule of the model."""
    parts = [
        top(
            "Checks and rules",
            "checks",
            "A **check** looks at one exchange. A broken MUST fails a case, a broken SHOULD warns; no check "
            "says MUST without a source. A **rule** of the model looks at an answer after the calls before it. "
            "A check that no [planted fault](faults.md) makes speak is not let in.",
        ),
        "## Checks\n",
    ]
    for group, names in grouped(CHECKS).items():
        parts.append(f"### {group}\n")
        parts.extend(_check(contract, CHECKS[name]) for name in names)
    parts.append("## Rules of behaviour\n")
    parts.append("The cases that a rule names are short scripts; journeys hold answers to all of the rules.\n")
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
        parts.append(table(("rule", "demands", "level", "cases about it", "sources"), rows))
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
