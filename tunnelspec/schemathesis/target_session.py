"""The state of the hooks during `st run`: the target, a live tunnel, and the identifiers that responses returned.

One target for each base URL, one session for each of Schemathesis' workers. Whatever the
hooks or Schemathesis' calls opened is deleted, at the latest when the process ends.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from requests_aws4auth import AWS4Auth

from tunnelspec.checks import inconclusive_reason
from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import minimal
from tunnelspec.exchange import Exchange, RawRequest, Request, Response
from tunnelspec.ownership.identifiers import created_identifiers
from tunnelspec.plain_data import mapped
from tunnelspec.runner.encode import Unresolved, lives, resolve
from tunnelspec.runner.settings import Settings
from tunnelspec.runner.target import OpenTarget, open_target
from tunnelspec.runner.traffic import Sender
from tunnelspec.schemathesis.identifiers import enlivened
from tunnelspec.verdict import Finding


class ReplayingSender(Sender):
    """A sender that returns the response to Schemathesis' call if there is one, or else sends."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self.response: Response | None = None

    def send(self, raw: RawRequest) -> Exchange:
        """One exchange."""
        if self.response is None:
            return self._sender.send(raw)
        response, self.response = self.response, None
        return Exchange(raw, raw, response)


class TargetSession:
    """One worker's session on one target. Not shared between threads."""

    def __init__(self, contract: Contract, target: OpenTarget, returned_ids: set[str]) -> None:
        self._contract = contract
        self._redact = target.redactor.text
        self._sender = ReplayingSender(target.transport)
        self.session = target.make_session(self._sender)
        # Schemathesis sends its calls itself, so that what exists is listed before the first of them.
        self.session.list_existing()
        used = target.endpoint.credentials
        self.signer = AWS4Auth(
            used.access_key,
            used.secret_key,
            target.endpoint.region,
            contract.service.signing_name,
            session_token=used.token,
        )
        self.names: dict[str, dict[str, str]] = {}
        self._returned_ids = returned_ids

    def redacted(self, text: str) -> str:
        """The text without tokens, credentials and signatures."""
        return self._redact(text)

    def named(self, operation: str, body: Mapping[str, object]) -> Any:
        """The body with identifiers of a live resource in place of most generated ones."""
        structure = self._contract.operations[operation].input
        wanted = enlivened(structure, body, self._returned_ids)
        for resource in lives(wanted):
            self._open(resource)
        try:
            return resolve(wanted, self.names)
        except Unresolved:
            # None can be opened. A generated identifier names nothing; a returned one may be somebody else's.
            without = mapped(body, lambda leaf: None if leaf in self._returned_ids else leaf)
            return body if body == without else minimal(structure, live=False)

    def check(self, request: Request | RawRequest, response: Response) -> list[Finding]:
        """The findings of a response that Schemathesis received. Deletes what the call opened."""
        self._sender.response = response
        if isinstance(request, RawRequest):
            exchange = self.session.send_raw(request)
        else:
            exchange = self.session.step(request, self.names)
        self._returned_ids.update(_identifiers(self._contract, response))
        if inconclusive_reason(exchange, self._contract) is not None:
            return []
        findings = self.session.check(exchange)
        operation = self._contract.operations[str(request.operation)]
        accepted = 200 <= response.status < 300
        if accepted and (findings or operation.spends or self._contract.created_by(operation.name)):
            self.discard()
        return findings

    def discard(self) -> None:
        """Delete what is open; the next body that names a resource gets a new one."""
        self.names.clear()
        self.session.discard()

    def _open(self, name: str) -> None:
        """Open a live resource, if there is none and the target lets us."""
        if name in self.names:
            return
        resource = self._contract.resources[name]
        exchange = self.session.step(Request(resource.create, resource.create_body), {})
        identifiers = created_identifiers(exchange, resource)
        # Schemathesis changes and deletes what is named here: it has to be ours.
        if identifiers is not None and self.session.ownership.may_touch(identifiers):
            self.names[name] = identifiers


def _identifiers(contract: Contract, response: Response) -> Iterator[str]:
    """Every identifier of a resource in a response."""
    members = {member for resource in contract.resources.values() for member in resource.identifiers.values()}
    todo: list[object] = [response.members]
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            yield from (value[name] for name in members if isinstance(value.get(name), str))
            todo += value.values()
        elif isinstance(value, list):
            todo += value


class TargetSessions:
    """The sessions of this process, by base URL and thread; thread-safe."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._lock = threading.Lock()
        self._local = threading.local()
        self._targets: dict[str, tuple[OpenTarget, set[str]]] = {}
        self._sessions: list[TargetSession] = []
        self._stack = ExitStack()
        atexit.register(self.close)

    def at(self, url: str) -> TargetSession:
        """This thread's session on the target at this URL.

        Raises ConfigurationError or TargetError for a target that may not be tested: on AWS, the account
        must be named by TUNNELSPEC_ALLOW_ACCOUNT.
        """
        mine: dict[str, TargetSession] = self._local.__dict__.setdefault("sessions", {})
        if url not in mine:
            with self._lock:
                if url not in self._targets:
                    self._targets[url] = (self._open(url), set())
                mine[url] = TargetSession(self._contract, *self._targets[url])
                self._sessions.append(mine[url])
        return mine[url]

    def close(self) -> None:
        """Delete what is still open, and close the connections."""
        with self._lock, self._stack:
            for one in self._sessions:
                one.session.close()
            self._sessions.clear()
            self._targets.clear()

    def _open(self, url: str) -> OpenTarget:
        journal = os.environ.get("TUNNELSPEC_JOURNAL")
        settings = Settings(
            endpoint_url=url,
            allow_account=os.environ.get("TUNNELSPEC_ALLOW_ACCOUNT"),
            send_credentials_to=os.environ.get("TUNNELSPEC_SEND_CREDENTIALS_TO"),
        )
        opened = open_target(settings, self._contract, Path(journal) if journal else None)
        return self._stack.enter_context(opened)
