"""Faults and variants of one expression: `fault("id", "GLOB", "Sentence.").encode(lambda data: ...)`.

What takes more than an expression, or a memory, is a class.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from dataclasses import KW_ONLY, dataclass

from tunnelspec.emulator import ApiError, Emulator, HttpConnection, HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.emulator.signature import Verifier
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.override import CRASHED, Override
from tunnelspec.verdict import Level


def _with_destination(described: Params, member: str, alter: Callable[..., object]) -> Params:
    destination = described.get("destinationConfig") or {}
    if member not in destination:
        return described
    changed = {**destination, member: alter(destination[member])}
    return {**described, "destinationConfig": {name: value for name, value in changed.items() if value is not None}}


class Row(Override):
    """A fault or variant without its change, which one of these methods gives it: what many of them change."""

    # Requests and responses.

    def request(self, alter: Callable[[HttpRequest], HttpRequest]) -> None:
        """A request is handled as `alter` makes it."""
        self.around(Emulator.handle, lambda call, self, request: call(alter(request)))

    def responding(self, when: Callable[[HttpRequest], object], status: int, page: str = "", **fields: str) -> None:
        """A request for which `when` is true gets a bare status, with a page of HTML or other header fields."""
        headers = {"Content-Type": "text/html"} if page else {}
        headers |= {name.replace("_", "-"): value for name, value in fields.items()}
        self.around(
            Emulator.handle,
            lambda call, self, request: (
                HttpResponse(status, [*headers.items()], page.encode()) if when(request) else call(request)
            ),
        )

    def crashing(self, when: Callable[[HttpRequest], object]) -> None:
        """A request for which `when` is true causes status 500."""
        self.around(
            Emulator.handle,
            lambda call, self, request: (
                self.render_error(ApiError(CRASHED, status=500)) if when(request) else call(request)
            ),
        )

    def recoded(self, old: str, new: str | None = None, status: int | None = None) -> None:
        """An error of one code has another code or status."""
        self.around(Emulator.render_error, lambda call, self, error: call(error.recoded(old, new, status)))

    def error_body(self, alter: Callable[[Params, ApiError], Params]) -> None:
        """The JSON object of an error is what `alter` makes of it."""
        self.after(Emulator.error_body, lambda body, self, error: alter(body, error))

    def header(self, name: str, value: str | None) -> None:
        """Every response has this value in this header field, or no such field."""
        self.after(Emulator.response, lambda response, self, status, body: response.set_header(name, value))

    def encode(self, alter: Callable[[bytes], bytes]) -> None:
        """JSON is written as `alter` makes it."""
        self.after(Emulator.encode, lambda data, self, value: alter(data))

    # Input.

    def parse(self, edit: Callable[[bytes], bytes]) -> None:
        """A body is parsed after `edit`."""
        self.around(Emulator.parse, lambda call, self, body: call(edit(body)))

    def coerce(self, kinds: Collection[str], convert: Callable[[object], object]) -> None:
        """A value is converted whose schema has one of these JSON types."""
        self.after(
            Emulator.coerce,
            lambda known, self, member, schema, value: convert(known) if schema.get("type") in kinds else known,
        )

    def put_tags(self, alter: Callable[[list[Params], Tunnel], list[Params]]) -> None:
        """Of the tags that a tunnel is given, what `alter` makes of them is stored."""
        self.around(Emulator.put_tags, lambda call, self, tunnel, tags: call(tunnel, alter(tags, tunnel)))

    def untag(self, alter: Callable[[list[str], dict[str, str]], Iterable[str]]) -> None:
        """UntagResource removes the keys that `alter` makes of the request's and of the tunnel's tags."""

        def instead(call: Callable[[Params], Params], self: Emulator, params: Params, /) -> Params:
            tags = dict(self.find_arn(params["resourceArn"]).tags)
            return call({**params, "tagKeys": list(alter(params["tagKeys"], tags))})

        self.around(Emulator.untag_resource, instead)

    def close(self, alter: Callable[[Params, Tunnel], Params]) -> None:
        """CloseTunnel has the parameters that `alter` makes of its own and of the tunnel."""
        self.around(
            Emulator.close_tunnel, lambda call, self, params: call(alter(params, self.find(params["tunnelId"])))
        )

    # State and output.

    def given(self, wanted: str, alter: Callable[[Params], Params]) -> None:
        """An operation is given what `alter` makes of its parameters."""
        self.around(
            Emulator.perform,
            lambda call, self, operation, params: call(operation, alter(params) if operation == wanted else params),
        )

    def sets(self, operation: str, **attributes: object) -> None:
        """An operation begins with attributes of the tunnel that are replaced."""

        def instead(call: Callable[[str, Params], Params], self: Emulator, performed: str, params: Params, /) -> Params:
            if performed == operation:
                by_arn = "resourceArn" in params
                tunnel = self.find_arn(params["resourceArn"]) if by_arn else self.find(params["tunnelId"])
                vars(tunnel).update(copy.deepcopy(attributes))
            return call(performed, params)

        self.around(Emulator.perform, instead)

    def output(self, wanted: str, alter: Callable[[Params], Params]) -> None:
        """An operation returns what `alter` makes of its output."""
        self.after(
            Emulator.perform, lambda output, self, operation, params: alter(output) if operation == wanted else output
        )

    def description(self, alter: Callable[[Params, Tunnel], Params]) -> None:
        """DescribeTunnel returns what `alter` makes of its output and of the tunnel."""
        self.after(Emulator.description, lambda described, self, tunnel: alter(described, tunnel))

    def services(self, alter: Callable[[list[str]], object]) -> None:
        """DescribeTunnel returns what `alter` makes of the destination's services."""
        self.description(lambda described, tunnel: _with_destination(described, "services", alter))

    def thing(self, alter: Callable[[str], object]) -> None:
        """DescribeTunnel returns what `alter` makes of the name of the destination's thing, None for none."""
        self.description(lambda described, tunnel: _with_destination(described, "thingName", alter))

    def summary(self, alter: Callable[[Params, Tunnel], Params]) -> None:
        """ListTunnels returns what `alter` makes of each row and of the tunnel."""
        self.after(Emulator.summary, lambda row, self, tunnel: alter(row, tunnel))

    def listed(self, alter: Callable[[list[Tunnel], str | None], list[Tunnel]]) -> None:
        """ListTunnels lists what `alter` makes of the tunnels of a thing."""
        self.after(Emulator.listed, lambda tunnels, self, thing: alter(tunnels, thing))

    def lists_only(self, keep: Callable[[Tunnel, str | None], object]) -> None:
        """ListTunnels lists the tunnels for which `keep` is true, with the thing of the filter."""
        self.listed(lambda tunnels, thing: [tunnel for tunnel in tunnels if keep(tunnel, thing)])

    def verifier(self, verifier: type[Verifier]) -> None:
        """Signatures are verified by this class."""
        self.enter({"Verifier": verifier})

    def connection(self, connection: type[HttpConnection]) -> None:
        """Connections are served by this class."""
        self.enter({"Connection": connection, "served": True})


@dataclass(frozen=True)
class Faults:
    """Makes the rows of faults whose ids begin with `prefix` and whose killers begin with `cases`."""

    prefix: str
    defect_class: str
    cases: str = ""
    _: KW_ONLY
    level: Level = Level.MUST
    base: type[Fault] = Fault

    def __call__(
        self, name: str, case: str, sentence: str, defect_class: str = "", *, level: Level | None = None
    ) -> Row:
        """The row of one fault."""
        return Row(
            self.base,
            f"{self.prefix}/{name}",
            killer=self.cases + case,
            sentence=sentence,
            defect_class=defect_class or self.defect_class,
            level=level or self.level,
        )


def variant(
    name: str, why: str, sentence: str, *, base: type[Variant] = Variant, may_warn: bool = False, may_skip: bool = False
) -> Row:
    """The row of one conforming variant."""
    return Row(base, name, why=why, sentence=sentence, may_warn=may_warn, may_skip=may_skip)
