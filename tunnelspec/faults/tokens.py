"""Faults of access tokens: how they are made and rotated."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from uuid import uuid4

from tunnelspec.emulator import Emulator, Params
from tunnelspec.emulator.store import new_token
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import ACCESS_TOKENS, REFUSED
from tunnelspec.faults.params import without
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

SOURCE, DESTINATION = "sourceAccessToken", "destinationAccessToken"
_ROTATE = "tokens/RotateTunnelAccessToken/"
opening = Faults("tokens", ACCESS_TOKENS, "tokens/OpenTunnel/")
rotating = Faults("tokens", ACCESS_TOKENS, _ROTATE)
weak = Faults("tokens", ACCESS_TOKENS, "protocol/", level=Level.SHOULD)

# What OpenTunnel returns.

opening("empty", "non-empty", "The destination access token is empty.").output(
    "OpenTunnel", lambda output: {**output, DESTINATION: ""}
)
opening("one-for-both", "sides-differ", "Source and destination get the same token.").output(
    "OpenTunnel", lambda output: {**output, DESTINATION: output[SOURCE]}
)


class TheSameForAll(Fault, killer="tokens/OpenTunnel/new-each-time", defect_class=ACCESS_TOKENS):
    """Every tunnel gets the same pair of tokens."""

    def set_up(self) -> None:
        super().set_up()
        self.pair = {SOURCE: self.new_token(), DESTINATION: self.new_token()}

    def open_tunnel(self, params: Params) -> Params:
        return {**super().open_tunnel(params), **self.pair}


# Strength. Tokens that repeat are also issued twice, which a rule of its own is about.


def _made(name: str, sentence: str, token: Callable[[int], str]) -> None:
    """Seed a fault: access tokens are made of their numbers, counted over all emulators."""
    numbers = count(1)
    weak(name, "OpenTunnel/plain", sentence).around(Emulator.new_token, lambda call, self: token(next(numbers)))


_WORDS = ("string", "except", "value", "tunnel")
_made("count-up", "Access tokens are numbers that count up.", str)
_made(
    "count-up-at-the-end",
    "Access tokens are one long text with a number at the end that counts up.",
    lambda number: f"AQGAAXhfQzYtdGhlLXNhbWUtdGV4dC1mb3ItYWxs{number:08}",
)
_made("eight-digits", "Access tokens have eight hexadecimal digits.", lambda number: uuid4().hex[:8])
_made("words", "Access tokens are words with a number.", lambda number: _WORDS[number % 4] + str(number))
weak("rotated-short", "RotateTunnelAccessToken/plain", "The tokens of a rotation have six digits.").output(
    "RotateTunnelAccessToken",
    lambda output: {
        name: f"{uuid4().int % 10**6:06}" if name in (SOURCE, DESTINATION) else value for name, value in output.items()
    },
)

# Rotation.

_ROTATION = Emulator.rotate_tunnel_access_token


def _of(mode: str, alter: Callable[[Params, dict[str, str]], Params]) -> Callable[..., Params]:
    """A rotation of this mode returns what `alter` makes of its output and of the tokens before it."""

    def rotate(call: Callable[[Params], Params], self: Emulator, params: Params) -> Params:
        old = dict(self.find(params["tunnelId"]).tokens)
        output = call(params)
        return alter(output, old) if params["clientMode"] == mode else output

    return rotate


rotating("source-and-more", "source-alone", "SOURCE returns the destination's token too.").around(
    _ROTATION, _of("SOURCE", lambda output, old: {**output, DESTINATION: new_token()})
)
rotating("destination-and-more", "destination-alone", "DESTINATION returns the source's token too.").around(
    _ROTATION, _of("DESTINATION", lambda output, old: {**output, SOURCE: new_token()})
)
rotating("ends-exchanged", "destination-alone", "DESTINATION returns its token as the source's.").around(
    _ROTATION, _of("DESTINATION", lambda output, old: {**without(output, DESTINATION), SOURCE: output[DESTINATION]})
)
rotating("all-but-one", "all-both", "ALL returns the source's token only.").around(
    _ROTATION, _of("ALL", lambda output, old: without(output, DESTINATION))
)
rotating("source-as-before", "source-new", "SOURCE returns the old token.").around(
    _ROTATION, _of("SOURCE", lambda output, old: {**output, SOURCE: old["source"]})
)
rotating("destination-as-before", "destination-new", "DESTINATION returns the old token.").around(
    _ROTATION, _of("DESTINATION", lambda output, old: {**output, DESTINATION: old["destination"]})
)
rotating("one-for-both-rotated", "sides-differ", "A rotation gives both sides the same token.").around(
    _ROTATION, _of("ALL", lambda output, old: {**output, DESTINATION: output[SOURCE]})
)
rotating("empty-rotated", "non-empty", "A rotation returns an empty token.").around(
    _ROTATION, _of("ALL", lambda output, old: {**output, SOURCE: ""})
)
rotating("arn-of-the-newest", "arn", "A rotation returns the ARN of the newest tunnel.").after(
    _ROTATION, lambda output, self, params: {**output, "tunnelArn": self.store.newest_first()[0].arn}
)
rotating(
    "rotation-of-both-goes-nowhere-else",
    "keeps-the-rest",
    "ALL is rejected together with a destination, as if it were SOURCE.",
    defect_class=REFUSED,
).refusing(_ROTATION, lambda self, params: params["clientMode"] == "ALL" and params.get("destinationConfig"))
rotating("rotation-without-arn", "arn", "A rotation does not return the tunnel's ARN.", level=Level.SHOULD).after(
    _ROTATION, lambda output, self, params: {name: value for name, value in output.items() if name != "tunnelArn"}
)
rotating("rotation-forgets", "keeps-the-rest", "A rotation without a destination removes the destination.").sets(
    "RotateTunnelAccessToken", destination=None
)


class RotationLivesLonger(Fault, killer=f"{_ROTATE}lifetime", defect_class=ACCESS_TOKENS):
    """A rotation gives the tunnel the longest lifetime."""

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        timeout = self.schemas["OpenTunnel"]["properties"]["timeoutConfig"]["properties"]
        self.find(params["tunnelId"]).timeout = {name: member["maximum"] for name, member in timeout.items()}
        return super().rotate_tunnel_access_token(params)


class TakingTurns(Fault, killer=f"{_ROTATE}never-again", defect_class=ACCESS_TOKENS):
    """Rotations alternate between two pairs of tokens."""

    turns = remembered(count)
    #: The outputs by ARN and turn.
    outputs = remembered(dict[tuple[str, int], Params])

    def rotate_tunnel_access_token(self, params: Params) -> Params:
        output = super().rotate_tunnel_access_token(params)
        if params["clientMode"] == "ALL":
            output = self.outputs.setdefault((output["tunnelArn"], next(self.turns) % 2), output)
        return output
