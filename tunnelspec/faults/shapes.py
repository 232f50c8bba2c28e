"""Faults of what a success says: types, members, values, secrets."""

from __future__ import annotations

from datetime import UTC, datetime

from tunnelspec.emulator import Emulator
from tunnelspec.faults.changes import on_output, with_header
from tunnelspec.faults.registry import fault

TYPES = "response types"


@fault(
    "shapes/iso-timestamps",
    sentence="Times are ISO 8601 strings.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def iso_timestamps(emulator: Emulator) -> None:
    emulator.timestamp = lambda seconds: datetime.fromtimestamp(seconds, UTC).isoformat()  # type: ignore[method-assign]


@fault(
    "shapes/millisecond-timestamps",
    sentence="Times are in milliseconds.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def millisecond_timestamps(emulator: Emulator) -> None:
    emulator.timestamp = lambda seconds: int(seconds * 1000)  # type: ignore[method-assign]


@fault(
    "shapes/lower-case-status",
    sentence="A tunnel's status is written open.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def lower_case_status(emulator: Emulator) -> None:
    on_output(emulator, "DescribeTunnel", lambda out: out["tunnel"].update(status="open"))


@fault(
    "shapes/no-destination-token",
    sentence="OpenTunnel leaves the destination's token out.",
    defect_class=TYPES,
    killer="protocol/OpenTunnel/plain",
)
def no_destination_token(emulator: Emulator) -> None:
    on_output(emulator, "OpenTunnel", lambda out: out.pop("destinationAccessToken"))


@fault(
    "shapes/unwrapped-tunnel",
    sentence="DescribeTunnel answers the tunnel itself, not a structure that holds it.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def unwrapped_tunnel(emulator: Emulator) -> None:
    on_output(emulator, "DescribeTunnel", lambda out: out.update(out.pop("tunnel")))


@fault(
    "shapes/tags-as-map",
    sentence="Tags are answered as a map.",
    defect_class=TYPES,
    killer="protocol/ListTagsForResource/plain",
)
def tags_as_map(emulator: Emulator) -> None:
    on_output(emulator, "ListTagsForResource", lambda out: out.update(tags={}))


@fault(
    "shapes/token-in-description",
    sentence="DescribeTunnel tells the source's access token.",
    defect_class="secrets in answers",
    killer="protocol/DescribeTunnel/plain",
)
def token_in_description(emulator: Emulator) -> None:
    describe = emulator.description
    emulator.description = lambda tunnel: {  # type: ignore[method-assign]
        **describe(tunnel),
        "sourceAccessToken": tunnel.tokens["source"],
    }


@fault(
    "shapes/number-token",
    sentence="The page token is a number.",
    defect_class=TYPES,
    killer="protocol/ListTunnels/plain",
)
def number_token(emulator: Emulator) -> None:
    on_output(emulator, "ListTunnels", lambda out: out.update(nextToken=7))


@fault(
    "shapes/null-token",
    sentence="The last page has a null page token: against a SHOULD.",
    defect_class=TYPES,
    killer="protocol/ListTunnels/plain",
)
def null_token(emulator: Emulator) -> None:
    on_output(emulator, "ListTunnels", lambda out: out.setdefault("nextToken", None))


@fault(
    "shapes/no-request-id",
    sentence="Answers have no request id: against a SHOULD.",
    defect_class="error envelope or headers",
    killer="protocol/*/plain",
)
def no_request_id(emulator: Emulator) -> None:
    with_header(emulator, "x-amzn-RequestId", None)


@fault(
    "shapes/null-members",
    sentence="Members without a value are null: against a SHOULD.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def null_members(emulator: Emulator) -> None:
    on_output(emulator, "DescribeTunnel", lambda out: out["tunnel"].setdefault("description", None))


@fault(
    "shapes/times-as-text",
    sentence="Times are numbers in quotes.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def times_as_text(emulator: Emulator) -> None:
    emulator.timestamp = lambda seconds: str(round(seconds, 3))  # type: ignore[method-assign]


@fault(
    "shapes/infinite-time",
    sentence="A time is Infinity, which JSON has not.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def infinite_time(emulator: Emulator) -> None:
    emulator.timestamp = lambda seconds: float("inf")  # type: ignore[method-assign]


@fault(
    "shapes/summaries-as-map",
    sentence="A list's tunnels are a map by id.",
    defect_class=TYPES,
    killer="protocol/ListTunnels/*",
)
def summaries_as_map(emulator: Emulator) -> None:
    on_output(
        emulator,
        "ListTunnels",
        lambda out: out.update(tunnelSummaries={one["tunnelId"]: one for one in out["tunnelSummaries"]}),
    )


@fault(
    "shapes/lifetime-as-text",
    sentence="The lifetime is a string of digits.",
    defect_class=TYPES,
    killer="protocol/DescribeTunnel/plain",
)
def lifetime_as_text(emulator: Emulator) -> None:
    on_output(
        emulator,
        "DescribeTunnel",
        lambda out: out["tunnel"].update(
            timeoutConfig={name: str(value) for name, value in out["tunnel"]["timeoutConfig"].items()}
        ),
    )


@fault(
    "shapes/identifier-beyond-its-pattern",
    sentence="A tunnel's id has a slash, which the pattern of ids does not admit.",
    defect_class=TYPES,
    killer="protocol/OpenTunnel/plain",
)
def identifier_beyond_its_pattern(emulator: Emulator) -> None:
    on_output(emulator, "OpenTunnel", lambda out: out.update(tunnelId=f"tunnel/{out['tunnelId']}"))
