"""What long stories are made of: members of calls that meet again, collide, and stand at their limits.

Most draws come from small pools, so that a later call finds what an earlier one left; the rest is as wild
as the contract allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract
from tunnelspec.contract.unspecified import most_items, open_zone

from .valid import bodies

_T = TypeVar("_T")
#: A key among those of a tunnel, by its place, and what it becomes.
Nearby: TypeAlias = tuple[int, str]
#: Keys that differ in case, begin alike, or look alike.
_KEYS = ("Site", "site", "SiteOwner", "Line", " Line", "\u00c5", "\u212b")
#: As many tags as a tunnel is given where the document sets no limit.
_MANY = 50
#: What becomes of a key: what a careless target takes for it.
_WAYS = ("same", "other case", "longer", "shorter")
_VALUES = ("", "Hall 3", "hall 3", " Hall 3 ")
_DESCRIPTIONS = (
    *("pump 7", "Pump 7", "  pump  7 ", "e\u0301 \u00e9 \U0001d518 насос"),
    "line\u2028two\u00a0three",
    "<b>\"7\" &amp; 'x'</b> \\n \\u0041 %41",
)


class Sequences:
    """The strategies for one contract. `thing` is a name that the run may use for things of its own.

    Raises KeyError for a contract that has no operation of this service.
    """

    def __init__(self, contract: Contract, thing: str) -> None:
        opening = contract.operations["OpenTunnel"].input["properties"]
        listing = contract.operations["ListTunnels"].input["properties"]["maxResults"]
        tags: Mapping[str, Any] = opening["tags"]
        self._tag = tags["items"]["properties"]
        self._most = most_items(tags, _MANY)
        minutes = opening["timeoutConfig"]["properties"]["maxLifetimeTimeoutMinutes"]
        lifetimes = [minutes["minimum"] + 1, minutes["maximum"], minutes["maximum"] // 2]
        #: Names that are prefixes and case variants of one another.
        self.things = st.sampled_from([thing, thing + "x", thing[:-1], thing.upper()])
        service = bodies(opening["destinationConfig"]["properties"]["services"]["items"])
        services = st.lists(st.sampled_from(["SSH", "ssh", "VNC"]) | service, min_size=1, max_size=3, unique=True)
        to_a_thing = st.fixed_dictionaries({"services": services, "thingName": self.things})
        self.destinations = st.one_of(to_a_thing, to_a_thing, st.fixed_dictionaries({"services": services}))
        openings: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
            {},
            optional={
                "description": st.sampled_from(_DESCRIPTIONS) | bodies(opening["description"]),
                "tags": self.tags().map(_listed),
                "destinationConfig": self.destinations,
                "timeoutConfig": st.sampled_from(lifetimes).map(lambda n: {"maxLifetimeTimeoutMinutes": n}),
            },
        )
        self.openings = _brief(openings)
        telling = st.sampled_from([None, 1, 2, 3, listing["maximum"]])
        self.sizes = st.one_of(telling, telling, st.integers(listing["minimum"], listing["maximum"]))
        self.closings: SearchStrategy[dict[str, Any]] = st.sampled_from([{}, {"delete": False}, {"delete": True}])
        rotation = contract.operations["RotateTunnelAccessToken"].input
        modes = rotation["properties"]["clientMode"]["enum"]
        alone = st.sampled_from(modes).map(lambda mode: {"mode": mode})
        # Where sources disagree on whether a mode goes with a destination, it goes without.
        settled = [mode for mode in modes if not _is_open(rotation, mode)]
        led = st.fixed_dictionaries(
            {"mode": st.sampled_from(settled), "destinationConfig": self.destinations},
        )
        self.rotations: SearchStrategy[dict[str, Any]] = _brief(st.one_of(alone, alone, led))
        #: Which of a tunnel's tags, in their order, and what its key becomes (see `near`).
        self.nearby: SearchStrategy[Nearby] = st.tuples(
            st.integers(0, 3), st.sampled_from(["same", "other case", "longer", "shorter"])
        )
        values = st.sampled_from(_VALUES) | bodies(self._tag["value"])
        #: That, and the value that the key is given.
        self.one_tag = _brief(st.tuples(self.nearby, values))
        self.keys = _brief(st.lists(self._keys(), max_size=4, unique=True))

    def tags(self) -> SearchStrategy[dict[str, str]]:
        """Tags by key: a few, or half or all of what a tunnel certainly keeps."""
        few = st.dictionaries(
            self._keys(), st.sampled_from(_VALUES) | bodies(self._tag["value"]), min_size=1, max_size=3
        )
        many = st.sampled_from([self._most, self._most // 2]).map(
            lambda count: {f"key-{number:02}": str(number) for number in range(count)}
        )
        return _brief(st.one_of(few, few, few, many))

    def _keys(self) -> SearchStrategy[str]:
        known = st.sampled_from(_KEYS)
        return st.one_of(known, known, known, bodies(self._tag["key"]))


def near(keys: Sequence[str], drawn: Nearby) -> str | None:
    """One of these keys, or one that a careless target takes for it; None where there are none."""
    if not keys:
        return None
    key = keys[drawn[0] % len(keys)]
    return dict(zip(_WAYS, (key, key.swapcase(), key + "x", key[:-1]), strict=True))[drawn[1]]


def _is_open(rotation: Mapping[str, Any], mode: str) -> bool:
    """Whether a rotation in this mode and with a destination lies in a zone that sources leave open."""
    return open_zone(rotation, {"clientMode": mode, "destinationConfig": {}}) is not None


def _brief(strategy: SearchStrategy[_T]) -> SearchStrategy[_T]:
    """The same strategy under a short name: state machines print all of theirs, time and again."""

    @st.composite
    def drawn(draw: st.DrawFn) -> _T:
        return draw(strategy)

    return drawn()


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
