"""Legal variants of what is remembered and told of tunnels, tags and lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.emulator.store import Tunnel
from tunnelspec.faults.changes import on_output, quota
from tunnelspec.faults.registry import OPEN, variant


@variant("small-pages", sentence="Pages hold fewer tunnels than asked for.", why="maxResults is a maximum.")
def small_pages(emulator: Emulator) -> None:
    perform = emulator.operations["ListTunnels"]
    emulator.operations["ListTunnels"] = lambda params: perform(
        {**params, "maxResults": max(1, params.get("maxResults", emulator.page_size) // 2)}
    )


@variant("tags-in-any-order", sentence="Tags come in reverse order.", why=OPEN)
def tags_in_any_order(emulator: Emulator) -> None:
    tags_of = emulator.tags_of
    emulator.tags_of = lambda tunnel: tags_of(tunnel)[::-1]  # type: ignore[method-assign]


@variant("others-tunnels", sentence="The account holds 250 tunnels of others.", why="Accounts are shared.")
def others_tunnels(emulator: Emulator) -> None:
    for _ in range(250):
        emulator.open_tunnel({"description": "somebody else's"})


@variant(
    "empty-last-page",
    sentence="A list whose end falls on the end of a page has an empty page more.",
    why="Only the absence of a token ends a list.",
)
def empty_last_page(emulator: Emulator) -> None:
    perform = emulator.operations["ListTunnels"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        if "nextToken" not in output and len(output["tunnelSummaries"]) == params.get("maxResults"):
            last = emulator.find(output["tunnelSummaries"][-1]["tunnelId"])
            wanted = params.get("thingName")
            if "nextToken" in params:
                wanted = emulator.read_token(params["nextToken"])[0]
            output["nextToken"] = emulator.make_token(wanted, last.number)
        return output

    emulator.operations["ListTunnels"] = changed


def _unknown_token(emulator: Emulator, page: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """A page token of unknown origin is answered with this page."""
    perform = emulator.operations["ListTunnels"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        try:
            return perform(params)
        except ApiError:
            return page({name: value for name, value in params.items() if name != "nextToken"})

    emulator.operations["ListTunnels"] = changed


@variant("unknown-token-is-page-one", sentence="An unknown page token begins from the start.", why=OPEN)
def unknown_token_is_page_one(emulator: Emulator) -> None:
    _unknown_token(emulator, emulator.operations["ListTunnels"])


@variant("unknown-token-is-the-end", sentence="An unknown page token is an empty last page.", why=OPEN)
def unknown_token_is_the_end(emulator: Emulator) -> None:
    _unknown_token(emulator, lambda params: {"tunnelSummaries": []})


@variant("deleted-closed-again", sentence="CloseTunnel succeeds on any tunnel that was deleted.", why=OPEN)
def deleted_closed_again(emulator: Emulator) -> None:
    deleted: set[str] = set()
    delete, close = emulator.store.delete, emulator.operations["CloseTunnel"]

    def bury(tunnel: Tunnel) -> None:
        deleted.add(tunnel.id)
        delete(tunnel)

    emulator.store.delete = bury  # type: ignore[method-assign]
    emulator.operations["CloseTunnel"] = lambda params: {} if params["tunnelId"] in deleted else close(params)


@variant("default-not-told", sentence="A lifetime that was not given is not told.", why=OPEN)
def default_not_told(emulator: Emulator) -> None:
    perform = emulator.operations["OpenTunnel"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        if "maxLifetimeTimeoutMinutes" not in params.get("timeoutConfig", {}):
            emulator.find(output["tunnelId"]).timeout = {}
        return output

    emulator.operations["OpenTunnel"] = changed


@variant("closed-untouchable", sentence="Closed tunnels cannot be closed, tagged or rotated.", why=OPEN)
def closed_untouchable(emulator: Emulator) -> None:
    for name in ("CloseTunnel", "TagResource", "UntagResource", "RotateTunnelAccessToken"):
        perform = emulator.operations[name]

        def changed(params: dict[str, Any], perform: Any = perform) -> dict[str, Any]:
            by_arn = "resourceArn" in params
            tunnel = emulator.find_arn(params["resourceArn"]) if by_arn else emulator.find(params["tunnelId"])
            if tunnel.status == "CLOSED" and not params.get("delete"):
                raise ApiError("InvalidStateException", "closed")
            output: dict[str, Any] = perform(params)
            return output

        emulator.operations[name] = changed


@variant("rotation-stays", sentence="A rotation with a destination leaves what is described.", why=OPEN)
def rotation_stays(emulator: Emulator) -> None:
    perform = emulator.operations["RotateTunnelAccessToken"]
    emulator.operations["RotateTunnelAccessToken"] = lambda params: perform(
        {name: value for name, value in params.items() if name != "destinationConfig"}
    )


@variant("tags-not-described", sentence="DescribeTunnel tells no tags.", why="ListTagsForResource is there for it.")
def tags_not_described(emulator: Emulator) -> None:
    describe = emulator.description

    def changed(tunnel: Tunnel) -> dict[str, Any]:
        return {name: value for name, value in describe(tunnel).items() if name != "tags"}

    emulator.description = changed  # type: ignore[method-assign]


@variant("system-tags", sentence="AWS puts tags of its own on every tunnel.", why="CloudFormation does.")
def system_tags(emulator: Emulator) -> None:
    tags_of = emulator.tags_of
    emulator.tags_of = lambda tunnel: [  # type: ignore[method-assign]
        {"key": "aws:cloudformation:stack-name", "value": "fleet"},
        *tags_of(tunnel),
    ]


@variant("services-in-any-order", sentence="Services are told in another order.", why=OPEN)
def services_in_any_order(emulator: Emulator) -> None:
    describe = emulator.description

    def changed(tunnel: Tunnel) -> dict[str, Any]:
        told = describe(tunnel)
        if "destinationConfig" in told:
            found = told["destinationConfig"]
            told["destinationConfig"] = {**found, "services": sorted(found["services"], reverse=True)}
        return told

    emulator.description = changed  # type: ignore[method-assign]


@variant("oldest-tags-dropped", sentence="Beyond 50 tags the oldest go.", why=OPEN)
def oldest_tags_dropped(emulator: Emulator) -> None:
    put, most = emulator.put_tags, quota(emulator, "tags")

    def changed(tunnel: Tunnel, tags: list[dict[str, Any]]) -> None:
        put(tunnel, tags)
        for key in list(tunnel.tags)[:-most]:
            del tunnel.tags[key]

    emulator.put_tags = changed  # type: ignore[method-assign]


@variant("null-token", sentence="The last page has a null page token.", why="The model says so.", may_warn=True)
def null_token(emulator: Emulator) -> None:
    on_output(emulator, "ListTunnels", lambda out: out.setdefault("nextToken", None))


@variant(
    "null-members-told",
    sentence="What a tunnel does not have is null.",
    why="Smithy says SHOULD NOT.",
    may_warn=True,
)
def null_members_told(emulator: Emulator) -> None:
    describe = emulator.description
    absent = {"description": None, "destinationConfig": None}
    emulator.description = lambda tunnel: {**absent, **describe(tunnel)}  # type: ignore[method-assign]


@variant("empty-texts", sentence="No description is told as an empty one.", why="Output is not constrained.")
def empty_texts(emulator: Emulator) -> None:
    summary = emulator.summary
    emulator.summary = lambda tunnel: {"description": "", **summary(tunnel)}  # type: ignore[method-assign]


@variant("no-tags-left-out", sentence="A tunnel without tags has no member tags.", why="{} says the same.")
def no_tags_left_out(emulator: Emulator) -> None:
    def change(told: dict[str, Any]) -> None:
        if not told.get("tags", True):
            del told["tags"]

    on_output(emulator, "ListTagsForResource", change)
    on_output(emulator, "DescribeTunnel", lambda out: change(out["tunnel"]))


@variant("never-updated", sentence="A tunnel's last update is its creation.", why="What updates it is not said.")
def never_updated(emulator: Emulator) -> None:
    describe = emulator.summary

    def changed(tunnel: Tunnel) -> dict[str, Any]:
        told = describe(tunnel)
        return {**told, "lastUpdatedAt": told["createdAt"]}

    emulator.summary = changed  # type: ignore[method-assign]


@variant("ties-in-any-order", sentence="Tunnels of one second are listed in any order.", why="Ties are open.")
def ties_in_any_order(emulator: Emulator) -> None:
    emulator.timestamp = int  # type: ignore[method-assign, assignment]
    store, open_tunnel = emulator.store, emulator.store.open
    newest_first = store.newest_first

    def changed(lifetime_s: float) -> Tunnel:
        tunnel = open_tunnel(lifetime_s)
        tunnel.number = (int(tunnel.created_at) << 32) + crc32(tunnel.id.encode())
        return tunnel

    store.open = changed  # type: ignore[method-assign]
    store.newest_first = lambda: sorted(  # type: ignore[method-assign]
        newest_first(), key=lambda tunnel: tunnel.number, reverse=True
    )
