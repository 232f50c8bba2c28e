"""Every seeded fault is detected by the case that it names; no conforming variant is flagged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.faults import Fault, UnknownFault, Variant, all_faults, all_variants, seeded
from tunnelspec.runner.case import Case
from tunnelspec.runner.in_process import run_in_process
from tunnelspec.selfcheck import check_variant
from tunnelspec.suite import build, enabled
from tunnelspec.verdict import Level

from .catches import Catches


@pytest.mark.parametrize("fault", all_faults(load()).values(), ids=lambda fault: fault.id)
def test_fault_is_caught_by_the_case_it_names(fault: type[Fault], caught: Catches) -> None:
    """A case that the fault names fails, and without a search; it only warns where the violated rule is a SHOULD."""
    outcomes = {item.outcome.value for item in caught.results[fault.id]}
    assert outcomes
    assert "fail" in outcomes or fault.level is Level.SHOULD


#: Areas of cases that are about HTTP and the protocol, or about whole sequences of calls.
_OVER_HTTP = ("protocol", "http", "lifecycle", "listing")


def _groups() -> Iterator[tuple[type[Variant], ...]]:
    """The variants, up to eight together, of HTTP four: the self-check runs each alone, at several times the cost."""
    alike: dict[tuple[bool, ...], list[type[Variant]]] = {}
    for variant in all_variants().values():
        if not variant.needs_own_run:
            kind = (variant.verifying, variant.served, variant.may_warn, variant.may_skip)
            alike.setdefault(kind, []).append(variant)
    for (_, served, *_), variants in alike.items():
        count = -(-len(variants) // (4 if served else 8))
        yield from (tuple(variants[number::count]) for number in range(count))


@pytest.mark.parametrize("group", list(_groups()), ids=lambda group: "+".join(variant.id for variant in group))
def test_no_conforming_variant_is_flagged(
    group: tuple[type[Variant], ...], contract: Contract, cases: list[Case]
) -> None:
    """No failure, no warning without a SHOULD, and everything tested that the variants do not reject.

    Variants of HTTP are tested by the cases that look at HTTP; with the self-check, by all.
    """
    variant = seeded(contract, (), [variant.id for variant in group])
    assert issubclass(variant, Variant)
    chosen = [case for case in cases if not variant.served or case.area in _OVER_HTTP]
    assert check_variant(variant, contract, chosen, 7).false_positives == ()


@pytest.mark.parametrize("seed", range(2))
def test_the_reference_emulator_is_not_flagged(seed: int, contract: Contract) -> None:
    """Whatever the seed, every case passes, within 250 requests per operation of the document, and no tunnel is left
    behind; the nightly session has five.
    """
    cases = enabled(build(contract, depth="quick", seed=seed))
    run, emulator = run_in_process(contract, cases, verifying=True)
    assert run.totals()["pass"] == len(run.results)
    assert run.requests <= 250 * len(contract.operations)
    assert emulator.store.newest_first() == []


def test_several_compose(contract: Contract) -> None:
    """Faults and variants together show all their changes, one of a family or one inside another included."""
    names = ["validation/joiner-in-description", "validation/private-use-in-description", "shapes/times-as-text"]
    emulator = seeded(contract, names, ["limit-403", "fifty-tags"])(contract)
    body = {"description": "a\u200db\ue000c"}
    opened = emulator.perform("OpenTunnel", emulator.validate("OpenTunnel", body))
    tunnel = emulator.perform("DescribeTunnel", {"tunnelId": opened["tunnelId"]})["tunnel"]
    assert tunnel["description"] == body["description"]
    assert isinstance(tunnel["createdAt"], str)


def test_an_unknown_name_gets_the_nearest_ones(contract: Contract) -> None:
    """The sentence names what was meant."""
    with pytest.raises(UnknownFault, match=r"no fault 'shape/iso-timestamp'\. Did you mean shapes/iso-timestamps"):
        seeded(contract, ["shape/iso-timestamp"])
