"""Faults of access tokens."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.emulator.store import Tunnel, new_token
from tunnelspec.faults.changes import after, on_error, on_output, told
from tunnelspec.faults.registry import Change, fault

TOKENS = "access tokens"
LEAK = "secrets in answers"
SOURCE, DESTINATION = "sourceAccessToken", "destinationAccessToken"


def _opened(name: str, sentence: str, killer: str, **change: Any) -> None:
    fault(f"tokens/{name}", sentence=sentence, defect_class=TOKENS, killer=f"tokens/OpenTunnel/{killer}")(
        lambda emulator: on_output(emulator, "OpenTunnel", lambda out: out.update(change))
    )


_opened("empty", "The destination's token is empty.", "non-empty", destinationAccessToken="")


@fault(
    "tokens/one-for-both",
    sentence="Source and destination get the same token.",
    defect_class=TOKENS,
    killer="tokens/OpenTunnel/sides-differ",
)
def one_for_both(emulator: Emulator) -> None:
    on_output(emulator, "OpenTunnel", lambda out: out.update({DESTINATION: out[SOURCE]}))


@fault(
    "tokens/the-same-for-all",
    sentence="Every tunnel gets the same pair of tokens.",
    defect_class=TOKENS,
    killer="tokens/OpenTunnel/new-each-time",
)
def the_same_for_all(emulator: Emulator) -> None:
    pair = {SOURCE: new_token(), DESTINATION: new_token()}
    on_output(emulator, "OpenTunnel", lambda out: out.update(pair))


#: Changes what a rotation answers, given its mode and the tunnel's tokens before it.
_Rotation: TypeAlias = Callable[[dict[str, Any], str, dict[str, str]], None]


def _rotation(change: _Rotation) -> Change:

    def apply(emulator: Emulator) -> None:
        perform = emulator.operations["RotateTunnelAccessToken"]

        def changed(params: dict[str, Any]) -> dict[str, Any]:
            before = dict(emulator.find(params["tunnelId"]).tokens)
            output = perform(params)
            change(output, params["clientMode"], before)
            return output

        emulator.operations["RotateTunnelAccessToken"] = changed

    return apply


def _rotated(name: str, sentence: str, killer: str) -> Callable[[_Rotation], _Rotation]:
    full = f"tokens/RotateTunnelAccessToken/{killer}"

    def register(change: _Rotation) -> _Rotation:
        fault(f"tokens/{name}", sentence=sentence, defect_class=TOKENS, killer=full)(_rotation(change))
        return change

    return register


@_rotated("source-and-more", "SOURCE returns the destination's token too.", "source-alone")
def source_and_more(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "SOURCE":
        output[DESTINATION] = new_token()


@_rotated("destination-and-more", "DESTINATION returns the source's token too.", "destination-alone")
def destination_and_more(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "DESTINATION":
        output[SOURCE] = new_token()


@_rotated("ends-exchanged", "DESTINATION returns its token as the source's.", "destination-alone")
def ends_exchanged(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "DESTINATION":
        output[SOURCE] = output.pop(DESTINATION)


@_rotated("all-but-one", "ALL returns the source's token only.", "all-both")
def all_but_one(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "ALL":
        del output[DESTINATION]


@_rotated("source-as-before", "SOURCE returns the token that was there before.", "source-new")
def source_as_before(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "SOURCE":
        output[SOURCE] = before["source"]


@_rotated("destination-as-before", "DESTINATION returns the token that was there before.", "destination-new")
def destination_as_before(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "DESTINATION":
        output[DESTINATION] = before["destination"]


@_rotated("one-for-both-rotated", "A rotation gives both ends the same token.", "sides-differ")
def one_for_both_rotated(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "ALL":
        output[DESTINATION] = output[SOURCE]


@_rotated("empty-rotated", "A rotation returns an empty token.", "non-empty")
def empty_rotated(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
    if mode == "ALL":
        output[SOURCE] = ""


@fault(
    "tokens/taking-turns",
    sentence="Rotations take turns with two pairs of tokens.",
    defect_class=TOKENS,
    killer="tokens/RotateTunnelAccessToken/never-again",
)
def taking_turns(emulator: Emulator) -> None:
    turns, pairs = count(), {}  # type: ignore[var-annotated]

    def change(output: dict[str, Any], mode: str, before: dict[str, str]) -> None:
        if mode == "ALL":
            arn = output["tunnelArn"]
            output.update(pairs.setdefault((arn, next(turns) % 2), dict(output)))

    _rotation(change)(emulator)


@fault(
    "tokens/arn-of-the-newest",
    sentence="A rotation returns the ARN of the newest tunnel.",
    defect_class=TOKENS,
    killer="tokens/RotateTunnelAccessToken/arn",
)
def arn_of_the_newest(emulator: Emulator) -> None:
    def change(output: dict[str, Any]) -> None:
        output["tunnelArn"] = emulator.store.newest_first()[0].arn

    on_output(emulator, "RotateTunnelAccessToken", change)


@fault(
    "tokens/rotation-lives-longer",
    sentence="A rotation gives the tunnel the longest lifetime.",
    defect_class=TOKENS,
    killer="tokens/RotateTunnelAccessToken/lifetime",
)
def rotation_lives_longer(emulator: Emulator) -> None:
    schema = emulator.schemas["OpenTunnel"]["properties"]["timeoutConfig"]["properties"]
    longest = {"maxLifetimeTimeoutMinutes": schema["maxLifetimeTimeoutMinutes"]["maximum"]}
    after(emulator, "RotateTunnelAccessToken", lambda _, tunnel: setattr(tunnel, "timeout", longest))


@fault(
    "tokens/rotation-forgets",
    sentence="A rotation without a destination removes the one that was there.",
    defect_class=TOKENS,
    killer="tokens/RotateTunnelAccessToken/keeps-the-rest",
)
def rotation_forgets(emulator: Emulator) -> None:
    def act(params: dict[str, Any], tunnel: Tunnel) -> None:
        tunnel.destination = params.get("destinationConfig")

    after(emulator, "RotateTunnelAccessToken", act)


@fault(
    "tokens/rotated-told",
    sentence="DescribeTunnel tells a token once it was rotated.",
    defect_class=LEAK,
    killer="tokens/DescribeTunnel/untold",
)
def rotated_told(emulator: Emulator) -> None:
    rotated: set[str] = set()
    after(emulator, "RotateTunnelAccessToken", lambda _, tunnel: rotated.add(tunnel.id))

    def change(tunnel: Tunnel, shown: dict[str, Any]) -> None:
        if tunnel.id in rotated:
            shown["accessTokens"] = dict(tunnel.tokens)

    told(emulator, change)


@fault(
    "tokens/listed",
    sentence="ListTunnels tells the destination's tokens.",
    defect_class=LEAK,
    killer="tokens/ListTunnels/untold",
)
def listed(emulator: Emulator) -> None:
    summary = emulator.summary
    emulator.summary = lambda tunnel: {**summary(tunnel), "token": tunnel.tokens.get("destination")}  # type: ignore[method-assign]


@fault(
    "tokens/tagged",
    sentence="A tunnel carries its source's token as a tag.",
    defect_class=LEAK,
    killer="tokens/ListTagsForResource/untold",
)
def tagged(emulator: Emulator) -> None:
    tags_of = emulator.tags_of
    emulator.tags_of = lambda tunnel: [*tags_of(tunnel), {"key": "token", "value": tunnel.tokens["source"]}]  # type: ignore[method-assign]


@fault(
    "tokens/in-error-after-deletion",
    sentence="The error for a deleted tunnel tells its source's token.",
    defect_class=LEAK,
    killer="tokens/DescribeTunnel/untold-in-errors",
)
def in_error_after_deletion(emulator: Emulator) -> None:
    last: list[Tunnel] = []
    delete = emulator.store.delete

    def remember(tunnel: Tunnel) -> None:
        last[:] = [tunnel]
        delete(tunnel)

    def change(error: ApiError) -> None:
        if last and error.code == "ResourceNotFoundException":
            error.message = f"No tunnel {last[0].tokens}"

    emulator.store.delete = remember  # type: ignore[method-assign]
    on_error(emulator, change)
