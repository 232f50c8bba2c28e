"""What the pytest plugin does once the suite is collected: the contract, the baseline, the target, and one case.

User errors are usage errors of pytest. The target's own are the outcomes of `runner.outcomes`.
"""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.errors import UserError
from tunnelspec.history.baseline import Baseline, read
from tunnelspec.history.expected import mark_known, problems, stale_sentence
from tunnelspec.printable import safe
from tunnelspec.pytest_options import option, seed, used_key
from tunnelspec.record.deciding import deciding
from tunnelspec.record.recorder import record_of
from tunnelspec.report.escape import one_line
from tunnelspec.report.summary import finding_lines
from tunnelspec.runner.case import Case, Result
from tunnelspec.runner.executor import Run
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.outcomes import run_case
from tunnelspec.runner.presence import is_lacking
from tunnelspec.runner.session import Session
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import JOURNAL, OpenTarget, open_target
from tunnelspec.suite import DEPTHS, build
from tunnelspec.verdict import Outcome


class ContractWarning(UserWarning):
    """A SHOULD of the contract is violated."""


_contract_key: pytest.StashKey[Contract] = pytest.StashKey()
_cases_key: pytest.StashKey[list[Case]] = pytest.StashKey()
_baseline_key: pytest.StashKey[Baseline] = pytest.StashKey()


def contract(config: pytest.Config) -> Contract:
    """The contract of this pytest run. Raises pytest.UsageError for an unreadable document."""
    value = config.stash.get(_contract_key, None)
    if value is None:
        path = option(config, "document")
        with _usage_errors():
            value = config.stash[_contract_key] = load(Path(path) if path else None)
    return value


def baseline(config: pytest.Config) -> Baseline:
    """The baseline of this pytest run, without entries if there is none. Raises pytest.UsageError."""
    value = config.stash.get(_baseline_key, None)
    if value is None:
        path = option(config, "baseline")
        with _usage_errors():
            value = config.stash[_baseline_key] = read(Path(path)) if path else Baseline()
    return value


def all_cases(config: pytest.Config) -> list[Case]:
    """Every case of the suite at the depth and seed of this pytest run. Raises pytest.UsageError."""
    cases = config.stash.get(_cases_key, None)
    if cases is None:
        cases = config.stash[_cases_key] = _built(config)
    return cases


def _built(config: pytest.Config) -> list[Case]:
    depth = option(config, "depth") or "quick"
    if depth not in DEPTHS:
        raise pytest.UsageError(f"--tunnelspec-depth is one of {', '.join(DEPTHS)}, not '{depth}'.")
    examples = option(config, "examples")
    with _usage_errors():
        return build(contract(config), depth=depth, seed=seed(config), examples=[Path(examples)] if examples else [])


def outdated(config: pytest.Config, names: Iterable[str]) -> dict[str, list[str]]:
    """Each pattern of the baseline, with what is wrong: it matches none of the names, or it has expired."""
    everything = list(names)
    sentences: dict[str, list[str]] = {}
    for entry in baseline(config).entries:
        one = replace(baseline(config), entries=(entry,))
        wrong = problems(one, dict.fromkeys(everything, ""), everything, _today())
        sentences.setdefault(entry.case, []).extend([*wrong["expired"], *wrong["unmatched"]])
    return sentences


@contextmanager
def target(config: pytest.Config) -> Iterator[OpenTarget]:
    """The target of this pytest run. Ends pytest with 2 where it cannot be opened."""
    settings = Settings(
        endpoint_url=option(config, "endpoint-url"),
        region=option(config, "region"),
        profile=option(config, "profile"),
        allow_account=option(config, "allow-account"),
        mode=_mode(config),
        max_creates=_number(config, "max-tunnels"),
        max_requests=_number(config, "max-requests"),
        send_credentials_to=option(config, "send-credentials-to"),
        ca_bundle=option(config, "ca-bundle"),
    )
    config.stash[used_key] = True
    # pytest cleans up after Ctrl-C, but not after these. Windows has no SIGHUP, and nohup ignores it.
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    interrupt = signal.getsignal(signal.SIGINT)
    if not callable(interrupt):
        # What a script starts in the background ignores SIGINT, but not these.
        interrupt = signal.default_int_handler
    before = {n: signal.signal(n, interrupt) for n in numbers if signal.getsignal(n) is not signal.SIG_IGN}
    try:
        with open_target(settings, contract(config), _journal(config)) as opened:
            yield opened
    except UserError as problem:
        pytest.exit(f"tunnelspec: {safe(str(problem))}", returncode=2)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True, slots=True)
class CaseRunner:
    """Runs a case as the test that calls it: `missing` collects the operations that the target lacks."""

    target: OpenTarget
    session: Session
    missing: dict[str, str]
    pytest_session: pytest.Session
    record_property: Callable[[str, object], None]

    def __call__(self, case: Case) -> None:
        """Fail, warn or skip the test as the case's outcome says."""
        __tracebackhide__ = True
        for name in ("operation", "area", "level"):
            self.record_property(name, getattr(case, name))
        self.session.unimplemented = self.missing
        result = run_case(case, self.session, self.missing)
        if result.ends_run and not result.evidence:
            pytest.exit(f"tunnelspec: {result.ends_run}", returncode=3)
        if result.ends_run:
            # The defect is reported first: no other test runs after this one.
            self.pytest_session.shouldfail = f"tunnelspec: {result.ends_run}"
        if result.error:
            # With its own traceback, pytest would print the locals of every frame, secrets among them.
            pytest.fail(self.target.redactor.text(result.error), pytrace=False)
        self.record_property("outcome", result.outcome.value)
        if is_lacking(result):
            self.missing[case.operation] = result.observed
        self._report(result)

    def _report(self, result: Result) -> None:
        __tracebackhide__ = True
        if result.outcome in (Outcome.SKIPPED, Outcome.INCONCLUSIVE):
            pytest.skip(f"{result.outcome.value}: {result.reason}")
        config = self.pytest_session.config
        listed = baseline(config)
        if result.outcome is Outcome.PASS:
            entry = listed.entry_of(result.case.id, _today())
            if entry is not None and not entry.flaky:
                pytest.fail(stale_sentence(listed, entry, result.case.id), pytrace=False)
            return
        run_record = record_of(Run([result]), self.target, seed=seed(config), depth="", started=datetime.now(UTC))
        row = run_record["cases"][0]
        mark_known(row, listed, _today())
        if "known" in row:
            known = row["known"]
            pytest.xfail(f"known: {known['reason']} {known['link']}".strip())
        finding = deciding(row)
        # The first line is what pytest's short summary shows.
        first = one_line(f"{finding['check'] if finding else ''}: {row['observed']}")
        text = "\n".join([first, *(line for f in row["findings"] for line in finding_lines(f, run_record))])
        if result.outcome is Outcome.FAIL:
            pytest.fail(text, pytrace=False)
        warnings.warn(ContractWarning(text), stacklevel=2)


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


@contextmanager
def _usage_errors() -> Iterator[None]:
    try:
        yield
    except UserError as problem:
        raise pytest.UsageError(safe(str(problem))) from problem


def _today() -> date:
    return datetime.now(UTC).date()
