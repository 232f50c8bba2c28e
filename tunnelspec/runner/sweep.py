"""Finds what runs have left open, and closes it: by the journal, and by the tag that a run gives.

A resource is a run's if the journal names it, or if it carries the tag with the id of a run. Where a run
was cut off before an answer arrived, there is no more than this: one thing alone was created at that
moment, with all that the request said and nothing else. Where others open things at the same moment
that is no proof, and it is left to whoever sweeps whether it shall count.
Nothing else is touched; of everything else no more than its tags is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tunnelspec.client import JournalEntry
from tunnelspec.contract import Contract
from tunnelspec.contract.resources import Find, Resource
from tunnelspec.exchange import Exchange, Request
from tunnelspec.runner.identifiers import is_gone, is_unknown
from tunnelspec.runner.session import Session

#: What a run's id looks like.
RUN_ID = re.compile(r"[0-9a-f]{16}")
#: How long before a request was sent and how long after it something may be said to be created that the
#: request created: on this machine, where there is one clock, and elsewhere.
NEAR = (timedelta(seconds=1), timedelta(seconds=5))
FAR = (timedelta(seconds=10), timedelta(seconds=60))
#: A list with more pages than this is taken for endless.
_MOST_PAGES = 10_000

JOURNAL, TAG, UNANSWERED = "journal", "tag", "unanswered request"
CLOSED, NOT_CLOSED, FOUND = "closed", "not closed", "would be closed"
GONE, UNSURE = "gone already", "not touched: it may be somebody else's"


class SweepFailed(Exception):
    """The target does not answer as a sweep needs it; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that a run left. `why` says what shows it; `entry` is the journal's, if it has one."""

    resource: Resource
    identifiers: Mapping[str, str]
    why: str
    run: str
    created: datetime | None
    entry: JournalEntry | None = None


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What became of a candidate."""

    candidate: Candidate
    outcome: str


@dataclass
class Sweep:
    """A sweep of one endpoint. `entries` are the journal's for this endpoint.

    `runs` are ids whose tag is swept, with `any_run` everybody's; what was created after `before` is left
    alone. `unanswered` also takes what answers to a request whose answer never arrived, by `window`.
    """

    contract: Contract
    entries: list[JournalEntry]
    runs: frozenset[str] = frozenset()
    before: datetime | None = None
    any_run: bool = False
    unanswered: bool = False
    window: tuple[timedelta, timedelta] = FAR
    notes: list[str] = field(default_factory=list)
    _listed: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def leave_other_accounts(self, account: str) -> None:
        """Leave out what the journal names in other accounts: here, it would only seem to be gone."""
        there = [e for e in self.entries if any(f":{account}:" in name for name in e.identifiers.values())]
        kept = [entry for entry in self.entries if not entry.identifiers or entry in there]
        if len(kept) < len(self.entries):
            self.notes.append(f"{len(self.entries) - len(kept)} of the journal are in another account.")
        self.entries = kept

    def candidates(self, session: Session) -> list[Candidate]:
        """What runs have left here. Raises SweepFailed, and the session's exceptions."""
        known: dict[str, Candidate] = {}
        for item in (*self._of_journal(), *self._of_tags(session)):
            known.setdefault(_key(item.identifiers), item)
        for item in self._of_requests(session, set(known)):
            known.setdefault(_key(item.identifiers), item)
        return [item for item in known.values() if self._old_enough(item)]

    def due(self, item: Candidate) -> str:
        """What would become of a candidate."""
        return UNSURE if item.why == UNANSWERED and not self.unanswered else FOUND

    def close(self, session: Session, items: Sequence[Candidate]) -> Iterator[SweepResult]:
        """Delete each, and ask whether it is gone."""
        for item in items:
            if self.due(item) == UNSURE:
                yield SweepResult(item, UNSURE)
                continue
            resource = item.resource
            answer = _ask(session, resource.delete, resource.named(resource.delete_body, item.identifiers))
            if is_unknown(answer, self.contract):
                yield SweepResult(item, GONE)
            elif is_gone(answer, self.contract) and self._is_gone(session, item):
                yield SweepResult(item, CLOSED)
            else:
                yield SweepResult(item, NOT_CLOSED)

    def settled(self, session: Session, done: Sequence[SweepResult]) -> list[JournalEntry]:
        """The journal's entries of which nothing is left, now that these are done."""
        closed = [item.candidate for item in done if item.outcome in (CLOSED, GONE)]
        keys = {_key(item.identifiers) for item in closed}
        named = [entry for entry in self.entries if entry.identifiers and _key(entry.identifiers) in keys]
        waiting = [entry for entry in self.entries if not entry.identifiers]
        return [*named, *(e for e in waiting if self.unanswered or not self._answering(session, e, keys))]

    def _of_journal(self) -> Iterator[Candidate]:
        for entry in self.entries:
            resource = self.contract.resources.get(entry.resource)
            if entry.identifiers and resource is not None:
                yield Candidate(resource, entry.identifiers, JOURNAL, entry.origin.run, entry.at, entry)

    def _of_tags(self, session: Session) -> Iterator[Candidate]:
        if not self.runs and not self.any_run:
            return
        for resource in self.contract.resources.values():
            if resource.find is None or not resource.tag:
                continue
            for row in self._list(session, resource):
                identifiers = _identifiers(row, resource)
                run = self._run_of(session, resource, resource.find, identifiers) if identifiers else ""
                if run and identifiers:
                    yield Candidate(resource, identifiers, TAG, run, _created(row, resource.find))

    def _of_requests(self, session: Session, known: set[str]) -> Iterator[Candidate]:
        for entry in self.entries:
            if entry.identifiers:
                continue
            resource = self.contract.resources.get(entry.resource)
            matching = self._answering(session, entry, known)
            if resource is not None and len(matching) == 1:
                made, created = matching[0]
                yield Candidate(resource, made, UNANSWERED, entry.origin.run, created, entry)
            elif matching:
                self.notes.append(
                    f"{len(matching)} of what is open may answer to the request of {entry.at:%H:%M:%S} UTC"
                    " whose answer never arrived: none is touched."
                )

    def _answering(
        self, session: Session, entry: JournalEntry, known: set[str]
    ) -> list[tuple[dict[str, str], datetime]]:
        """What was created when a request was sent, and is told with all that the request said."""
        resource = self.contract.resources.get(entry.resource)
        if resource is None or resource.find is None or entry.body is None:
            return []
        try:
            asked = json.loads(entry.body)
        except (ValueError, RecursionError):
            return []
        if not isinstance(asked, Mapping):
            return []
        found = []
        for row in self._list(session, resource):
            identifiers, created = _identifiers(row, resource), _created(row, resource.find)
            if identifiers is None or created is None or _key(identifiers) in known:
                continue
            if entry.at - self.window[0] <= created <= entry.at + self.window[1] and self._agrees(
                session, asked, resource, resource.find, identifiers
            ):
                found.append((identifiers, created))
        return found

    def _agrees(
        self,
        session: Session,
        asked: Mapping[str, Any],
        resource: Resource,
        find: Find,
        identifiers: Mapping[str, str],
    ) -> bool:
        """Whether a resource is told with what a request said, and with nothing that it could have said."""
        answer = _ask(session, find.describe, resource.named(find.describe_body, identifiers))
        told = _body(answer).get(find.item)
        if not isinstance(told, Mapping):
            return False
        members = self.contract.operations[resource.create].input.get("properties", {})
        for name, schema in members.items():
            if name in asked and _sorted(told.get(name)) != _sorted(asked[name]):
                return False
            if name not in asked and told.get(name) and not _defaulted(schema, told[name]):
                return False
        return True

    def _list(self, session: Session, resource: Resource) -> list[Mapping[str, Any]]:
        """Everything of a kind that there is. Raises SweepFailed."""
        if resource.find is None:
            return []
        if resource.name in self._listed:
            return self._listed[resource.name]
        rows: list[Mapping[str, Any]] = []
        body: dict[str, Any] = {}
        for _ in range(_MOST_PAGES):
            page = _body(_ask(session, resource.find.list, body))
            items = page.get(resource.find.items)
            if not isinstance(items, list):
                raise SweepFailed(f"{resource.find.list} was not answered with a list.")
            rows += [item for item in items if isinstance(item, Mapping)]
            token = page.get(resource.find.page)
            if not token or token == body.get(resource.find.page):
                self._listed[resource.name] = rows
                return rows
            body = {resource.find.page: token}
        raise SweepFailed(f"{resource.find.list} has no last page.")

    def _run_of(self, session: Session, resource: Resource, find: Find, identifiers: Mapping[str, str]) -> str:
        """The id of the run whose tag something carries, if it is one to be swept."""
        tags = _body(_ask(session, find.tags, resource.named(find.tags_body, identifiers))).get(find.tag_items)
        for tag in tags if isinstance(tags, list) else ():
            value = tag.get("value") if isinstance(tag, Mapping) and tag.get("key") == resource.tag else None
            if isinstance(value, str) and RUN_ID.fullmatch(value) and (self.any_run or value in self.runs):
                return value
        return ""

    def _is_gone(self, session: Session, item: Candidate) -> bool:
        find = item.resource.find
        if find is None:
            return True
        answer = _ask(session, find.describe, item.resource.named(find.describe_body, item.identifiers))
        return is_unknown(answer, self.contract)

    def _old_enough(self, item: Candidate) -> bool:
        return self.before is None or (item.created is not None and item.created <= self.before)


