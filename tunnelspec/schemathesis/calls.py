"""Hooks around each call: dispatched, signed, naming a live tunnel; judged and redacted when it is back."""

from __future__ import annotations

import threading
from typing import Any

import schemathesis

from tunnelspec.exchange import Response
from tunnelspec.schemathesis.document import CONTRACT, Case, is_ours
from tunnelspec.schemathesis.guest import Guest, Guests
from tunnelspec.schemathesis.sent import read_sent
from tunnelspec.verdict import Finding

GUESTS = Guests(CONTRACT)
_last = threading.local()


def operation_of(case: Case) -> str | None:
    """The contract's operation that a case is about, or None for a case of another document."""
    if not is_ours(getattr(case.operation.schema, "raw_schema", None)):
        return None
    target = case.operation.path.rpartition("=")[2]
    return next((o.name for o in CONTRACT.operations.values() if o.target == target), None)


def findings_of(case: Case) -> list[Finding]:
    """What was found wrong with the answer to this case, the last that this thread has sent."""
    case_id, findings = getattr(_last, "judged", ("", []))
    return list(findings) if case_id == case.id else []


def guest_of(case: Case) -> Guest:
    """The guest on the target that a case is sent to."""
    return GUESTS.at(case.operation.schema.get_base_url())


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Dispatch by the header alone, name what is there, and sign."""
    name = operation_of(case)
    if name is None:
        return
    guest = guest_of(case)
    operation = CONTRACT.operations[name]
    case.headers["X-Amz-Target"] = operation.target
    if isinstance(case.body, dict):
        body = guest.named(name, case.body)
        if body != case.body:
            case.body = body
    if kwargs.get("auth") is None:
        kwargs["auth"] = guest.signer


@schemathesis.hook
def after_call(_: schemathesis.HookContext, case: Case, response: schemathesis.Response) -> None:
    """Run the answer as it came, then take out what nobody may read in a report."""
    name = operation_of(case)
    if name is None:
        return
    guest, sent = guest_of(case), response.request
    body = sent.body.encode() if isinstance(sent.body, str) else (sent.body or b"")
    request = read_sent(CONTRACT, name, str(sent.method), str(sent.url), dict(sent.headers), body, guest.names)
    headers = tuple((key, value) for key, values in response.headers.items() for value in values)
    answer = Response(response.status_code, headers, response.content, response.elapsed)
    _last.judged = (case.id, guest.judged(request, answer))
    _redact(guest, response)


def _redact(guest: Guest, response: schemathesis.Response) -> None:
    try:
        text = response.content.decode("utf-8")
    except UnicodeDecodeError:
        text = response.content.decode("latin-1")
    told = guest.redacted(text)
    if told != text:
        response.content = told.encode("utf-8")
        response.clear_cache()
    for header, value in list(response.request.headers.items()):
        response.request.headers[header] = guest.redacted(
            value.decode("latin-1") if isinstance(value, bytes) else str(value)
        )
