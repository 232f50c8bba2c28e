"""Opens a target for a run: resolves the endpoint, starts the bundled emulator where there is none,
and makes the sessions. The command line and the pytest plugin both come through here."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tunnelspec.client import (
    Credentials,
    Endpoint,
    Journal,
    JournalBusy,
    JournalEntry,
    JournalError,
    Limits,
    Origin,
    Redactor,
    Sealer,
    Transport,
    quiet_logs,
    resolve,
)
from tunnelspec.client.endpoint import has_configured_endpoint, region_of
from tunnelspec.contract import Contract
from tunnelspec.errors import UserError
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.ownership import Ownership
from tunnelspec.runner.rates import Rates, quotas
from tunnelspec.runner.session import Session
from tunnelspec.runner.settlement import settle

EMBEDDED = "the bundled emulator"
#: The journal's file in a report directory, where a sweep looks for it.
JOURNAL = "journal.jsonl"
#: The account id of an AWS account has so many digits.
_ACCOUNT_DIGITS = 12
#: What the bundled emulator verifies signatures by; real credentials have no business there.
_OWN = Credentials("AKIDTUNNELSPECEMBEDDED", "embedded-secret-of-tunnelspec", "embedded-token-of-tunnelspec", "own")
#: How long a read may lag behind a write on AWS, whose consistency is nowhere promised, in seconds.
_SETTLE_ON_AWS_S = 5.0


class ConfigurationError(UserError):
    """The run cannot start as it was asked for; the message is one sentence (exit status 2)."""


@dataclass(frozen=True)
class Settings:
    """What a front asks for. `settle_s` is how long a read may lag behind a write before that is held
    against the target: by default some seconds for AWS, and nothing for anybody else. `embedded` asks for the
    bundled emulator whatever the environment says, `bundled_url` is where one is already running. `rates` are calls
    per second by operation, "" for every operation that is not named; they go before the documented quotas, which
    are kept on AWS. Where a run is not `alone`, nothing is closed by a guess.
    """

    endpoint_url: str | None = None
    region: str | None = None
    profile: str | None = None
    allow_account: str | None = None
    send_credentials_to: str | None = None
    mode: Mode = Mode.FULL
    max_requests: int | None = None
    max_creates: int | None = None
    max_seconds: float | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    timeout_s: float = 10.0
    settle_s: float | None = None
    ca_bundle: str | None = None
    emulator_arguments: tuple[str, ...] = ()
    embedded: bool = False
    bundled_url: str | None = None
    alone: bool = True


@dataclass
class Opened:
    """A target that is ready to be tested; `make_session` gives each worker its own session.

    `left` are the entries that earlier runs left open in the journal, `notes` sentences for the user.
    """

    contract: Contract
    endpoint: Endpoint
    transport: Transport
    redactor: Redactor
    journal: Journal
    budget: Budget = field(default_factory=Budget)
    consistency_timeout_s: float = 0.0
    alone: bool = True
    left: Sequence[JournalEntry] = ()
    ownership: Ownership = field(default_factory=Ownership)
    notes: list[str] = field(default_factory=list)
    _unsettled: set[tuple[str, int]] = field(default_factory=set)

    def settle(self, *, absent: bool = False) -> None:
        """Close what the run has left, and the journal's entries of which nothing is left.

        `absent`: the target implements no operation of the service, so that no call can have created anything.
        Never raises: what cannot be settled stays in the journal. A second call looks at new entries only.
        """
        self.notes += self.ownership.notes
        self.ownership.notes.clear()
        left = {entry.key for entry in self.journal.own_entries()}
        if left <= self._unsettled:
            return
        send, near = self.make_session().inspect, self.endpoint.is_loopback and self.alone
        try:
            for entry in self.journal.own_entries() if absent else ():
                self.journal.settle(entry, "the target implements no operation of the service")
            notes = [] if absent else settle(self.contract, self.journal, send, self.ownership, near=near)
            self.notes += [note for note in notes if not any(note in known for known in self.notes)]
        except (NotSent, JournalError) as problem:
            self.notes.append(f"Not everything could be settled: {str(problem).rstrip('.')}.")
        if self.journal.problem:
            self.notes.append(f"{self.journal.problem} A sweep may find entries of what is closed already.")
        self._unsettled = {entry.key for entry in self.journal.own_entries()}

    @property
    def url(self) -> str:
        """The endpoint's URL."""
        return self.endpoint.url

    def make_session(self) -> Session:
        """A session of one worker."""
        return Session(
            self.contract,
            self.transport,
            budget=self.budget,
            ledger=self.journal,
            ownership=self.ownership,
            on_secret=self.redactor.learn,
            consistency_timeout_s=self.consistency_timeout_s,
            run=self.journal.origin.run,
            region=self.endpoint.region,
        )