def _key(identifiers: Mapping[str, str]) -> str:
    return json.dumps(dict(identifiers), sort_keys=True)


def _ask(session: Session, operation: str, body: Mapping[str, Any]) -> Exchange:
    exchange = session.step(Request(operation, body), {})
    if exchange.response is None or exchange.failure is not None:
        raise SweepFailed(f"{operation} was not answered ({exchange.failure}).")
    return exchange


def _body(exchange: Exchange) -> Mapping[str, Any]:
    if exchange.response is None or exchange.response.status != 200:
        return {}
    body = exchange.response.json
    return body if isinstance(body, Mapping) else {}


def _identifiers(row: Mapping[str, Any], resource: Resource) -> dict[str, str] | None:
    found = {name: row.get(name) for name in resource.identifiers}
    if not all(isinstance(value, str) for value in found.values()):
        return None
    return {name: str(value) for name, value in found.items()}


def _created(row: Mapping[str, Any], find: Find) -> datetime | None:
    value = row.get(find.created)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _sorted(value: Any) -> Any:
    """A value whose lists are in an order of their own: tags are told in any."""
    if isinstance(value, Mapping):
        return {key: _sorted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    return value


def _defaulted(schema: Mapping[str, Any], told: Any) -> bool:
    """Whether a value is what the document says a member has where nothing was said."""
    if not isinstance(told, Mapping):
        return bool(told == schema.get("default"))
    inner = schema.get("properties", {})
    return all(name in inner and _defaulted(inner[name], value) for name, value in told.items())
