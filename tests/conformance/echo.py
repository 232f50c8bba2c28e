"""Descriptions and destinations: DescribeTunnel returns what OpenTunnel was given, code point for code point."""

from __future__ import annotations

from contextlib import suppress

from tunnelspec.exchange import Wire
from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import RejectionAllowed


def _echo(client: ScenarioClient, text: str) -> None:
    client.describe(client.open(description=text))


@scenario("lifecycle/DescribeTunnel/description-spaces", rules.DESCRIPTION)
def description_spaces(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description with its leading, trailing and repeated spaces, also beside all other
    members.
    """
    others = {"destinationConfig": {"services": ["SSH"]}, "tags": [{"key": "Site", "value": "Hall 3"}]}
    client.describe(client.open(description="  pump   7  ", **others))


@scenario("lifecycle/DescribeTunnel/description-case", rules.DESCRIPTION)
def description_case(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description in its letter case."""
    _echo(client, "pump SIEBEN, große İ ǅ")


@scenario("lifecycle/DescribeTunnel/description-normalisation", rules.DESCRIPTION)
def description_normalisation(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description code point for code point, without Unicode normalization."""
    _echo(client, "\u0301 e\u0301 \u00e9 \ufb01 \u212b \u2126 \u00bd \uff21\uff11 \uff76\uff9e")


@scenario("lifecycle/DescribeTunnel/description-markup", rules.DESCRIPTION)
def description_markup(client: ScenarioClient) -> None:
    """DescribeTunnel must return characters that HTML, JSON, URLs, SQL, YAML or templates treat specially."""
    _echo(
        client,
        '="<script>&amp;&lt; "quoted" ../ \\n \\u0041 %41+ \'x\'\'; -- ${y} {{z}} {0} \\\\ %% %s $$ $1 $& # // /* ~ `"',
    )


@scenario("lifecycle/DescribeTunnel/description-scripts", rules.DESCRIPTION)
def description_scripts(client: ScenarioClient) -> None:
    """DescribeTunnel must return a description in any script, with what changes how a character is shown."""
    _echo(client, "Größe, насос, 泵, 펌프, משאבה, पंप, \u2764\ufe0f a\u034fb \u3164")


@scenario("lifecycle/DescribeTunnel/description-astral", rules.DESCRIPTION)
def description_astral(client: ScenarioClient) -> None:
    """DescribeTunnel must return characters beyond the Basic Multilingual Plane."""
    _echo(client, "\U0001d518 \U00020000 \U0001d11e")


@scenario("lifecycle/DescribeTunnel/description-separators", rules.DESCRIPTION)
def description_separators(client: ScenarioClient) -> None:
    """DescribeTunnel must return line separators, spaces of any width, quotation marks and dashes as they are given."""
    _echo(client, "a\u2028b\u2029c\u00a0d\u3000e\u202ff\u1680g \u201ch\u201d \u2018i\u2019 \u2013 \u2014 \u2026")


@scenario("lifecycle/DescribeTunnel/description-length", rules.DESCRIPTION)
def description_length(client: ScenarioClient) -> None:
    """DescribeTunnel must return the longest description in full, also where it takes most bytes in UTF-8."""
    _echo(client, client.longest("OpenTunnel", "description", "z"))


@scenario(
    "lifecycle/DescribeTunnel/description-words",
    rules.DESCRIPTION,
    requirement="DescribeTunnel must return a description that a language or a database takes for false, absent or a"
    " number.",
)
@scenario(
    "lifecycle/DescribeTunnel/lifetimes",
    rules.TIMEOUT,
    requirement="DescribeTunnel must return the least and the greatest lifetime, and those between them.",
)
def words_and_lifetimes(client: ScenarioClient) -> None:
    """Short descriptions, each of a tunnel with another lifetime."""
    least, most = (
        client.number("OpenTunnel", "timeoutConfig", "maxLifetimeTimeoutMinutes", keyword=keyword)
        for keyword in ("minimum", "maximum")
    )
    lifetimes = (least, least + 1, most // 3, most // 3 + 16, most * 3 // 4, most - 1, most)
    for word, minutes in zip(("007", "0", "false", "no", "null", "[1]", "2026-01-02"), lifetimes, strict=True):
        client.describe(client.open(description=word, timeoutConfig={"maxLifetimeTimeoutMinutes": minutes}))


@scenario("lifecycle/DescribeTunnel/description-in-parts", rules.DESCRIPTION)
def description_in_parts(client: ScenarioClient) -> None:
    """A character must be read whole where two chunks, or two segments, share its bytes."""
    text = "\u00fc\u20ac\U00020000" * 7
    client.write(Wire(piece_bytes=31, pause_s=0.002))
    _echo(client, text)
    with suppress(RejectionAllowed):  # a target may ask for a length
        client.write(Wire(chunk_sizes=(24, 3, 1, 3, 5, 7)))
        _echo(client, text)


@scenario("lifecycle/DescribeTunnel/services", rules.DESTINATION)
def services(client: ScenarioClient) -> None:
    """DescribeTunnel must return the services of the destination."""
    client.describe(client.open(destinationConfig={"services": ["22", "ssh", "SSH"]}))


@scenario(
    "lifecycle/DescribeTunnel/services-order",
    rules.ORDER,
    requirement="DescribeTunnel should return services in the order in which they were given.",
)
@scenario(
    "lifecycle/DescribeTunnel/services-repeated",
    rules.ORDER,
    requirement="DescribeTunnel should return a service as often as it was given.",
)
def services_order(client: ScenarioClient) -> None:
    """Services that are in no order, one of them twice."""
    client.describe(client.open(destinationConfig={"services": ["SSH", "SSH", "22"]}))


@scenario("lifecycle/DescribeTunnel/thing", rules.DESTINATION)
def thing(client: ScenarioClient) -> None:
    """DescribeTunnel must return the thing name of the destination in its letter case, and the services of each tunnel
    of a thing.
    """
    thing = client.thing + ":A_b"
    client.open(destinationConfig={"thingName": thing, "services": ["SSH"]})
    client.open(destinationConfig={"thingName": thing, "services": ["VNC", "A_b:c-1"]})
    client.describe("t1")
    client.describe("t2")


@scenario("lifecycle/DescribeTunnel/destination-length", rules.DESTINATION)
def destination_length(client: ScenarioClient) -> None:
    """DescribeTunnel must return the longest services and the longest thing name in full."""
    service, thing = (
        client.number("OpenTunnel", "destinationConfig", *path, keyword="maxLength")
        for path in (("services", "[]"), ("thingName",))
    )
    services = [end.rjust(service, "s") for end in "xyz"]
    client.describe(client.open(destinationConfig={"services": services, "thingName": "1".ljust(thing, "0")}))
