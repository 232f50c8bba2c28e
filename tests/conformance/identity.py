"""Which tunnel a call names: what only resembles a live identifier names none, and an ARN has AWS's form."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.edits import EDITS
from tunnelspec.exchange import Live
from tunnelspec.model import READS, rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import Steps, scenario

#: Of each operation that names a tunnel: by which member, by which identifier, and the other members of a call whose
#: effect would show.
_CALLS: dict[str, tuple[str, str, dict[str, object]]] = {
    "DescribeTunnel": ("tunnelId", "tunnelId", {}),
    "CloseTunnel": ("tunnelId", "tunnelId", {"delete": True}),
    "RotateTunnelAccessToken": (
        *("tunnelId", "tunnelId"),
        {"clientMode": "DESTINATION", "destinationConfig": {"services": ["VNC"]}},
    ),
    "ListTagsForResource": ("resourceArn", "tunnelArn", {}),
    "TagResource": ("resourceArn", "tunnelArn", {"tags": [{"key": "Line", "value": "2"}]}),
    "UntagResource": ("resourceArn", "tunnelArn", {"tagKeys": ["Site"]}),
}
#: The edits that every operation is tried with. Of the others each is tried with one operation of each identifier
#: where there is no time for all.
_ALWAYS = (
    *("longer", "upper-case", "trailing-space"),
    *("other-region", "other-account", "other-type", "model-service", "trailing-slash", "bare"),
)
_UNCHANGED = (rules.OPEN, rules.DESTINATION, rules.STORED, rules.NOTHING_ELSE, rules.REMOVED)


def _few(operation: str, identifier: str) -> Iterator[str]:
    """The edits for one operation; those with the same identifier share the others."""
    sharing = [name for name, (_, other, _) in _CALLS.items() if other == identifier]
    yield from _ALWAYS
    yield from [edit for edit in EDITS if edit not in _ALWAYS][sharing.index(operation) :: len(sharing)]


def _near_misses(operation: str) -> Steps:
    member, identifier, others = _CALLS[operation]

    def steps(client: ScenarioClient) -> None:
        tunnel = client.open(
            destinationConfig={"services": ["SSH"]}, tags=[{"key": "Site", "value": "Hall 3"}], description="pump 7"
        )
        tried = {client.names[tunnel][identifier]}
        for edit in EDITS if client.thorough else _few(operation, identifier):
            near_miss = EDITS[edit].apply(client.names[tunnel][identifier])
            if near_miss in tried:
                continue
            tried.add(near_miss)
            # No call may touch a tunnel of others that happens to have the id.
            if EDITS[edit].of_name and operation != "DescribeTunnel" and client.is_another(tunnel, edit):
                continue
            client.attempt(operation, {member: Live(tunnel, identifier, edit), **others})
        # What was accepted has said what it does.
        is_accepted = any(item.finding.rule == rules.NEAR_MISS.id for item in client.apart)
        if operation not in READS and not is_accepted:
            client.describe(tunnel)
            client.list_tags(tunnel)

    steps.__doc__ = f"{operation} must reject what only resembles the identifier of a tunnel, and change no tunnel."
    return steps


for _operation in _CALLS:
    scenario(f"identity/{_operation}/near-misses", rules.NEAR_MISS, *_UNCHANGED)(_near_misses(_operation))


@scenario("identity/OpenTunnel/arn-form", rules.ARN_FORM)
def arn_form(client: ScenarioClient) -> None:
    """OpenTunnel should return an ARN of AWS's form, in the region of the request."""
    client.open()
