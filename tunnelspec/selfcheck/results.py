"""The results of the mutation test."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Kill:
    """The result of one fault. `requests` and `seconds` are those up to the first finding.

    `verdict` is `killed`, `killed by another` (but not by the case that it names) or `survived`. `first` is the
    case that found something first, `named` the one among those that the fault names.
    """

    fault: str
    sentence: str
    defect_class: str
    expected: str
    verdict: str
    first: str = ""
    named: str = ""
    requests: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class VariantResult:
    """The result of one conforming variant at one seed; `false_positives` are sentences."""

    variant: str
    sentence: str
    seed: int
    false_positives: tuple[str, ...] = ()


@dataclass
class Selfcheck:
    """The results. `missing` names checks that were left out on purpose."""

    depth: str
    kills: list[Kill] = field(default_factory=list)
    variants: list[VariantResult] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether a fault was missed or a variant was flagged."""
        return any(kill.verdict != "killed" for kill in self.kills) or any(
            item.false_positives for item in self.variants
        )

    def figures(self) -> dict[str, object]:
        """The figures that sum it up; medians are over the faults that were killed."""
        killed = [kill for kill in self.kills if kill.verdict == "killed"]
        return {
            "faults": len(self.kills),
            "killed": len(killed),
            "killed_by_another": sum(kill.verdict == "killed by another" for kill in self.kills),
            "survived": sum(kill.verdict == "survived" for kill in self.kills),
            "median_requests_to_first": median([kill.requests for kill in killed] or [0]),
            "median_seconds_to_first": round(median([kill.seconds for kill in killed] or [0.0]), 3),
            "variants": len({item.variant for item in self.variants}),
            "variant_runs": len(self.variants),
            "flagged": sum(bool(item.false_positives) for item in self.variants),
        }

    def plain(self) -> dict[str, object]:
        """The results as plain data."""
        return {
            "schema": "tunnelspec.selfcheck/2",
            "depth": self.depth,
            "without": list(self.missing),
            "seconds": round(self.seconds, 1),
            "figures": self.figures(),
            "faults": [asdict(kill) for kill in self.kills],
            "variants": [asdict(item) for item in self.variants],
        }
