"""Faults of lists and pages.

A catalogue: its entries are small, stand by themselves, and are looked up by name.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.emulator.store import Tunnel
from tunnelspec.faults.changes import on_output
from tunnelspec.faults.registry import Change, fault

PAGES = "pagination"
LISTS = "lists"


def _list(name: str, sentence: str, killer: str, kind: str = PAGES) -> Callable[[Change], Change]:
    killed = f"listing/ListTunnels/{killer}"
    return fault(f"listing/{name}", sentence=sentence, defect_class=kind, killer=killed)


def _found(change: Callable[[list[Tunnel]], list[Tunnel]]) -> Change:
    """Lists are made of these tunnels."""

    def apply(emulator: Emulator) -> None:
        newest_first = emulator.store.newest_first
        emulator.store.newest_first = lambda: change(newest_first())  # type: ignore[method-assign]

    return apply


def _called(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """ListTunnels is called with other parameters."""

    def apply(emulator: Emulator) -> None:
        perform = emulator.operations["ListTunnels"]
        emulator.operations["ListTunnels"] = lambda params: perform(change(params))

    return apply


def _summary(change: Callable[[Tunnel, dict[str, Any]], dict[str, Any]]) -> Change:
    """A list tells something else of a tunnel than DescribeTunnel does."""

    def apply(emulator: Emulator) -> None:
        summary, describe = emulator.summary, emulator.description

        def described(tunnel: Tunnel) -> dict[str, Any]:
            return {**describe(tunnel), **summary(tunnel)}

        emulator.summary = lambda tunnel: {**summary(tunnel), **change(tunnel, summary(tunnel))}  # type: ignore[method-assign]
        emulator.description = described  # type: ignore[method-assign]

    return apply


_list("newest-missing", "A list does not yet hold the newest tunnel.", "open", LISTS)(_found(lambda found: found[1:]))
_list("open-only", "A list holds open tunnels only.", "closed", LISTS)(
    _found(lambda found: [tunnel for tunnel in found if tunnel.status == "OPEN"])
)
_list("oldest-first", "A list begins with the oldest tunnel.", "newest-first", LISTS)(_found(lambda found: found[::-1]))
_list("always-open", "A list tells that every tunnel is OPEN.", "status", LISTS)(
    _summary(lambda tunnel, shown: {"status": "OPEN"})
)
_list("description-cut", "A list cuts descriptions at ten characters.", "description", LISTS)(
    _summary(lambda tunnel, shown: {"description": (tunnel.description or "")[:10]})
)
_list("created-elsewhen", "A list tells another time of creation.", "agrees", LISTS)(
    _summary(lambda tunnel, shown: {"createdAt": shown["createdAt"] + 60})
)
_list("arn-of-another-form", "A list tells an ARN of another form.", "agrees", LISTS)(
    _summary(lambda tunnel, shown: {"tunnelArn": tunnel.arn.replace(":tunnel/", ":secure-tunnel/")})
)
_list("size-ignored", "maxResults is ignored.", "size")(
    _called(lambda params: {k: v for k, v in params.items() if k != "maxResults"})
)
_list("one-too-many", "A page holds one tunnel more than asked for.", "size")(
    _called(
        lambda params: {
            **params,
            **({"maxResults": params["maxResults"] + 1} if "maxResults" in params else {}),
        }
    )
)
_list("size-forgotten", "Pages after the first ignore maxResults.", "size-next")(
    _called(lambda params: {k: v for k, v in params.items() if k != "maxResults" or "nextToken" not in params})
)
_list("filter-ignored", "thingName is ignored.", "filter-alone")(
    _called(lambda params: {k: v for k, v in params.items() if k != "thingName"})
)


@_list("largest-empty", "The largest page that may be asked for is empty.", "largest")
def largest_empty(emulator: Emulator) -> None:
    largest = emulator.schemas["ListTunnels"]["properties"]["maxResults"]["maximum"]
    perform = emulator.operations["ListTunnels"]
    emulator.operations["ListTunnels"] = lambda params: (
        {"tunnelSummaries": []} if params.get("maxResults") == largest else perform(params)
    )


@_list("deleted-listed", "A list holds deleted tunnels.", "deleted", LISTS)
def deleted_listed(emulator: Emulator) -> None:
    deleted: list[Tunnel] = []
    delete, newest_first = emulator.store.delete, emulator.store.newest_first

    def remember(tunnel: Tunnel) -> None:
        deleted.append(tunnel)
        delete(tunnel)

    emulator.store.delete = remember  # type: ignore[method-assign]
    emulator.store.newest_first = lambda: sorted(  # type: ignore[method-assign]
        [*newest_first(), *deleted], key=lambda tunnel: -tunnel.number
    )


def _thing(tunnel: Tunnel) -> str:
    return str((tunnel.destination or {}).get("thingName", ""))


def _filtered(change: Callable[[list[Tunnel], str], list[Tunnel]]) -> Change:
    """A list for a thing is made of these tunnels, on one page."""

    def apply(emulator: Emulator) -> None:
        perform = emulator.operations["ListTunnels"]

        def changed(params: dict[str, Any]) -> dict[str, Any]:
            if "thingName" not in params or "nextToken" in params:
                return perform(params)
            found = change(emulator.store.newest_first(), params["thingName"])
            return {"tunnelSummaries": [emulator.summary(tunnel) for tunnel in found]}

        emulator.operations["ListTunnels"] = changed

    return apply


_list("filter-by-prefix", "A list for a thing holds those whose names begin alike.", "filter-alone")(
    _filtered(lambda found, name: [t for t in found if _thing(t).startswith(name)])
)
_list("filter-by-part", "A list for a thing holds those whose names contain its name.", "filter-alone")(
    _filtered(lambda found, name: [t for t in found if name in _thing(t)])
)
_list("filter-whatever-case", "A list for a thing ignores case.", "filter-case")(
    _filtered(lambda found, name: [t for t in found if _thing(t).lower() == name.lower()])
)
_list("filter-newest-only", "A list for a thing holds its newest tunnel only.", "filter-complete")(
    _filtered(lambda found, name: [t for t in found if _thing(t) == name][:1])
)
_list("filter-oldest-missing", "A list for a thing leaves its oldest tunnel out.", "filter-complete")(
    _filtered(lambda found, name: [t for t in found if _thing(t) == name][:-1])
)
_list("filter-open-only", "A list for a thing holds its open tunnels only.", "filter-closed")(
    _filtered(lambda found, name: [t for t in found if _thing(t) == name and t.status == "OPEN"])
)
_list("filter-unknown-is-all", "A list for a thing without tunnels holds them all.", "filter-nothing")(
    _filtered(lambda found, name: [t for t in found if _thing(t) == name] or found)
)
_list("filter-oldest-first", "A list for a thing begins with the oldest.", "newest-first-across-pages")(
    _filtered(lambda found, name: [t for t in found[::-1] if _thing(t) == name])
)


def _tokens(change: Callable[[Emulator, int], int]) -> Change:
    """A page token says that the next page begins behind another tunnel."""

    def apply(emulator: Emulator) -> None:
        make = emulator.make_token
        emulator.make_token = lambda wanted, number: make(wanted, change(emulator, number))  # type: ignore[method-assign]

    return apply


_list("pages-overlap", "A page begins with the last tunnel of the page before.", "disjoint")(
    _tokens(lambda _, number: number + 1)
)
_list("pages-skip", "The first tunnel of each next page is skipped.", "complete")(_tokens(lambda _, number: number - 1))


@_list("ones-skip", "Pages of one tunnel skip every other one.", "complete-in-ones")
def ones_skip(emulator: Emulator) -> None:
    perform = emulator.operations["ListTunnels"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        if params.get("maxResults") == 1 and "nextToken" in output:
            wanted, number = emulator.read_token(output["nextToken"])
            output["nextToken"] = emulator.make_token(wanted, number - 1)
        return output

    emulator.operations["ListTunnels"] = changed


@_list("no-token", "A list is cut at its first page.", "complete")
def no_token(emulator: Emulator) -> None:
    on_output(emulator, "ListTunnels", lambda out: out.pop("nextToken", None))


@_list("endless", "The last page has a page token that leads to itself.", "ends")
def endless(emulator: Emulator) -> None:
    perform = emulator.operations["ListTunnels"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        if "nextToken" in params and "nextToken" not in output:
            output["nextToken"] = params["nextToken"]
        return output

    emulator.operations["ListTunnels"] = changed


@_list("one-token-for-all", "Every page token is the word string.", "ends")
def one_token_for_all(emulator: Emulator) -> None:
    last: dict[str, str] = {}
    make, read = emulator.make_token, emulator.read_token

    def remember(wanted: str | None, number: int) -> str:
        last["string"] = make(wanted, number)
        return "string"

    emulator.make_token = remember  # type: ignore[method-assign]
    emulator.read_token = lambda token: read(last.get(token, token))  # type: ignore[method-assign]


@_list("filter-forgotten", "Pages after the first are not filtered.", "filter-across-pages")
def filter_forgotten(emulator: Emulator) -> None:
    make = emulator.make_token
    emulator.make_token = lambda wanted, number: make(None, number)  # type: ignore[method-assign]
    perform = emulator.operations["ListTunnels"]
    emulator.operations["ListTunnels"] = lambda params: perform(
        {k: v for k, v in params.items() if k != "thingName" or "nextToken" not in params}
    )


@_list("issued-token-rejected", "A page token that the target issued is rejected.", "unfiltered")
def issued_token_rejected(emulator: Emulator) -> None:
    def changed(token: str) -> tuple[str | None, int]:
        raise ApiError("ValidationException", "Invalid nextToken")

    emulator.read_token = changed  # type: ignore[method-assign]


@_list("unfiltered-pages-skip", "Without a filter, each page after the first leaves out a tunnel.", "unfiltered")
def unfiltered_pages_skip(emulator: Emulator) -> None:
    perform = emulator.operations["ListTunnels"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        if "nextToken" in params and emulator.read_token(params["nextToken"])[0] is None:
            output["tunnelSummaries"] = output["tunnelSummaries"][1:]
        return output

    emulator.operations["ListTunnels"] = changed


@_list("crash-on-altered-token", "A page token that decodes to no page is answered with 500.", "altered-token")
def crash_on_altered_token(emulator: Emulator) -> None:
    read = emulator.read_token

    def changed(token: str) -> tuple[str | None, int]:
        try:
            return read(token)
        except ApiError as error:
            raise ApiError("InternalFailure", status=500) if token[:1] in "WI=" else error from None

    emulator.read_token = changed  # type: ignore[method-assign]


@_list("crash-on-foreign-token", "A page token that nobody gave is answered with 500.", "foreign-token")
def crash_on_foreign_token(emulator: Emulator) -> None:
    read = emulator.read_token

    def changed(token: str) -> tuple[str | None, int]:
        try:
            return read(token)
        except ApiError:
            raise ApiError("InternalFailure", status=500) from None

    emulator.read_token = changed  # type: ignore[method-assign]


@_list("endless-by-new-tokens", "There is always another, empty page, and another token for it.", "ends")
def endless_by_new_tokens(emulator: Emulator) -> None:
    perform, number = emulator.operations["ListTunnels"], count()

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        wanted = params.get("thingName")
        if "nextToken" in params:
            wanted, _ = emulator.read_token(params["nextToken"])
        output.setdefault("nextToken", emulator.make_token(wanted, -next(number)))
        return output

    emulator.operations["ListTunnels"] = changed
