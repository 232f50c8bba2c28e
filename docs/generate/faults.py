"""The page of planted faults and legal variants: who tests the tests."""

from __future__ import annotations

from docs.generate.markdown import code, escaped, grouped, table, top
from tunnelspec.contract import Contract
from tunnelspec.faults import FAULTS, VARIANTS, derived_faults


def page(contract: Contract) -> str:
    """`faults.md`: every fault with the cases that must catch it, every variant with why it is legal."""
    derived = derived_faults(contract)
    parts = [
        top(
            "Planted faults and legal variants",
            "faults",
            f"{len(FAULTS)} faults are written by hand after defects that people really make, and "
            f"{len(derived)} are made from the contract's constraints. Each is planted alone on the embedded "
            f"emulator, and the cases that it names must catch it. On each of the {len(VARIANTS)} legal "
            "variants the suite must stay silent.",
            "`tunnelspec emulator --fault ID` and `tunnelspec emulator --variant ID` serve them.",
        )
    ]
    for group, names in grouped(FAULTS).items():
        parts.append(f"## {group} faults\n")
        rows = [
            [code(name), escaped(FAULTS[name].sentence), escaped(FAULTS[name].defect_class), _killer(name)]
            for name in names
        ]
        parts.append(table(("fault", "what is wrong", "kind of defect", "cases that must catch it"), rows))
    parts.append("## Faults made from the constraints\n")
    parts.append("Named `derived/<Operation>/<member>/<keyword>/<way>`.\n")
    ways: dict[str, list[str]] = {}
    for fault in derived:
        ways.setdefault(fault.id.removeprefix("derived/").rpartition("/")[0], []).append(fault.id.rpartition("/")[2])
    parts.append(
        table(
            ("constraint", "ways"),
            [[code(name), ", ".join(map(code, found))] for name, found in ways.items()],
        )
    )
    parts.append("## Legal variants\n")
    parts.append(
        table(
            ("variant", "what it does", "why that is legal", "the suite may"),
            [
                [
                    code(variant.id),
                    escaped(variant.sentence),
                    escaped(variant.why),
                    " and ".join(word for word, may in (("warn", variant.may_warn), ("skip", variant.may_skip)) if may)
                    or "say nothing",
                ]
                for variant in VARIANTS.values()
            ],
        )
    )
    return "\n".join(parts)


def _killer(name: str) -> str:
    return code(FAULTS[name].killer)
