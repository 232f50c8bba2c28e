"""Many clients at once: each gets its own answers, and the order of others' calls does not matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, BrokenBarrierError, Thread

from tunnelspec.model import rules
from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import scenario

#: How many clients there are at once.
CLIENTS = 4
_EVERYTHING = (rules.SAME, rules.DESCRIPTION, rules.STORED, rules.NOTHING_ELSE, rules.OPEN, rules.NEW)


def _together(
    client: ScenarioClient, parts: Sequence[Callable[[ScenarioClient], None]], *, contested: bool = False
) -> list[ScenarioClient]:
    """Perform parts at the same time, each on a session of its own, and take over what they found.

    `contested`: one of them closes what the others use. Raises what one of them raised.
    """
    plays = [client.beside(f"client{number}_", contested=contested) for number in range(1, len(parts) + 1)]
    problems: list[BaseException] = []
    start = Barrier(len(parts))

    def perform(part: Callable[[ScenarioClient], None], play: ScenarioClient) -> None:
        try:
            start.wait(10)
            part(play)
        except BrokenBarrierError:
            return
        except BaseException as problem:  # handed to the thread that waits
            problems.append(problem)

    threads = [Thread(target=perform, args=pair, daemon=True) for pair in zip(parts, plays, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for play in plays:
        client.take_over(play)
    if problems:
        raise problems[0]
    return plays


@scenario("isolation/OpenTunnel/own-answers", *_EVERYTHING)
def own_answers(client: ScenarioClient) -> None:
    """Clients that open, tag and describe tunnels at the same time never see one another's answers."""

    def part(number: int) -> Callable[[ScenarioClient], None]:
        def perform(own: ScenarioClient) -> None:
            tags = [{"key": f"client-{number}", "value": str(number)}]
            mine = own.open(description=f"client {number}", tags=tags)
            for _ in range(2):
                own.describe(mine)
                own.tags(mine)

        return perform

    _together(client, [part(number) for number in range(CLIENTS)])


@scenario("isolation/TagResource/parallel", rules.STORED)
def parallel_tags(client: ScenarioClient) -> None:
    """Tags that several clients add to one tunnel at the same time are all there afterwards."""
    client.open()

    def part(number: int) -> Callable[[ScenarioClient], None]:
        def perform(own: ScenarioClient) -> None:
            for step in range(2):
                own.tag("t1", {f"client-{number}-{step}": str(number)})

        return perform

    _together(client, [part(number) for number in range(CLIENTS)])
    client.tags("t1")


@scenario("isolation/OpenTunnel/parallel", rules.NEW, rules.NEW_TOKENS, rules.LISTED)
def parallel_opening(client: ScenarioClient) -> None:
    """Tunnels that several clients open at the same time are as many tunnels, and all listed."""

    def perform(own: ScenarioClient) -> None:
        own.open()

    _together(client, [perform] * CLIENTS)
    client.walk()


@scenario("isolation/CloseTunnel/parallel", rules.CLOSED, rules.GONE)
def parallel_closing(client: ScenarioClient) -> None:
    """A tunnel that one client closes while others tag it ends closed."""
    # More than once, since who comes first is a matter of chance.
    for _ in range(3):
        tunnel = client.open()

        def closing(own: ScenarioClient, tunnel: str = tunnel) -> None:
            own.sleep(0.003)  # in the midst of what the others do
            own.shut(tunnel)

        def tagging(own: ScenarioClient, tunnel: str = tunnel) -> None:
            own.tag(tunnel, {"Site": "Hall 3"})

        _together(client, [closing, tagging, tagging], contested=True)
        client.describe(tunnel)
