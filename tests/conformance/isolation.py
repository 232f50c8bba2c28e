"""Several clients at once: each gets the responses to its own requests, and no call is lost."""

from __future__ import annotations

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.concurrent import run_together
from tunnelspec.scenario.registry import Steps, scenario

#: How many clients there are at once.
CLIENTS = 4
_EVERYTHING = (rules.SAME, rules.DESCRIPTION, rules.STORED, rules.NOTHING_ELSE, rules.OPEN, rules.NEW)


@scenario("isolation/OpenTunnel/own-answers", *_EVERYTHING)
def own_responses(client: ScenarioClient) -> None:
    """Concurrent clients must each get the responses to their own requests."""

    def part(number: int) -> Steps:
        def steps(own: ScenarioClient) -> None:
            tags = [{"key": f"client-{number}", "value": str(number)}]
            tunnel = own.open(description=f"client {number}", tags=tags)
            for _ in range(2):
                own.describe(tunnel)
                own.list_tags(tunnel)

        return steps

    run_together(client, [part(number) for number in range(CLIENTS)])


@scenario("isolation/TagResource/parallel", rules.STORED, rules.REMOVED)
def parallel_tags(client: ScenarioClient) -> None:
    """Tags that concurrent clients add to one tunnel must all be stored, until they are removed."""
    client.open()

    def part(number: int) -> Steps:
        def steps(own: ScenarioClient) -> None:
            for step in range(2):
                own.tag("t1", {f"client-{number}-{step}": str(number)})
            own.untag("t1", f"client-{number}-0")

        return steps

    run_together(client, [part(number) for number in range(CLIENTS)])
    client.list_tags("t1")


@scenario("isolation/OpenTunnel/parallel", rules.NEW, rules.NEW_TOKENS, rules.LISTED)
def parallel_opening(client: ScenarioClient) -> None:
    """Concurrent OpenTunnel calls must each create a tunnel, and ListTunnels must return all of them, also on pages of
    one, though their creation times may be the same.
    """

    def steps(own: ScenarioClient) -> None:
        own.open()

    run_together(client, [steps] * CLIENTS)
    client.walk(size=1)


@scenario("isolation/CloseTunnel/parallel", rules.CLOSED, rules.GONE)
def parallel_closing(client: ScenarioClient) -> None:
    """A tunnel that one client closes while others tag it must be CLOSED."""
    # More than once, since which call comes first is a matter of chance, and of how fast a target is.
    for pause_s in (0.003, 0.01, 0.03):
        tunnel = client.open()

        def closing(own: ScenarioClient, tunnel: str = tunnel, pause_s: float = pause_s) -> None:
            own.sleep(pause_s)  # in the midst of the others' calls
            own.close_tunnel(tunnel)

        def tagging(own: ScenarioClient, tunnel: str = tunnel) -> None:
            own.tag(tunnel, {"Site": "Hall 3"})

        run_together(client, [closing, tagging, tagging], contested=True)
        client.describe(tunnel)
