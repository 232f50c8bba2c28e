"""Opens a target for a run: resolves the endpoint, starts the embedded emulator where there is none,
and makes the sessions. The command line and the pytest plugin both come through here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tunnelspec.client import Credentials, Journal, Redactor, Transport, quiet_logs, resolve
from tunnelspec.client import Target as Endpoint
from tunnelspec.client.endpoint import region_of
from tunnelspec.contract import Contract
from tunnelspec.engine.session import Session
from tunnelspec.engine.tally import Tally

EMBEDDED = "the embedded emulator"
#: What the embedded emulator verifies signatures by; real credentials have no business there.
_OWN = Credentials(
    "AKIDTUNNELSPECEMBEDDED", "embedded-secret-of-tunnelspec", "embedded-token-of-tunnelspec", "own"
)
#: How long a read may lag behind a write on AWS, whose consistency is nowhere promised, in seconds.
_SETTLE_ON_AWS_S = 5.0


class ConfigurationError(Exception):
    """The run cannot start as it was asked for; the message is one sentence (exit status 2)."""


@dataclass(frozen=True)
class Settings:
    """What a front asks for. `settle_s` is how long a read may lag behind a write before that is held
    against the target: by default some seconds for AWS, and nothing for anybody else. `embedded` asks for the
    embedded emulator whatever the environment says.
    """

    endpoint_url: str | None = None
    region: str | None = None
    profile: str | None = None
    allow_account: str | None = None
    send_credentials_to: str | None = None
    max_requests: int | None = None
    timeout_s: float = 10.0
    settle_s: float | None = None
    ca_bundle: str | None = None
    emulator_arguments: tuple[str, ...] = ()
    embedded: bool = False


@dataclass
class Opened:
    """A target that is ready to be judged; `make_session` gives each worker its own session."""

    contract: Contract
    endpoint: Endpoint
    transport: Transport
    redactor: Redactor
    journal: Journal
    tally: Tally = field(default_factory=Tally)
    patience_s: float = 0.0

    @property
    def url(self) -> str:
        """The endpoint's URL."""
        return self.endpoint.url

    def make_session(self) -> Session:
        """A session of one worker."""
        return Session(
            self.contract,
            self.transport,
            tally=self.tally,
            ledger=self.journal,
            learn=self.redactor.learn,
            patience_s=self.patience_s,
        )


@contextmanager
def open_target(settings: Settings, contract: Contract, journal_file: Path | None = None) -> Iterator[Opened]:
    """The target of these settings, for as long as the context lasts.

    Raises ConfigurationError, and the client's TargetError for a URL or profile that cannot be used.
    """
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
            _allow(endpoint, settings)
        redactor = Redactor(contract.sensitive)
        transport = Transport(
            endpoint,
            contract.service,
            read_timeout_s=settings.timeout_s,
            total_s=settings.timeout_s * 2,
            throttling_codes=frozenset(
                row.code for row in contract.errors.values() if row.retryable and row.inconclusive
            ),
            redactor=redactor,
        )
        for label, value in transport.secrets().items():
            redactor.learn(value, label)
        journal = Journal(journal_file or Path(scratch) / "journal.jsonl")
        try:
            tally = Tally(max_requests=settings.max_requests)
            usual = _SETTLE_ON_AWS_S if endpoint.is_aws else 0.0
            patience_s = usual if settings.settle_s is None else settings.settle_s
            with quiet_logs(redactor.text):
                yield Opened(contract, endpoint, transport, redactor, journal, tally, patience_s)
        finally:
            transport.close()
            journal.close()


@contextmanager
def _embedded(settings: Settings, contract: Contract) -> Iterator[str | None]:
    """The URL to judge: the one asked for, or that of an emulator in a process of its own.

    Its own process, so that client and emulator do not share one interpreter lock.
    """
    if not settings.embedded and (settings.endpoint_url is not None or _configured(contract)):
        yield settings.endpoint_url
        return
    command = [sys.executable, "-P", "-m", "tunnelspec", "emulator", "--port", "0"]
    command += ["--region", region_of(settings.region), "--session-token", str(_OWN.token)]
    command += ["--credentials", f"{_OWN.access_key}:{_OWN.secret_key}"]
    process = subprocess.Popen([*command, *settings.emulator_arguments], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if "listening on " not in line:
            raise ConfigurationError("The embedded emulator did not start.")
        yield line.split("listening on ", 1)[1].strip()
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


def _configured(contract: Contract) -> bool:
    """Whether the environment names an endpoint for this service, the way AWS SDKs read it."""
    import os

    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return False
    names = (contract.service.endpoint_variable, "AWS_ENDPOINT_URL")
    return any(os.environ.get(name) for name in names)


def _allow(endpoint: Endpoint, settings: Settings) -> None:
    """Real AWS is judged only in the account that was named: opening a tunnel costs money there."""
    if not settings.allow_account:
        raise ConfigurationError(
            f"{endpoint.url} is AWS, where opening tunnels costs money: pass --allow-account with"
            " the id of the account that may be used."
        )
    account = caller_account(endpoint.region, settings.profile)
    if account != settings.allow_account:
        raise ConfigurationError(
            "These credentials belong to another account than the one that --allow-account names."
        )


def caller_account(region: str, profile: str | None) -> str:
    """The account of the credentials in use, asked of STS. Raises ConfigurationError."""
    import botocore.session
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = botocore.session.Session(profile=profile)
        identity: Mapping[str, Any] = session.create_client("sts", region_name=region).get_caller_identity()
    except (BotoCoreError, ClientError) as problem:
        raise ConfigurationError(f"Cannot ask STS whose credentials these are: {problem}.") from None
    return str(identity["Account"])
