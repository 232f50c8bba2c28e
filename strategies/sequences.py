"""Members of the calls of stateful tests: values that collide, repeat and stand at their limits.

Most draws come from small pools, so that a later call meets what an earlier one left; the rest is any valid value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tunnelspec.contract import Contract, Member
from tunnelspec.model.state import MANY_TAGS

from .valid import bodies

_T = TypeVar("_T")
#: A key among those of a tunnel, by its place, and what it becomes.
Nearby: TypeAlias = tuple[int, str]
#: Keys that differ in case, begin alike, or look alike.
_KEYS = ("Site", "site", "SiteOwner", "Line", " Line", "\u00c5", "\u212b")
#: How a key is changed into one that an incorrect target takes for the same.
_WAYS = ("same", "other case", "longer", "shorter")
_VALUES = ("", "Hall 3", "hall 3", " Hall 3 ")
_DESCRIPTIONS = (
    *("pump 7", "Pump 7", "  pump  7 ", "e\u0301 \u00e9 \U0001d518 насос"),
    "line\u2028two\u00a0three",
    "<b>\"7\" &amp; 'x'</b> \\n \\u0041 %41",
)


class CallStrategies:
    """The strategies for one contract. `thing` is a name that the run may use for things of its own.

    Raises KeyError for a contract that has no operation of this service.
    """

    def __init__(self, contract: Contract, thing: str) -> None:
        opening = contract.operations["OpenTunnel"].input
        page_size = contract.operations["ListTunnels"].input.at("maxResults")
        self._key, self._value = bodies(opening.at("tags[].key")), bodies(opening.at("tags[].value"))
        self._most_tags = opening.at("tags").most_items(MANY_TAGS)
        minutes = opening.at("timeoutConfig.maxLifetimeTimeoutMinutes")
        lifetimes = [minutes.bound("minimum") + 1, minutes.bound("maximum"), minutes.bound("maximum") // 2]
        #: Names that are prefixes and case variants of one another.
        self.things = st.sampled_from([thing, thing + "x", thing[:-1], thing.upper()])
        service = bodies(opening.at("destinationConfig.services[]"))
        services = st.lists(st.sampled_from(["SSH", "ssh", "VNC"]) | service, min_size=1, max_size=3, unique=True)
        to_a_thing = st.fixed_dictionaries({"services": services, "thingName": self.things})
        self.destinations = st.one_of(to_a_thing, to_a_thing, st.fixed_dictionaries({"services": services}))
        openings: SearchStrategy[dict[str, object]] = st.fixed_dictionaries(
            {},
            optional={
                "description": st.sampled_from(_DESCRIPTIONS) | bodies(opening.at("description")),
                "tags": self.tags().map(_listed),
                "destinationConfig": self.destinations,
                "timeoutConfig": st.sampled_from(lifetimes).map(lambda n: {"maxLifetimeTimeoutMinutes": n}),
            },
        )
        self.openings = _brief(openings)
        low, high = page_size.bound("minimum"), page_size.bound("maximum")
        edges = st.sampled_from([None, 1, 2, 3, high])
        self.sizes = st.one_of(edges, edges, st.integers(low, high))
        self.closings: SearchStrategy[dict[str, object]] = st.sampled_from([{}, {"delete": False}, {"delete": True}])
        rotation = contract.operations["RotateTunnelAccessToken"].input
        modes = rotation.at("clientMode").enum or ()
        alone = st.sampled_from(modes).map(lambda mode: {"mode": mode})
        # Where sources disagree on whether a mode goes with a destination, it goes without.
        specified = [mode for mode in modes if _goes_with_destination(rotation, mode)]
        led = st.fixed_dictionaries(
            {"mode": st.sampled_from(specified), "destinationConfig": self.destinations},
        )
        self.rotations: SearchStrategy[dict[str, object]] = _brief(st.one_of(alone, alone, led))
        #: Which of a tunnel's tags, in their order, and what its key becomes (see `near`).
        self.nearby: SearchStrategy[Nearby] = st.tuples(st.integers(0, 3), st.sampled_from(_WAYS))
        values = st.sampled_from(_VALUES) | self._value
        #: That, and the value that the key is given.
        self.one_tag = _brief(st.tuples(self.nearby, values))
        self.keys = _brief(st.lists(self._keys(), max_size=4, unique=True))

    def tags(self) -> SearchStrategy[dict[str, str]]:
        """Tags by key: a few, or half or all of what a tunnel certainly keeps."""
        few = st.dictionaries(self._keys(), st.sampled_from(_VALUES) | self._value, min_size=1, max_size=3)
        many = st.sampled_from([self._most_tags, self._most_tags // 2]).map(
            lambda count: {f"key-{number:02}": str(number) for number in range(count)}
        )
        return _brief(st.one_of(few, few, few, many))

    def _keys(self) -> SearchStrategy[str]:
        known = st.sampled_from(_KEYS)
        return st.one_of(known, known, known, self._key)


def near(keys: Sequence[str], drawn: Nearby) -> str | None:
    """One of these keys, or one that an incorrect target takes for it; None where there are none."""
    if not keys:
        return None
    key = keys[drawn[0] % len(keys)]
    return dict(zip(_WAYS, (key, key.swapcase(), key + "x", key[:-1]), strict=True))[drawn[1]]


def _goes_with_destination(rotation: Member, mode: str) -> bool:
    """Whether the sources agree that a rotation in this mode may have a destination."""
    return rotation.unspecified_for({"clientMode": mode, "destinationConfig": {}}) is None


def _brief(strategy: SearchStrategy[_T]) -> SearchStrategy[_T]:
    """The same strategy under a short name: state machines print all of theirs, time and again."""

    @st.composite
    def drawn(draw: st.DrawFn) -> _T:
        return draw(strategy)

    return drawn()


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
