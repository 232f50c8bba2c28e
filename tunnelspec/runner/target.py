"""Opens a target for a run, makes its sessions, and closes what they left open."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tunnelspec.client import (
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
)
from tunnelspec.client.fingerprint import fingerprint
from tunnelspec.contract import Contract
from tunnelspec.ownership.owned import Ownership
from tunnelspec.ownership.settlement import settle
from tunnelspec.runner.account import check_account
from tunnelspec.runner.budget import Budget
from tunnelspec.runner.bundled import OWN, endpoint_of
from tunnelspec.runner.context import RunContext
from tunnelspec.runner.errors import NotSent
from tunnelspec.runner.rates import Rates
from tunnelspec.runner.session import Session
from tunnelspec.runner.settings import Settings, rates_in_force
from tunnelspec.runner.shared import Databases, Shared, directories
from tunnelspec.runner.traffic import Sender

#: The journal's file in a report directory, where a sweep looks for it.
JOURNAL = "journal.jsonl"
#: How long a read may lag behind a write on AWS, whose consistency is nowhere promised, in seconds.
_SETTLE_ON_AWS_S = 5.0


@dataclass
class OpenTarget:
    """A target that is ready to be tested; `make_session` gives each worker its own session.

    `left` are the entries that earlier runs left open in the journal, `notes` sentences for the user.
    """

    contract: Contract
    endpoint: Endpoint
    transport: Transport
    redactor: Redactor
    journal: Journal
    context: RunContext
    left: Sequence[JournalEntry]
    notes: list[str]
    _unsettled: set[tuple[str, int]] = field(default_factory=set)

    def settle(self, *, absent: bool = False) -> None:
        """Close what the run has left, and the journal's entries of which nothing is left.

        `absent`: the target implements no operation of the service, so that no call can have created anything.
        Never raises: what cannot be settled stays in the journal. A second call looks at new entries only.
        """
        ownership = self.context.ownership
        self.notes += ownership.notes
        ownership.notes.clear()
        left = {entry.key for entry in self.journal.own_entries()}
        if left <= self._unsettled:
            return
        send, near = self.make_session().inspect, self.endpoint.is_loopback and self.context.alone
        try:
            for entry in self.journal.own_entries() if absent else ():
                self.journal.settle(entry, "the target implements no operation of the service")
            notes = [] if absent else settle(self.contract, self.journal, send, ownership, near=near)
            self.notes += [note for note in notes if not any(note in known for known in self.notes)]
        except (NotSent, JournalError) as problem:
            self.notes.append(f"Not everything could be settled: {str(problem).rstrip('.')}.")
        if self.journal.problem:
            self.notes.append(f"{self.journal.problem} A sweep may find entries of what is closed already.")
        self._unsettled = {entry.key for entry in self.journal.own_entries()}

    @property
    def budget(self) -> Budget:
        """What the run may send, and has sent."""
        return self.context.budget

    @property
    def url(self) -> str:
        """The endpoint's URL."""
        return self.endpoint.url

    def make_session(self, sender: Sender | None = None) -> Session:
        """A session of one worker, which sends by `sender`, by default over the target's connections."""
        return Session(self.contract, sender or self.transport, self.context)


@contextmanager
def open_target(
    settings: Settings,
    contract: Contract,
    journal_file: Path | None = None,
    run: str = "",
    shared: Shared | None = None,
) -> Iterator[OpenTarget]:
    """The target of these settings, for as long as the context lasts. `run` is the run's id, by default a new one.
    Budgets, rates, journal and example databases may be `shared` with other parts of a run.

    Raises ConfigurationError, and the client's TargetError for a URL or profile that cannot be used.
    """
    with endpoint_of(settings, contract) as endpoint, ExitStack() as stack:
        if endpoint.is_aws:
            check_account(endpoint, settings)
        budget = _budget(settings, contract, endpoint, shared)
        stack.callback(budget.close)
        redactor = Redactor(contract.sensitive)
        transport = _transport(settings, contract, endpoint, budget, redactor)
        stack.callback(transport.close)
        for label, value in transport.secrets().items():
            redactor.learn(value, label)
        is_own = endpoint.credentials is OWN
        account = settings.allow_account or "" if endpoint.is_aws else fingerprint(endpoint.credentials.access_key)
        place = endpoint.url, endpoint.region
        origin = Origin(run or secrets.token_hex(8), *place, not is_own, datetime.now(UTC), account)
        path = journal_file or Path(stack.enter_context(tempfile.TemporaryDirectory())) / JOURNAL
        write = shared.write if shared is not None else lambda line: None
        journal, notes = _journal(path, origin, Sealer(redactor.holds_secret), write)
        stack.callback(journal.close)
        stack.enter_context(quiet_logs(redactor.text))
        usual = _SETTLE_ON_AWS_S if endpoint.is_aws else 0.0
        context = RunContext(
            budget,
            Ownership(origin.run, endpoint.region, strict=endpoint.is_aws),
            journal,
            redactor.learn,
            consistency_timeout_s=usual if settings.settle_s is None else settings.settle_s,
            region=endpoint.region,
            alone=settings.parts == 1,
            # The bundled emulator has another port each time.
            databases=_databases(settings, endpoint.url, "bundled" if is_own else endpoint.url, shared),
        )
        opened = OpenTarget(contract, endpoint, transport, redactor, journal, context, journal.start(), notes)
        stack.callback(opened.settle)
        yield opened


def _budget(settings: Settings, contract: Contract, endpoint: Endpoint, shared: Shared | None) -> Budget:
    rates = Rates(rates_in_force(settings, contract, on_aws=endpoint.is_aws), settings.parts, shared)
    most = settings.max_requests, settings.max_creates, settings.max_seconds
    budget = Budget(*most, settings.mode, rates, shared)
    if shared is not None:
        shared.on_lost = budget.stop
    return budget


def _databases(settings: Settings, url: str, name: str, shared: Shared | None) -> Databases:
    """Where searches keep what they find in this target, whose directory has this name."""
    if shared is not None:
        return shared.databases(url)
    return directories(settings.corpus, name) if settings.corpus is not None else lambda case: None


def _transport(
    settings: Settings, contract: Contract, endpoint: Endpoint, budget: Budget, redactor: Redactor
) -> Transport:
    return Transport(
        endpoint,
        contract.service,
        limits=Limits(call_s=settings.timeout_s),
        throttling_codes=contract.throttling,
        other_codes=frozenset(contract.errors) - contract.throttling,
        may_resend=lambda raw: budget.may_resend(contract.operations.get(raw.operation or "")),
        stop_level=lambda: budget.stop_level,
        redactor=redactor,
    )


def _journal(path: Path, origin: Origin, sealer: Sealer, mirror: Callable[[bytes], None]) -> tuple[Journal, list[str]]:
    """The journal of a run, taken: the file of this name, or one beside it while another run uses that."""
    journal = Journal(path, origin, sealer, mirror=mirror)
    try:
        journal.start()
    except JournalBusy:
        other = path.with_name(f"{path.stem}-{origin.run}{path.suffix}")
        journal = Journal(other, origin, sealer, private=True, mirror=mirror)
        journal.start()
        return journal, [f"{path} is in use by another run; this run's journal is {other}."]
    return journal, []
