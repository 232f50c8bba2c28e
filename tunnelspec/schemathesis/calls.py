"""Hooks around each call: dispatched, signed, naming a live tunnel; the response is checked and redacted."""

from __future__ import annotations

import threading

import schemathesis

from tunnelspec.exchange import Response
from tunnelspec.schemathesis.document import CONTRACT, Case, is_ours
from tunnelspec.schemathesis.sent import read_sent
from tunnelspec.schemathesis.target_session import TargetSession, TargetSessions
from tunnelspec.verdict import Finding

SESSIONS = TargetSessions(CONTRACT)
_last = threading.local()


def operation_of(case: Case) -> str | None:
    """The contract's operation that a case is about, or None for a case of another document."""
    if not is_ours(getattr(case.operation.schema, "raw_schema", None)):
        return None
    target = case.operation.path.rpartition("=")[2]
    return next((o.name for o in CONTRACT.operations.values() if o.target == target), None)


def findings_of(case: Case) -> list[Finding]:
    """The findings of the response to this case, the last that this thread sent."""
    case_id, findings = getattr(_last, "checked", ("", []))
    return list(findings) if case_id == case.id else []


def session_of(case: Case) -> TargetSession:
    """The session on the target that a case is sent to."""
    return SESSIONS.at(case.operation.schema.get_base_url())


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: Case, kwargs: dict[str, object]) -> None:
    """Dispatch by the header alone, name a live resource, and sign."""
    name = operation_of(case)
    if name is None:
        return
    session = session_of(case)
    operation = CONTRACT.operations[name]
    case.headers["X-Amz-Target"] = operation.target
    if isinstance(case.body, dict):
        body = session.named(name, case.body)
        if body != case.body:
            case.body = body
    if kwargs.get("auth") is None:
        kwargs["auth"] = session.signer


@schemathesis.hook
def after_call(_: schemathesis.HookContext, case: Case, response: schemathesis.Response) -> None:
    """Check the response as received, then remove what no report may contain."""
    name = operation_of(case)
    if name is None:
        return
    session, sent = session_of(case), response.request
    body = sent.body.encode() if isinstance(sent.body, str) else (sent.body or b"")
    request = read_sent(CONTRACT, name, str(sent.method), str(sent.url), dict(sent.headers), body, session.names)
    headers = tuple((key, value) for key, values in response.headers.items() for value in values)
    received = Response(response.status_code, headers, response.content, response.elapsed)
    _last.checked = (case.id, session.check(request, received))
    _redact(session, response)


def _redact(session: TargetSession, response: schemathesis.Response) -> None:
    try:
        text = response.content.decode("utf-8")
    except UnicodeDecodeError:
        text = response.content.decode("latin-1")
    redacted = session.redacted(text)
    if redacted != text:
        response.content = redacted.encode("utf-8")
        response.clear_cache()
    for header, value in list(response.request.headers.items()):
        response.request.headers[header] = session.redacted(
            value.decode("latin-1") if isinstance(value, bytes) else str(value)
        )
