"""Several clients of one scenario at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier, BrokenBarrierError, Thread

from tunnelspec.scenario.client import ScenarioClient
from tunnelspec.scenario.registry import Steps


def run_together(client: ScenarioClient, parts: Sequence[Steps], *, contested: bool = False) -> None:
    """Run parts at the same time, each with a client and a session of its own, and take over their findings.

    `contested`: one of them closes what the others use. Raises what one of them raised.
    """
    clients = [client.beside(f"client{number}_", contested=contested) for number in range(1, len(parts) + 1)]
    problems: list[BaseException] = []
    start = Barrier(len(parts))

    def run(part: Steps, other: ScenarioClient) -> None:
        try:
            start.wait(10)
            part(other)
        except BrokenBarrierError:
            return
        except BaseException as problem:  # raised again by the thread that waits
            problems.append(problem)

    threads = [Thread(target=run, args=pair, daemon=True) for pair in zip(parts, clients, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in clients:
        client.take_over(other)
    if problems:
        raise problems[0]
