"""The pytest front: the same cases, one item each, so that -k, -x, --lf and -n work as usual.

Options are prefixed and have ini twins; the command line wins over the ini file.
"""

from __future__ import annotations

import secrets
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

import pytest

from tunnelspec.client import EndpointError, JournalError
from tunnelspec.contract import Contract, ContractError, load
from tunnelspec.history.baseline import Baseline, BaselineError, read
from tunnelspec.history.expected import problems, stale_sentence
from tunnelspec.record.recorder import record
from tunnelspec.report.summary import finding_lines
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.executor import Run
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.outcomes import run_case
from tunnelspec.runner.session import Session
from tunnelspec.runner.target import JOURNAL, ConfigurationError, Opened, Settings, open_target
from tunnelspec.verdict import Outcome

Judged: TypeAlias = Callable[[Case], None]

_OPTIONS = (
    ("endpoint-url", "The endpoint to judge; without it, the embedded emulator."),
    ("region", "AWS region that requests are signed for."),
    ("profile", "AWS profile that has the credentials."),
    ("depth", "quick, standard or deep (default: quick)."),
    ("seed", "Repeat a run: the same seed sends the same requests."),
    ("document", "Contract document instead of the one shipped."),
    ("allow-account", "Allow judging real AWS in this account."),
    ("baseline", "Known deviations of the target, with reasons: they are expected to fail."),
    ("mode", "read-only, no-create or full (default: full)."),
    ("max-tunnels", "Send no more requests than this that could open a tunnel."),
    ("max-requests", "Send no more requests than this."),
    ("examples", "File of promoted findings to judge as well."),
    ("send-credentials-to", "Allow real credentials to this host."),
    ("ca-bundle", "File of certificates to trust (default: AWS_CA_BUNDLE)."),
)


class ContractWarning(UserWarning):
    """A SHOULD of the contract is broken."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --tunnelspec-… options and tunnelspec_… ini values."""
    group = parser.getgroup("tunnelspec", "contract tests of AWS IoT Secure Tunneling")
    for name, text in _OPTIONS:
        group.addoption(f"--tunnelspec-{name}", default=None, help=text)
        parser.addini(f"tunnelspec_{name.replace('-', '_')}", text, default="")


def option(config: pytest.Config, name: str) -> str | None:
    """An option's value: command line, then ini file, then None."""
    value = config.getoption(f"--tunnelspec-{name}")
    return value or config.getini(f"tunnelspec_{name.replace('-', '_')}") or None


def contract(config: pytest.Config) -> Contract:
    """The contract of this pytest run. Raises pytest.UsageError for an unreadable document."""
    found = config.stash.get(_contract_key, None)
    if found is None:
        path = option(config, "document")
        try:
            found = config.stash[_contract_key] = load(Path(path) if path else None)
        except ContractError as problem:
            raise pytest.UsageError(str(problem)) from problem
    return found


def seed(config: pytest.Config) -> int:
    """The seed of this pytest run, drawn once where none is given; the same in xdist's workers."""
    found = config.stash.get(_seed_key, None)
    if found is None:
        given = option(config, "seed") or getattr(config, "workerinput", {}).get("tunnelspec_seed")
        if given is not None and not str(given).isdigit():
            raise pytest.UsageError(f"--tunnelspec-seed takes a whole number, not '{given}'.")
        found = config.stash[_seed_key] = int(given) if given is not None else secrets.randbelow(2**32)
    return found


def baseline(config: pytest.Config) -> Baseline:
    """The baseline of this pytest run, without entries if there is none. Raises pytest.UsageError."""
    found = config.stash.get(_baseline_key, None)
    if found is None:
        path = option(config, "baseline")
        try:
            found = config.stash[_baseline_key] = read(Path(path)) if path else Baseline()
        except BaselineError as problem:
            raise pytest.UsageError(str(problem)) from problem
    return found


