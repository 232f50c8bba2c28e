"""Many clients at once: each gets its own answers, and the order of others' calls does not matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, BrokenBarrierError, Thread

from tunnelspec.model import rules

from .directed import directed
from .script import Script

#: How many clients there are at once.
CLIENTS = 4
_EVERYTHING = (rules.SAME, rules.DESCRIPTION, rules.STORED, rules.NOTHING_ELSE, rules.OPEN, rules.NEW)


def _together(
    script: Script, parts: Sequence[Callable[[Script], None]], *, contested: bool = False
) -> list[Script]:
    """Perform parts at the same time, each on a session of its own, and take over what they found.

    `contested`: one of them closes what the others use. Raises what one of them raised.
    """
    plays = [script.beside(f"client{number}_", contested=contested) for number in range(1, len(parts) + 1)]
    problems: list[BaseException] = []
    start = Barrier(len(parts))

    def perform(part: Callable[[Script], None], play: Script) -> None:
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
        script.take_over(play)
    if problems:
        raise problems[0]
    return plays


@directed("isolation/OpenTunnel/own-answers", *_EVERYTHING)
def own_answers(script: Script) -> None:
    """Clients that open, tag and describe tunnels at the same time never see one another's answers."""

    def client(number: int) -> Callable[[Script], None]:
        def perform(own: Script) -> None:
            tags = [{"key": f"client-{number}", "value": str(number)}]
            mine = own.open(description=f"client {number}", tags=tags)
            for _ in range(2):
                own.describe(mine)
                own.tags(mine)

        return perform

    _together(script, [client(number) for number in range(CLIENTS)])


@directed("isolation/TagResource/parallel", rules.STORED)
def parallel_tags(script: Script) -> None:
    """Tags that several clients add to one tunnel at the same time are all there afterwards."""
    script.open()

    def client(number: int) -> Callable[[Script], None]:
        def perform(own: Script) -> None:
            for step in range(2):
                own.tag("t1", {f"client-{number}-{step}": str(number)})

        return perform

    _together(script, [client(number) for number in range(CLIENTS)])
    script.tags("t1")


@directed("isolation/OpenTunnel/parallel", rules.NEW, rules.NEW_TOKENS, rules.LISTED)
def parallel_opening(script: Script) -> None:
    """Tunnels that several clients open at the same time are as many tunnels, and all listed."""

    def perform(own: Script) -> None:
        own.open()

    _together(script, [perform] * CLIENTS)
    script.walk()


@directed("isolation/CloseTunnel/parallel", rules.CLOSED, rules.GONE)
def parallel_closing(script: Script) -> None:
    """A tunnel that one client closes while others tag it ends closed."""
    # More than once, since who comes first is a matter of chance.
    for _ in range(3):
        tunnel = script.open()

        def closing(own: Script, tunnel: str = tunnel) -> None:
            own.sleep(0.003)  # in the midst of what the others do
            own.shut(tunnel)

        def tagging(own: Script, tunnel: str = tunnel) -> None:
            own.tag(tunnel, {"Site": "Hall 3"})

        _together(script, [closing, tagging, tagging], contested=True)
        script.describe(tunnel)
