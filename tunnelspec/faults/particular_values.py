"""Faults that particular values show alone: names of things, lifetimes, sizes of pages, services and descriptions."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable

from tunnelspec.emulator import Emulator, Params
from tunnelspec.faults.defect_classes import ECHO, LISTS, PAGINATION, STATE
from tunnelspec.faults.params import without
from tunnelspec.faults.rows import Faults

listing = Faults("particular_values", LISTS, "listing/ListTunnels/")
paging = Faults("particular_values", PAGINATION, "listing/ListTunnels/")
lifetime = Faults("particular_values", STATE, "lifecycle/DescribeTunnel/")
echoing = Faults("particular_values", ECHO, "lifecycle/DescribeTunnel/")

# Names of things.


def _no_list(name: str, case: str, sentence: str, of: Callable[[str], bool]) -> None:
    """Seed a fault: a list for such a thing is empty."""
    listing(name, case, sentence).lists_only(lambda tunnel, thing: thing is None or not of(thing))


_no_list(
    "thing-with-colon", "filter-across-pages", "A list for a thing with a colon is empty.", lambda name: ":" in name
)
_no_list(
    "thing-in-capitals",
    "filter-across-pages",
    "A list for a thing with a capital letter is empty.",
    lambda name: name != name.lower(),
)
_no_list("thing-of-digits", "filter-closed", "A list for a thing whose name is a number is empty.", str.isdigit)
listing("longest-thing", "filter-alone", "A list for a thing of the longest name is empty.").after(
    Emulator.listed,
    lambda tunnels, self, thing: (
        [] if thing and len(thing) == self.schemas["ListTunnels"]["properties"]["thingName"]["maxLength"] else tunnels
    ),
)

# Lifetimes.


def _lifetime(name: str, sentence: str, stored: Callable[[int, range], int]) -> None:
    """Seed a fault: a lifetime in minutes is stored as what `stored` makes of it and of those that are allowed."""

    def instead(call: Callable[[Params], Params], self: Emulator, params: Params) -> Params:
        config = self.schemas["OpenTunnel"]["properties"]["timeoutConfig"]["properties"]["maxLifetimeTimeoutMinutes"]
        minutes = (params.get("timeoutConfig") or {}).get("maxLifetimeTimeoutMinutes")
        if not minutes:
            return call(params)
        kept = stored(minutes, range(config["minimum"], config["maximum"] + 1))
        return call({**params, "timeoutConfig": {"maxLifetimeTimeoutMinutes": kept}})

    lifetime(name, "lifetimes", sentence).around(Emulator.open_tunnel, instead)


_lifetime(
    "two-thirds-at-most",
    "A lifetime of more than two thirds of the greatest is cut to that.",
    lambda given, allowed: min(given, allowed[-1] * 2 // 3),
)
_lifetime(
    "five-minutes-at-least", "A lifetime of less than five minutes is five.", lambda given, allowed: max(given, 5)
)
_lifetime(
    "least-is-the-greatest",
    "The least lifetime is taken for true, and the greatest is stored.",
    lambda given, allowed: allowed[-1] if given == allowed[0] else given,
)
_lifetime(
    "greatest-less-one",
    "The greatest lifetime is a minute short.",
    lambda given, allowed: given - (given == allowed[-1]),
)
_lifetime(
    "nine-bits",
    "Of a lifetime nine bits are kept, but of the greatest all.",
    lambda given, allowed: given if given == allowed[-1] else given % 512 or 512,
)

# Sizes of pages.


def _ten_at_most(call: Callable[[Params], Params], self: Emulator, params: Params) -> Params:
    if params.get("maxResults", 0) <= 10:
        return call(params)
    return without(call({**params, "maxResults": 10}), "nextToken")


paging("ten-at-most", "a-dozen", "A page of more than ten tunnels ends the list after ten.").around(
    Emulator.list_tunnels, _ten_at_most
)
paging("rounded-size", "a-dozen", "A maxResults from 11 to 19 is taken for 20.").given(
    "ListTunnels", lambda params: {**params, "maxResults": 20} if 10 < params.get("maxResults", 0) < 20 else params
)

# Services and descriptions.


def _services(alter: Callable[[list[str]], list[str]]) -> Callable[[Params], Params]:
    def altered(params: Params) -> Params:
        destination = params.get("destinationConfig") or {}
        if not destination.get("services"):
            return params
        return {**params, "destinationConfig": {**destination, "services": alter(destination["services"])}}

    return altered


echoing("services-by-letter", "services", "Services that differ in letter case alone are one.").given(
    "OpenTunnel", _services(lambda given: [*{service.lower(): service for service in given}.values()])
)
echoing(
    "services-in-255", "destination-length", "Services are kept in 255 characters, with commas between them."
).given("OpenTunnel", _services(lambda given: ",".join(given)[:255].split(",")))


def _described(name: str, case: str, sentence: str, stored: Callable[[str], str], faults: Faults = echoing) -> None:
    """Seed a fault: a description is stored as another text."""
    faults(name, case, sentence).given(
        "OpenTunnel",
        lambda params: (
            {**params, "description": stored(params["description"])} if params.get("description") else params
        ),
    )


_described(
    "four-kibibytes",
    "description-length",
    "A description is cut at 4,096 bytes of UTF-8.",
    lambda text: text.encode()[:4096].decode("utf-8", "ignore"),
)
_described("entities", "description-markup", "Entities of HTML in a description are decoded.", html.unescape)
_described(
    "typewriter-quotes",
    "description-separators",
    "Typographic quotation marks and dashes in a description become those of a typewriter.",
    lambda text: text.translate({0x201C: '"', 0x201D: '"', 0x2018: "'", 0x2019: "'", 0x2013: "-", 0x2014: "-"}),
)
_described(
    "hangul-decomposed",
    "description-scripts",
    "Syllables of Hangul in a description are decomposed.",
    lambda text: "".join(unicodedata.normalize("NFD", sign) if "\uac00" <= sign <= "\ud7a3" else sign for sign in text),
)
_described(
    "true-in-capitals",
    "a-dozen",
    "The description `true` is stored as Python prints it.",
    lambda text: "True" if text == "true" else text,
    listing,
)
_described(
    "buffers",
    "a-dozen",
    "A description of 512 characters loses the last one.",
    lambda text: text[:511] if len(text) == 512 else text,
    listing,
)