def outdated(config: pytest.Config, names: Iterable[str]) -> dict[str, list[str]]:
    """Each pattern of the baseline, with what is wrong: it matches none of the names, or its time is over."""
    everything = list(names)
    told: dict[str, list[str]] = {}
    for entry in baseline(config).entries:
        one = replace(baseline(config), entries=(entry,))
        found = problems(one, dict.fromkeys(everything, ""), everything, _today())
        told.setdefault(entry.case, []).extend([*found["expired"], *found["unmatched"]])
    return told


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a baseline there is nothing to test about it."""
    if not baseline(config).entries:
        items[:] = [item for item in items if "tunnelspec_outdated" not in getattr(item, "fixturenames", ())]


def _today() -> date:
    return datetime.now(UTC).date()


_contract_key: pytest.StashKey[Contract] = pytest.StashKey()
_seed_key: pytest.StashKey[int] = pytest.StashKey()
_used_key: pytest.StashKey[bool] = pytest.StashKey()
_baseline_key: pytest.StashKey[Baseline] = pytest.StashKey()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Give every xdist worker the seed of the run."""
    config = getattr(node, "config", None)
    workerinput = getattr(node, "workerinput", None)
    if config is not None and workerinput is not None:
        workerinput["tunnelspec_seed"] = str(seed(config))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let xdist's controller know that the suite was run, so that it tells the seed."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["tunnelspec_used"] = session.config.stash.get(_used_key, False)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object, error: object) -> None:
    """An xdist worker has ended."""
    config = getattr(node, "config", None)
    if config is not None and getattr(node, "workeroutput", {}).get("tunnelspec_used"):
        config.stash[_used_key] = True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell the seed, so that the run can be repeated."""
    config = terminalreporter.config
    if config.stash.get(_used_key, False):
        terminalreporter.write_line(f"tunnelspec seed: {seed(config)}")


@pytest.fixture(scope="session")
def tunnelspec_target(pytestconfig: pytest.Config) -> Iterator[Opened]:
    """The target of this run, opened once."""
    settings = Settings(
        endpoint_url=option(pytestconfig, "endpoint-url"),
        region=option(pytestconfig, "region"),
        profile=option(pytestconfig, "profile"),
        allow_account=option(pytestconfig, "allow-account"),
        mode=_mode(pytestconfig),
        max_creates=_number(pytestconfig, "max-tunnels"),
        max_requests=_number(pytestconfig, "max-requests"),
        send_credentials_to=option(pytestconfig, "send-credentials-to"),
        ca_bundle=option(pytestconfig, "ca-bundle"),
    )
    pytestconfig.stash[_used_key] = True
    # pytest cleans up when it is interrupted, but not when it is told to end.
    before = signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    try:
        with open_target(settings, contract(pytestconfig), _journal(pytestconfig)) as target:
            yield target
    except (ConfigurationError, JournalError, EndpointError) as problem:
        pytest.exit(f"tunnelspec: {problem}", returncode=2)
    finally:
        signal.signal(signal.SIGTERM, before)


def _journal(config: pytest.Config) -> Path | None:
    """Where a sweep looks for it: in pytest's cache, one for each of xdist's workers."""
    if not hasattr(config, "cache") or config.cache is None:
        return None
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    return config.cache.mkdir("tunnelspec") / f"{worker}-{JOURNAL}"


def _mode(config: pytest.Config) -> Mode:
    given = option(config, "mode") or Mode.FULL.value
    try:
        return Mode(given)
    except ValueError:
        known = ", ".join(mode.value for mode in Mode)
        raise pytest.UsageError(f"--tunnelspec-mode is one of {known}, not '{given}'.") from None


def _number(config: pytest.Config, name: str) -> int | None:
    given = option(config, name)
    if given is not None and not given.isdigit():
        raise pytest.UsageError(f"--tunnelspec-{name} takes a whole number, not '{given}'.")
    return int(given) if given is not None else None


@pytest.fixture(scope="session")
def tunnelspec_session(tunnelspec_target: Opened) -> Iterator[Session]:
    """A session with the target; what it opens is deleted at the end."""
    session = tunnelspec_target.make_session()
    yield session
    session.close()


@pytest.fixture(scope="session")
def tunnelspec_missing() -> dict[str, str]:
    """The operations that turned out not to be implemented, with what was seen."""
    return {}


@pytest.fixture
def tunnelspec_judged(
    tunnelspec_target: Opened,
    tunnelspec_session: Session,
    tunnelspec_missing: dict[str, str],
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> Judged:
    """Judges a case: fails, warns or skips the test as the case's outcome says."""

    def judged(case: Case) -> None:
        for name in ("operation", "area", "level"):
            record_property(name, getattr(case, name))
        tunnelspec_session.unimplemented = tunnelspec_missing
        item = run_case(case, tunnelspec_session, tunnelspec_missing)
        if item.ends_run:
            pytest.exit(f"tunnelspec: {item.ends_run}", returncode=3)
        if item.error:
            # With its own traceback, pytest would print the locals of every frame, secrets among them.
            pytest.fail(tunnelspec_target.redactor.text(item.error), pytrace=False)
        record_property("outcome", item.outcome.value)
        if item.outcome is Outcome.FAIL and case.id.endswith("/implemented"):
            tunnelspec_missing[case.operation] = item.observed
        _hold_against(baseline(pytestconfig), item)
        _tell(item, tunnelspec_target, seed(pytestconfig))

    return judged


def _hold_against(listed: Baseline, item: Result) -> None:
    """A listed failure is expected; a listed case that passes fails, since its entry is to be deleted."""
    __tracebackhide__ = True
    entry = listed.entry_of(item.case.id, _today())
    if entry is None:
        return
    if item.outcome in (Outcome.FAIL, Outcome.WARN):
        pytest.xfail(f"known: {entry.reason}{f' {entry.link}' if entry.link else ''}")
    if item.outcome is Outcome.PASS and not entry.flaky:
        pytest.fail(stale_sentence(listed, entry, item.case.id), pytrace=False)


def _tell(item: Result, target: Opened, seed: int) -> None:
    __tracebackhide__ = True
    if item.outcome in (Outcome.SKIPPED, Outcome.INCONCLUSIVE):
        pytest.skip(f"{item.outcome.value}: {item.reason}")
    if item.outcome is Outcome.PASS:
        return
    made = record(
        Run([item]),
        target.contract,
        endpoint=target.url,
        region=target.endpoint.region,
        seed=seed,
        depth="",
        started=datetime.now(UTC),
        redact=target.redactor.text,
    )
    findings = made["cases"][0]["findings"]
    text = "\n".join([item.case.id, *(line for f in findings for line in finding_lines(f))])
    if item.outcome is Outcome.FAIL:
        pytest.fail(text, pytrace=False)
    warnings.warn(ContractWarning(text), stacklevel=2)