@contextmanager
def open_target(
    settings: Settings, contract: Contract, journal_file: Path | None = None, run: str = ""
) -> Iterator[Opened]:
    """The target of these settings, for as long as the context lasts. `run` is the run's id, by default a new one.

    Raises ConfigurationError, and the client's TargetError for a URL or profile that cannot be used.
    """
    embedded = not _elsewhere(settings, contract)
    with _embedded(settings, contract) as url, tempfile.TemporaryDirectory() as scratch:
        is_own = url is not None and url != settings.endpoint_url
        endpoint = resolve(
            url,
            region_of(settings.region) if is_own else settings.region,
            settings.profile,
            contract.service,
            send_credentials_to=settings.send_credentials_to,
            ca_bundle=settings.ca_bundle,
        )
        if is_own:
            endpoint = replace(endpoint, credentials=_OWN)
        if endpoint.is_aws:
            check_account(endpoint, settings)
        budget = Budget(
            max_requests=settings.max_requests,
            max_creates=settings.max_creates,
            max_seconds=settings.max_seconds,
            mode=settings.mode,
            rates=Rates(rates_in_force(settings, contract, on_aws=endpoint.is_aws)),
        )
        redactor = Redactor(contract.sensitive)
        transport = Transport(
            endpoint,
            contract.service,
            limits=Limits(call_s=settings.timeout_s),
            throttling_codes=frozenset(
                row.code for row in contract.errors.values() if row.retryable and row.inconclusive
            ),
            may_resend=lambda raw: budget.may_resend(contract.operations.get(raw.operation or "")),
            stop_level=lambda: budget.stop_level,
            redactor=redactor,
        )
        for label, value in transport.secrets().items():
            redactor.learn(value, label)
        origin = Origin(run or secrets.token_hex(8), endpoint.url, endpoint.region, not embedded, datetime.now(UTC))
        sealer = Sealer.of(contract, redactor.holds_secret)
        journal, notes = _journal(journal_file or Path(scratch) / JOURNAL, origin, sealer)
        try:
            left = journal.start()
            usual = _SETTLE_ON_AWS_S if endpoint.is_aws else 0.0
            consistency_timeout_s = usual if settings.settle_s is None else settings.settle_s
            with quiet_logs(redactor.text):
                opened = Opened(contract, endpoint, transport, redactor, journal, budget, consistency_timeout_s)
                opened.alone, opened.left = settings.alone, left
                opened.notes += notes
                opened.ownership = Ownership(origin.run, endpoint.region, strict=endpoint.is_aws)
                try:
                    yield opened
                finally:
                    opened.settle()
        finally:
            transport.close()
            journal.close()
            if budget.rates is not None:
                budget.rates.close()


def _journal(path: Path, origin: Origin, sealer: Sealer) -> tuple[Journal, list[str]]:
    """The journal of a run, taken: the file of this name, or one beside it while another run uses that."""
    journal = Journal(path, origin, sealer)
    try:
        journal.start()
    except JournalBusy:
        other = path.with_name(f"{path.stem}-{origin.run}{path.suffix}")
        journal = Journal(other, origin, sealer, private=True)
        journal.start()
        return journal, [f"{path} is in use by another run; this run's journal is {other}."]
    return journal, []


