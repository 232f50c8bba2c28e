"""Faults of a tunnel's life: what is told of it, and what closing does and must not do.

A catalogue: its entries are small, stand by themselves, and are looked up by name.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.emulator.store import Tunnel
from tunnelspec.faults.changes import after, told
from tunnelspec.faults.registry import Change, fault

STATE = "state"
ECHO = "text altered on the way"


@fault(
    "lifecycle/one-for-all",
    sentence="OpenTunnel with a description that is there already returns that tunnel.",
    defect_class=STATE,
    killer="lifecycle/OpenTunnel/a-tunnel-each",
)
def one_for_all(emulator: Emulator) -> None:
    perform = emulator.operations["OpenTunnel"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        output = perform(params)
        text = params.get("description")
        same = [t for t in emulator.store.newest_first() if text and t.description == text]
        if len(same) > 1:
            output["tunnelId"], output["tunnelArn"] = same[1].id, same[1].arn
        return output

    emulator.operations["OpenTunnel"] = changed


@fault(
    "lifecycle/opens-closed",
    sentence="A new tunnel is CLOSED until somebody connects.",
    defect_class=STATE,
    killer="lifecycle/OpenTunnel/open",
)
def opens_closed(emulator: Emulator) -> None:
    told(emulator, lambda tunnel, shown: shown.update(status="CLOSED"))


@fault(
    "lifecycle/arn-of-another-form",
    sentence="DescribeTunnel tells an ARN of another service than OpenTunnel told.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/identity",
)
def arn_of_another_form(emulator: Emulator) -> None:
    told(
        emulator,
        lambda tunnel, shown: shown.update(tunnelArn=tunnel.arn.replace(":iot:", ":iotsecuredtunneling:")),
    )


@fault(
    "lifecycle/describes-the-newest",
    sentence="DescribeTunnel tells of the newest tunnel, whichever was asked for.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/identity",
)
def describes_the_newest(emulator: Emulator) -> None:
    describe = emulator.description
    emulator.description = lambda tunnel: describe(  # type: ignore[method-assign]
        (emulator.store.newest_first() or [tunnel])[0]
    )


@fault(
    "lifecycle/connected",
    sentence="The source of a new tunnel is CONNECTED.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/disconnected",
)
def connected(emulator: Emulator) -> None:
    told(emulator, lambda tunnel, shown: shown["sourceConnectionState"].update(status="CONNECTED"))


def _destination(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    def apply(emulator: Emulator) -> None:
        def describe(tunnel: Tunnel, shown: dict[str, Any]) -> None:
            if "destinationConfig" in shown:
                shown["destinationConfig"] = change(shown["destinationConfig"])

        told(emulator, describe)

    return apply


fault(
    "lifecycle/first-service-only",
    sentence="Of several services only the first is kept.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/services",
)(_destination(lambda found: {**found, "services": found["services"][:1]}))
fault(
    "lifecycle/services-in-upper-case",
    sentence="Services are told in upper case.",
    defect_class=ECHO,
    killer="lifecycle/DescribeTunnel/services",
)(_destination(lambda found: {**found, "services": [name.upper() for name in found["services"]]}))
fault(
    "lifecycle/thing-in-lower-case",
    sentence="The thing's name is told in lower case.",
    defect_class=ECHO,
    killer="lifecycle/DescribeTunnel/thing",
)(_destination(lambda found: {k: v.lower() if k == "thingName" else v for k, v in found.items()}))
fault(
    "lifecycle/thing-lost",
    sentence="The thing is not told.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/thing",
)(_destination(lambda found: {"services": found["services"]}))


@fault(
    "lifecycle/lifetime-in-seconds",
    sentence="The lifetime is told in seconds.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/lifetime",
)
def lifetime_in_seconds(emulator: Emulator) -> None:
    def change(tunnel: Tunnel, shown: dict[str, Any]) -> None:
        minutes = tunnel.timeout["maxLifetimeTimeoutMinutes"]
        shown["timeoutConfig"] = {"maxLifetimeTimeoutMinutes": minutes * 60}

    told(emulator, change)


@fault(
    "lifecycle/lifetime-ignored",
    sentence="Every tunnel has the default lifetime.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/lifetime",
)
def lifetime_ignored(emulator: Emulator) -> None:
    default = emulator.schemas["OpenTunnel"]["properties"]["timeoutConfig"]["properties"]
    minutes = default["maxLifetimeTimeoutMinutes"]["default"]
    told(emulator, lambda _, shown: shown.update(timeoutConfig={"maxLifetimeTimeoutMinutes": minutes}))


@fault(
    "lifecycle/another-default",
    sentence="The default lifetime is an hour.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/default-lifetime",
)
def another_default(emulator: Emulator) -> None:
    schema = emulator.schemas["OpenTunnel"]["properties"]["timeoutConfig"]["properties"]
    schema["maxLifetimeTimeoutMinutes"]["default"] = 60


@fault(
    "lifecycle/created-now",
    sentence="The time of creation is the time of asking.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/created-once",
)
def created_now(emulator: Emulator) -> None:
    def change(tunnel: Tunnel, shown: dict[str, Any]) -> None:
        shown["createdAt"] = shown["lastUpdatedAt"] = emulator.timestamp(emulator.store.clock())

    told(emulator, change)


@fault(
    "lifecycle/closed-in-milliseconds",
    sentence="The time of closing is told in milliseconds.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/seconds",
)
def closed_in_milliseconds(emulator: Emulator) -> None:
    def change(tunnel: Tunnel, shown: dict[str, Any]) -> None:
        if tunnel.status == "CLOSED":
            shown["lastUpdatedAt"] = int(tunnel.updated_at * 1000)

    told(emulator, change)


@fault(
    "lifecycle/created-when-closed",
    sentence="Closing a tunnel sets the time of its creation anew.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/created-for-good",
)
def created_when_closed(emulator: Emulator) -> None:
    after(emulator, "CloseTunnel", lambda _, tunnel: setattr(tunnel, "created_at", tunnel.updated_at))


@fault(
    "lifecycle/updated-before-created",
    sentence="A new tunnel was last updated before it was created.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/updated-after-created",
)
def updated_before_created(emulator: Emulator) -> None:
    told(emulator, lambda _, shown: shown.update(lastUpdatedAt=shown["createdAt"] - 1))


@fault(
    "lifecycle/updated-goes-back",
    sentence="The time of the last update goes back while a tunnel is only read.",
    defect_class=STATE,
    killer="lifecycle/DescribeTunnel/updated-forward",
)
def updated_goes_back(emulator: Emulator) -> None:
    times = count(1)
    told(emulator, lambda _, shown: shown.update(lastUpdatedAt=shown["createdAt"] + 9 / next(times)))


@fault(
    "lifecycle/close-ignored",
    sentence="A closed tunnel stays OPEN.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/closed",
)
def close_ignored(emulator: Emulator) -> None:
    after(emulator, "CloseTunnel", lambda _, tunnel: setattr(tunnel, "status", "OPEN"))


@fault(
    "lifecycle/close-deletes",
    sentence="Closing a tunnel deletes it, whether that was asked for or not.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/describable",
)
def close_deletes(emulator: Emulator) -> None:
    after(emulator, "CloseTunnel", lambda _, tunnel: emulator.store.delete(tunnel))


@fault(
    "lifecycle/delete-false-deletes",
    sentence="Closing a tunnel with delete false deletes it.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/delete-false",
)
def delete_false_deletes(emulator: Emulator) -> None:
    after(emulator, "CloseTunnel", lambda p, tunnel: emulator.store.delete(tunnel) if "delete" in p else None)


@fault(
    "lifecycle/delete-ignored",
    sentence="Closing a tunnel with delete true only closes it.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/delete",
)
def delete_ignored(emulator: Emulator) -> None:
    perform = emulator.operations["CloseTunnel"]
    emulator.operations["CloseTunnel"] = lambda params: perform({**params, "delete": False})


@fault(
    "lifecycle/closed-not-deleted",
    sentence="A tunnel that is closed already is not deleted any more.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/delete-closed",
)
def closed_not_deleted(emulator: Emulator) -> None:
    perform = emulator.operations["CloseTunnel"]

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        return perform(params) if emulator.find(params["tunnelId"]).status == "OPEN" else {}

    emulator.operations["CloseTunnel"] = changed


@fault(
    "lifecycle/close-forgets",
    sentence="Closing a tunnel forgets its description.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/keeps-the-rest",
)
def close_forgets(emulator: Emulator) -> None:
    after(emulator, "CloseTunnel", lambda _, tunnel: setattr(tunnel, "description", None))


@fault(
    "lifecycle/close-closes-all",
    sentence="Closing a tunnel closes the others too.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/others-stay-open",
)
def close_closes_all(emulator: Emulator) -> None:
    def act(params: dict[str, Any], tunnel: Tunnel) -> None:
        for other in emulator.store.newest_first():
            emulator.store.close(other)

    after(emulator, "CloseTunnel", act)


@fault(
    "lifecycle/delete-deletes-all-closed",
    sentence="Deleting a tunnel deletes every closed tunnel.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/others-stay",
)
def delete_deletes_all_closed(emulator: Emulator) -> None:
    def act(params: dict[str, Any], tunnel: Tunnel) -> None:
        for other in emulator.store.newest_first():
            if params.get("delete") and other.status == "CLOSED":
                emulator.store.delete(other)

    after(emulator, "CloseTunnel", act)


@fault(
    "lifecycle/tagging-reopens",
    sentence="Tagging a closed tunnel opens it again.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/stays-closed",
)
def tagging_reopens(emulator: Emulator) -> None:
    after(emulator, "TagResource", lambda _, tunnel: setattr(tunnel, "status", "OPEN"))


@fault(
    "lifecycle/rotation-reopens",
    sentence="Rotating the tokens of a closed tunnel opens it again.",
    defect_class=STATE,
    killer="lifecycle/CloseTunnel/stays-closed",
)
def rotation_reopens(emulator: Emulator) -> None:
    after(emulator, "RotateTunnelAccessToken", lambda _, tunnel: setattr(tunnel, "status", "OPEN"))


@fault(
    "lifecycle/rotation-for-all",
    sentence="A rotation with a destination changes that of every tunnel.",
    defect_class=STATE,
    killer="lifecycle/RotateTunnelAccessToken/others-as-they-were",
)
def rotation_for_all(emulator: Emulator) -> None:
    def act(params: dict[str, Any], tunnel: Tunnel) -> None:
        for other in emulator.store.newest_first():
            other.destination = params.get("destinationConfig", other.destination)

    after(emulator, "RotateTunnelAccessToken", act)


def _deleted_accepted(operation: str) -> Change:
    """An operation on a tunnel that was there once succeeds."""

    def apply(emulator: Emulator) -> None:
        buried: dict[str, Tunnel] = {}
        delete, perform = emulator.store.delete, emulator.operations[operation]

        def bury(tunnel: Tunnel) -> None:
            buried[tunnel.id] = buried[tunnel.arn] = tunnel
            delete(tunnel)

        def changed(params: dict[str, Any]) -> dict[str, Any]:
            try:
                return perform(params)
            except ApiError:
                tunnel = buried.get(str(params.get("tunnelId") or params.get("resourceArn")))
                if tunnel is None:
                    raise
                return {"tunnelArn": tunnel.arn, "sourceAccessToken": "x", "destinationAccessToken": "y"}

        emulator.store.delete = bury  # type: ignore[method-assign]
        emulator.operations[operation] = changed

    return apply


def _null_as(member: str, value: object) -> Change:
    """A null member is taken for a value."""

    def apply(emulator: Emulator) -> None:
        parse = emulator.parse

        def changed(body: bytes) -> dict[str, Any]:
            params = parse(body)
            return {name: value if name == member and given is None else given for name, given in params.items()}

        emulator.parse = changed  # type: ignore[method-assign]

    return apply


for _member, _value, _sentence, _killer in (
    ("delete", True, "CloseTunnel with a null `delete` deletes the tunnel.", "lifecycle/CloseTunnel/delete-null"),
    ("description", "null", "A null description is stored as a text.", "lifecycle/OpenTunnel/null-members"),
    ("thingName", "null", "A null filter selects the thing named null.", "listing/ListTunnels/null-members"),
):
    fault(f"lifecycle/null-{_member}", sentence=_sentence, defect_class="null is a value", killer=_killer)(
        _null_as(_member, _value)
    )


for _operation in ("RotateTunnelAccessToken", "ListTagsForResource", "TagResource", "UntagResource"):
    fault(
        f"lifecycle/deleted-known-to-{_operation}",
        sentence=f"{_operation} succeeds on a tunnel that was deleted.",
        defect_class="missing resource not noticed",
        killer=f"lifecycle/{_operation}/deleted-unknown",
    )(_deleted_accepted(_operation))


@fault(
    "lifecycle/close-brings-back",
    sentence="CloseTunnel on a deleted tunnel brings it back.",
    defect_class="wrong state transition",
    killer="lifecycle/CloseTunnel/deleted-unknown",
)
def close_brings_back(emulator: Emulator) -> None:
    deleted: dict[str, Tunnel] = {}
    delete, get, close = emulator.store.delete, emulator.store.get, emulator.operations["CloseTunnel"]

    def bury(tunnel: Tunnel) -> None:
        deleted[tunnel.id] = tunnel
        delete(tunnel)

    def changed(params: dict[str, Any]) -> dict[str, Any]:
        tunnel = deleted.get(params["tunnelId"])
        if tunnel is None:
            return close(params)
        emulator.store.get = lambda tunnel_id: tunnel if tunnel_id == tunnel.id else get(tunnel_id)  # type: ignore[method-assign]
        return {}

    emulator.store.delete = bury  # type: ignore[method-assign]
    emulator.operations["CloseTunnel"] = changed


@fault(
    "lifecycle/deleted-has-a-state",
    sentence="An operation on a deleted tunnel is answered with InvalidStateException.",
    defect_class="wrong error code or __type",
    killer="lifecycle/*/deleted-unknown",
)
def deleted_has_a_state(emulator: Emulator) -> None:
    deleted: set[str] = set()
    delete, find = emulator.store.delete, emulator.find

    def bury(tunnel: Tunnel) -> None:
        deleted.add(tunnel.id)
        delete(tunnel)

    def changed(tunnel_id: str) -> Tunnel:
        if tunnel_id in deleted:
            raise ApiError("InvalidStateException", "The tunnel is deleted")
        return find(tunnel_id)

    emulator.store.delete = bury  # type: ignore[method-assign]
    emulator.find = changed  # type: ignore[method-assign]
