"""The pytest plugin: options, and fixtures that run a case of the suite as one test.

pytest loads this module in every project where tunnelspec is installed, so it imports nothing else of ours until
the suite is collected. What it does then is in `pytest_suite`.

Options are prefixed and have ini twins; the command line wins over the ini file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from tunnelspec.pytest_options import OPTIONS, option, seed, used_key

if TYPE_CHECKING:
    from tunnelspec.pytest_emulator import TunnelingEmulator
    from tunnelspec.runner.session import Session
    from tunnelspec.runner.target import OpenTarget


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --tunnelspec-… options and tunnelspec_… ini values."""
    group = parser.getgroup("tunnelspec", "conformance tests of AWS IoT Secure Tunneling")
    for name, text in OPTIONS.items():
        group.addoption(f"--tunnelspec-{name}", default=None, help=text)
        parser.addini(f"tunnelspec_{name.replace('-', '_')}", text, default="")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Prepare the process for the suite, where it was collected. Without a baseline nothing tests its entries."""
    if any("tunnelspec_case" in _fixtures(item) for item in items):
        restore_printing()
        if option(config, "baseline") is None:
            items[:] = [item for item in items if "tunnelspec_outdated" not in _fixtures(item)]


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def restore_printing() -> None:
    """Have Hypothesis print drawn values again.

    Schemathesis' own pytest plugin, which pytest loads with it, replaces the printer for the whole process by one
    that prints nothing, to save time on its large cases: a failing property test then reads `test(n=,)`. Both
    names are private; where a release has moved them, nothing is changed.
    """
    core, pretty = sys.modules.get("hypothesis.core"), sys.modules.get("hypothesis.vendor.pretty")
    if hasattr(core, "RepresentationPrinter") and hasattr(pretty, "RepresentationPrinter"):
        core.RepresentationPrinter = pretty.RepresentationPrinter  # type: ignore[union-attr]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Give every xdist worker the seed of the run."""
    config = getattr(node, "config", None)
    workerinput = getattr(node, "workerinput", None)
    if config is not None and workerinput is not None:
        workerinput["tunnelspec_seed"] = str(seed(config))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let xdist's controller know that the suite was run, so that it reports the seed."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["tunnelspec_used"] = session.config.stash.get(used_key, False)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    """An xdist worker has ended."""
    config = getattr(node, "config", None)
    if config is not None and getattr(node, "workeroutput", {}).get("tunnelspec_used"):
        config.stash[used_key] = True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the seed, so that the run can be repeated."""
    config = terminalreporter.config
    if config.stash.get(used_key, False):
        terminalreporter.write_line(f"tunnelspec seed: {seed(config)}")


@pytest.fixture(scope="session")
def tunnelspec_target(pytestconfig: pytest.Config) -> Iterator[OpenTarget]:
    """The target of this run, opened once."""
    from tunnelspec.pytest_suite import target

    with target(pytestconfig) as opened:
        yield opened


@pytest.fixture(scope="session")
def tunnelspec_session(tunnelspec_target: OpenTarget) -> Iterator[Session]:
    """A session with the target; what it opens is deleted at the end."""
    session = tunnelspec_target.make_session()
    yield session
    session.close()


@pytest.fixture(scope="session")
def tunnelspec_missing() -> dict[str, str]:
    """The operations that the target does not implement, with what it did instead."""
    return {}


@pytest.fixture
def tunnelspec_run_case(
    tunnelspec_target: OpenTarget,
    tunnelspec_session: Session,
    tunnelspec_missing: dict[str, str],
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> Callable[..., None]:
    """Runs a case: fails, warns or skips the test as the case's outcome says."""
    from tunnelspec.pytest_suite import CaseRunner

    return CaseRunner(tunnelspec_target, tunnelspec_session, tunnelspec_missing, request.session, record_property)


@pytest.fixture
def iot_tunneling_emulator() -> Iterator[TunnelingEmulator]:
    """The bundled emulator, empty at the start of each test: its URL, credentials and a boto3 client."""
    from tunnelspec.pytest_emulator import running_emulator

    with running_emulator() as emulator:
        yield emulator
