"""Tags: each tunnel has the tags that it was given, and no others."""

from __future__ import annotations

from tunnelspec.exchange import Live
from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario
from tunnelspec.scenario.runner import RejectionAllowed


def _many(client: ScenarioClient, count: int | None = None, start: int = 0) -> dict[str, str]:
    """As many tags as the quota allows, or `count` of them."""
    count = client.model.state.max_tags if count is None else count
    return {f"key-{number:02}": f"value {number}" for number in range(start, start + count)}


@scenario("tags/OpenTunnel/most", rules.STORED, rules.BOTH)
def most_at_opening(client: ScenarioClient) -> None:
    """OpenTunnel must store as many tags as the quota allows, also long ones; reading them must not change them."""
    tags = {
        client.longest("TagResource", "tags[].key", key): client.longest("TagResource", "tags[].value", value)
        for key, value in _many(client).items()
    }
    client.list_tags(client.open_tagged(tags))
    client.describe("t1")
    client.list_tags("t1")


@scenario("tags/OpenTunnel/once", rules.ONE_EACH)
def once_at_opening(client: ScenarioClient) -> None:
    """A key that OpenTunnel or TagResource is given twice must be listed once, if it is accepted."""
    twice = [{"key": "Site", "value": "Hall 3"}] * 2  # the sweep finds what has one of them
    try:
        client.list_tags(client.open(tags=twice))
    except RejectionAllowed:
        client.open()
    client.call("TagResource", {"resourceArn": Live(client.last("t"), "tunnelArn"), "tags": twice})
    client.list_tags(client.last("t"))


@scenario("tags/TagResource/added", rules.STORED)
def added(client: ScenarioClient) -> None:
    """TagResource must add tags to those that are there."""
    client.tag(client.open_tagged({"Site": "Hall 3"}), {"Line": "2", "7": "07"})
    client.list_tags("t1")


@scenario("tags/TagResource/first", rules.STORED)
def first(client: ScenarioClient) -> None:
    """TagResource must add tags to a tunnel without tags."""
    client.tag(client.open(), {"Site": "Hall 3", "awsRegion": "aws-global", "Laws:1": "aws"})
    client.list_tags("t1")


@scenario("tags/TagResource/most", rules.STORED)
def most_in_steps(client: ScenarioClient) -> None:
    """TagResource must store tags up to the quota, in several calls."""
    half = client.model.state.max_tags // 2
    client.tag(client.open(), _many(client, half))
    client.tag("t1", _many(client, client.model.state.max_tags - half, half))
    client.list_tags("t1")


@scenario(
    "tags/TagResource/most-overwritten",
    rules.STORED,
    requirement="TagResource must replace the values of as many tags as the quota allows.",
)
@scenario(
    "tags/TagResource/most-again",
    rules.STORED,
    requirement="TagResource must store as many tags as the quota allows after as many were removed.",
)
def most_twice(client: ScenarioClient) -> None:
    """As many tags as the quota allows, with other values and then with other keys."""
    tunnel = client.open_tagged(_many(client))
    client.tag(tunnel, dict.fromkeys(_many(client), "another value"))
    client.list_tags(tunnel)
    client.untag(tunnel, *_many(client))
    client.tag(tunnel, _many(client, start=client.model.state.max_tags))
    client.list_tags(tunnel)


@scenario(
    "tags/TagResource/overwritten",
    rules.STORED,
    requirement="TagResource must replace the value of a key that is there.",
)
@scenario("tags/TagResource/once", rules.ONE_EACH, requirement="A key that was given twice must be listed once.")
def overwritten(client: ScenarioClient) -> None:
    """A tag that is given again with another value."""
    client.list_tags(client.open_tagged({"Site": "Hall 3"}))
    client.tag("t1", {"Site": "Hall 4"})
    client.tag("t1", {"Site": "Hall 4"})
    client.list_tags("t1")


@scenario("tags/TagResource/no-leak", rules.NOTHING_ELSE, rules.STORED)
def no_leak(client: ScenarioClient) -> None:
    """TagResource must not tag other tunnels, nor give their tags other values."""
    one, other = client.open_alike(2)
    client.tag(one, {"Site": "Hall 4"})
    client.tag(other, {"Site": "Hall 3", "Line": "2"})
    client.list_tags(one)


@scenario("tags/UntagResource/removed", rules.REMOVED, rules.STORED)
def removed(client: ScenarioClient) -> None:
    """UntagResource must remove a key, which can then be given again."""
    client.list_tags(client.open_tagged({"Site": "Hall 3", "Line": "2"}))
    client.untag("t1", "Site")
    client.list_tags("t1")
    client.tag("t1", {"Site": "Hall 4"})
    client.list_tags("t1")


@scenario("tags/UntagResource/absent", rules.ABSENT_KEY)
def absent(client: ScenarioClient) -> None:
    """UntagResource should succeed for a key that is not there."""
    client.untag(client.open_tagged({"Site": "Hall 3"}), "Line")


@scenario("tags/UntagResource/absent-among-others", rules.REMOVED, rules.ACCEPTED)
def absent_among_others(client: ScenarioClient) -> None:
    """If UntagResource succeeds with a key that is not there, or is named twice, it must remove the others, and accept
    as many keys as the document allows.
    """
    if client.untag(client.open_tagged({"Site": "Hall 3", "Team": "blue"}), "Line", "Site", "Site").accepted:
        most = client.session.contract.operations["UntagResource"].input.at("tagKeys").max_items or 2
        client.untag("t1", *_many(client, most - 1), "Team")
        client.list_tags("t1")


@scenario("tags/UntagResource/no-keys", rules.ACCEPTED, rules.STORED)
def no_keys(client: ScenarioClient) -> None:
    """UntagResource must accept an empty list of keys and remove nothing."""
    client.untag(client.open_tagged({"Site": "Hall 3"}))
    client.list_tags("t1")


@scenario("tags/UntagResource/no-leak", rules.STORED)
def untag_no_leak(client: ScenarioClient) -> None:
    """UntagResource must not remove keys from other tunnels, whichever call has set them."""
    one, other = client.open_whole(), client.open_whole()
    client.tag(one, {"Line": "2"})
    client.tag(other, {"Line": "2"})
    client.untag(other, "Site", "Line")
    client.list_tags(one)


@scenario(
    "tags/DescribeTunnel/agrees",
    rules.BOTH,
    requirement="DescribeTunnel should return the same tags as ListTagsForResource, or none.",
)
@scenario(
    "tags/TagResource/keeps-the-rest",
    *(rules.OPEN, rules.DESCRIPTION, rules.DESTINATION, rules.TIMEOUT, rules.CREATED),
    requirement="TagResource and UntagResource must change nothing but tags.",
)
def agrees(client: ScenarioClient) -> None:
    """A tunnel with every member, described after each change of its tags."""
    tunnel = client.open_whole(tags=[{"key": "Site", "value": "Hall 3"}, {"key": "Line", "value": "2"}])
    client.describe(tunnel)
    client.tag(tunnel, {"Site": "Hall 4"})
    client.describe(tunnel)
    client.untag(tunnel, "Line")
    client.describe(tunnel)


@scenario("tags/CloseTunnel/kept", rules.STORED, rules.KEPT)
def kept_when_closed(client: ScenarioClient) -> None:
    """CloseTunnel must not change the tags of a tunnel; TagResource and UntagResource must where they succeed then."""
    client.close_tunnel(client.open_tagged({"Site": "Hall 3", "Line": "2", "Team": "blue"}))
    client.list_tags("t1")
    client.tag("t1", {"Site": "Hall 4"})
    client.untag("t1", "Line")
    client.list_tags("t1")
