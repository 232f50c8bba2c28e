"""What the tests of ourselves share."""

from __future__ import annotations

import signal

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.faults import all_faults
from tunnelspec.record.document import Record
from tunnelspec.runner.case import Case
from tunnelspec.runner.constants import ignore_local_constants
from tunnelspec.suite import build, enabled

from .catches import Catches, catches
from .reporting import FIVE, Lenient, Terrible, made, with_faults


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems() -> None:
    """What a test draws does not depend on what else is loaded, nor on the last edit of the source: Hypothesis would
    now read all of it.
    """
    ignore_local_constants()


@pytest.fixture(scope="session", autouse=True)
def _faults_are_defined_once(contract: Contract) -> None:
    """A run of pytest inside a test forgets the modules that it is the first to import, which are then made again."""
    all_faults(contract)


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


@pytest.fixture(scope="session")
def reference(contract: Contract, cases: list[Case]) -> Record:
    """The reference emulator."""
    return made(contract, cases)


@pytest.fixture(scope="session")
def five(contract: Contract, cases: list[Case]) -> Record:
    """Five seeded faults."""
    return made(contract, cases, with_faults(contract, *FIVE))


@pytest.fixture(scope="session")
def lacking(contract: Contract, cases: list[Case]) -> Record:
    """An emulator without RotateTunnelAccessToken."""
    return made(contract, cases, with_faults(contract, "wire/operation-missing"))


@pytest.fixture(scope="session")
def worst(contract: Contract, cases: list[Case]) -> list[Record]:
    """The two worst emulators: one crashes on everything, one accepts everything."""
    return [made(contract, cases, change) for change in (Terrible, Lenient)]
