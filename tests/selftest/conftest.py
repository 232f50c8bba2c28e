"""What the tests of ourselves share."""

from __future__ import annotations

import signal

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.runner.case import Case
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.suite import build, enabled

from .catches import Catches, catches


@pytest.fixture(scope="session", autouse=True)
def _the_same_draws() -> None:
    """What a test draws does not depend on what else is loaded, nor on the last edit of the source."""
    ignore_local_constants()


@pytest.fixture(autouse=True)
def _signals_arrive() -> None:
    """Runs that tests interrupt are not deaf to it, where these tests were started under nohup or in the background,
    or a test before has left a signal ignored or blocked: processes inherit that."""
    numbers = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
    for number in numbers:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The shipped contract."""
    return load()


@pytest.fixture(scope="session")
def cases(contract: Contract) -> list[Case]:
    """The whole suite, as the first depth asks it."""
    return enabled(build(contract, seed=7))


@pytest.fixture(scope="session")
def caught(contract: Contract, cases: list[Case]) -> Catches:
    """The findings of the cases that the seeded faults name."""
    return catches(contract, cases)
