"""The page of seeded faults and conforming variants: what the suite itself is tested against."""

from __future__ import annotations

from docs.generate.markdown import code, escaped, grouped, table, top
from tunnelspec.contract import Contract
from tunnelspec.faults import Fault, Variant, all_faults, all_variants


def page(contract: Contract) -> str:
    """`faults.md`: every fault with the cases that must detect it, every variant with why it conforms."""
    faults, variants = all_faults(contract), all_variants()
    derived = [name for name in faults if name.startswith("derived/")]
    written = {name: fault for name, fault in faults.items() if name not in derived}
    parts = [
        top(
            "Catalogue of faults and variants",
            "faults",
            f"{len(written)} faults are written by hand, modelled on defects of real servers, and "
            f"{len(derived)} are derived from the contract's constraints. Each is seeded alone in the bundled "
            f"reference emulator, and the cases that it names must detect it. On each of the {len(variants)} "
            "conforming variants the suite must report nothing.",
            "`tunnelspec emulator --fault ID` and `tunnelspec emulator --variant ID` serve them.",
        )
    ]
    for group, names in grouped(written).items():
        parts.append(f"## {group} faults\n")
        columns = ("fault", "what is wrong", "kind of defect", "level", "cases that must detect it")
        parts.append(table(columns, [_fault_row(written[name]) for name in names]))
    parts.append("## Faults derived from the constraints\n")
    parts.append("Named `derived/<Operation>/<member>/<keyword>/<way>`.\n")
    ways: dict[str, list[str]] = {}
    for name in derived:
        constraint, _, way = name.removeprefix("derived/").rpartition("/")
        ways.setdefault(constraint, []).append(code(way))
    parts.append(table(("constraint", "ways"), [[code(name), ", ".join(found)] for name, found in ways.items()]))
    parts.append("## Conforming variants\n")
    headings = ("variant", "what it does", "why it conforms", "the suite may")
    parts.append(table(headings, [_variant_row(variant) for variant in variants.values()]))
    return "\n".join(parts)


def _fault_row(fault: type[Fault]) -> list[str]:
    return [
        code(fault.id),
        escaped(fault.sentence),
        escaped(fault.defect_class),
        fault.level.value,
        code(fault.killer),
    ]


def _variant_row(variant: type[Variant]) -> list[str]:
    allowed = [word for word, may in (("warn", variant.may_warn), ("skip", variant.may_skip)) if may]
    return [
        code(variant.id),
        escaped(variant.sentence),
        escaped(variant.why),
        " and ".join(allowed) or "report nothing",
    ]