def rates_in_force(settings: Settings, contract: Contract, *, on_aws: bool) -> dict[str, float]:
    """Calls per second by operation: those asked for, else on AWS the documented quotas.

    Raises ConfigurationError for an operation that the contract does not have.
    """
    unknown = [name for name in settings.rates if name and name not in contract.operations]
    if unknown:
        known = ", ".join(contract.operations)
        raise ConfigurationError(f"There is no operation '{unknown[0]}' to set a rate for; there are {known}.")
    found = quotas(contract) if on_aws else {}
    for name in contract.operations:
        rate = settings.rates.get(name, settings.rates.get(""))
        if rate is not None:
            found[name] = rate
    return found


def place(settings: Settings, contract: Contract) -> Endpoint | None:
    """Where a run with these settings would send, found without sending; None for the bundled emulator.

    Raises TargetError for a URL or profile that cannot be used.
    """
    if not _elsewhere(settings, contract):
        return None
    return resolve(settings.endpoint_url, settings.region, settings.profile, contract.service, sign=False)


@contextmanager
def bundled(settings: Settings, contract: Contract) -> Iterator[Settings]:
    """The same settings, with the bundled emulator running where they ask for it: several may then open it."""
    with _embedded(settings, contract) as url:
        yield settings if url == settings.endpoint_url else replace(settings, bundled_url=url)


@contextmanager
def _embedded(settings: Settings, contract: Contract) -> Iterator[str | None]:
    """The URL to test: the given one, or that of an emulator in a process of its own.

    Its own process, so that client and emulator do not share one interpreter lock.
    """
    if _elsewhere(settings, contract) or settings.bundled_url:
        yield settings.bundled_url or settings.endpoint_url
        return
    command = [sys.executable, "-P", "-m", "tunnelspec", "emulator", "--port", "0", "--until-eof"]
    command += ["--region", region_of(settings.region), "--session-token", str(_OWN.token)]
    command += ["--credentials", f"{_OWN.access_key}:{_OWN.secret_key}"]
    process = subprocess.Popen(
        [*command, *settings.emulator_arguments],
        # Whatever ends this process closes the pipe, and with it the emulator.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "listening on " not in line:
            raise ConfigurationError("The bundled emulator did not start.")
        yield line.split("listening on ", 1)[1].strip()
    finally:
        process.terminate()
        process.wait(timeout=10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _elsewhere(settings: Settings, contract: Contract) -> bool:
    return not settings.embedded and (settings.endpoint_url is not None or _configured(settings, contract))


def _configured(settings: Settings, contract: Contract) -> bool:
    """Whether the environment or the configuration file that it names has an endpoint, the way AWS SDKs read it."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return False
    names = (contract.service.endpoint_variable, "AWS_ENDPOINT_URL")
    if any(os.environ.get(name) for name in names):
        return True
    # The user's usual file is not read for this: a plain run is one of the bundled emulator.
    is_named = settings.profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_CONFIG_FILE")
    return bool(is_named) and has_configured_endpoint(settings.profile, contract.service)


def check_account(endpoint: Endpoint, settings: Settings) -> None:
    """Raise ConfigurationError for AWS in another account than was named: opening a tunnel costs money there."""
    if not settings.allow_account:
        raise ConfigurationError(
            f"{endpoint.url} is AWS, where opening tunnels costs money: pass --allow-account with"
            " the id of the account that may be used."
        )
    allowed = settings.allow_account
    if not (len(allowed) == _ACCOUNT_DIGITS and allowed.isascii() and allowed.isdigit()):
        raise ConfigurationError(f"--allow-account takes an account id of {_ACCOUNT_DIGITS} digits.")
    account = caller_account(endpoint.region, settings.profile)
    if account != allowed:
        raise ConfigurationError("These credentials belong to another account than the one that --allow-account names.")


def caller_account(region: str, profile: str | None) -> str:
    """The account of the credentials in use, asked of STS. Raises ConfigurationError."""
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    try:
        session = botocore.session.Session(profile=profile)
        client = session.create_client("sts", region_name=region, config=config)
        identity: Mapping[str, object] = client.get_caller_identity()
    except (BotoCoreError, ClientError) as problem:
        raise ConfigurationError(f"Cannot ask STS whose credentials these are: {problem}.") from None
    return str(identity.get("Account", ""))
