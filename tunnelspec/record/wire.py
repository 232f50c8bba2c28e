"""A request and a response as a record holds them: redacted, and with long bodies cut in the middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tunnelspec.exchange import Exchange, RawRequest
from tunnelspec.record.document import ReceivedResponse, SentRequest, WireProblemRow

#: How much of a body a record shows, in characters; the reproduction sends it whole.
SHOWN = 600

#: How much of a body is read for that, in bytes.
_READ = 200_000

#: The header fields that need no mention, in lower case.
_USUAL = ("content-type", "x-amz-target", "content-length")

#: Replaces the secrets in a string.
Redact: TypeAlias = Callable[[str], str]


def sent_request(sent: RawRequest, redact: Redact) -> SentRequest:
    """A request as plain data."""
    body, length = shown(sent.body, redact)
    target = next((v for k, v in sent.headers if k.lower() == "x-amz-target"), "no target")
    return {
        "method": sent.method,
        "path": sent.path,
        "headers": [list(header) for header in sent.headers],
        "body": body,
        "bytes": length,
        "shown": f"{sent.method} {sent.path} {target} {manner(sent)}{body}",
    }


def manner(sent: RawRequest) -> str:
    """How a request is written in HTTP, in parentheses and with a space behind it; nothing for the plainest way."""
    wire = sent.wire
    more = [name for name, _ in sent.headers if name.lower() not in _USUAL]
    spaced = wire.separator != ": " or any(value != value.strip() for _, value in sent.headers)
    said = {
        "chunked": wire.chunk_sizes is not None,
        "chunk extensions": wire.chunk_extension,
        "trailers": wire.trailers,
        "Expect: 100-continue": wire.expect_continue,
        "target in absolute form": wire.absolute_target,
        f"in pieces of {wire.piece_bytes} bytes": wire.piece_bytes,
        "Connection: close": wire.close,
        "other white space around header values": spaced,
        f"with {', '.join(more[:3])}{' …' * (len(more) > 3)}": more,
    }
    words = "; ".join(text for text, is_so in said.items() if is_so)
    return f"({words}) " if words else ""


def received_response(exchange: Exchange, redact: Redact) -> ReceivedResponse:
    """The response to a request as plain data, or why there is none."""
    response = exchange.response
    problems: list[WireProblemRow] = [
        {"fault": problem.fault.value, "expected": problem.expected, "actual": problem.actual}
        for problem in exchange.wire_problems
    ]
    if response is None:
        shown_as = f"no response ({exchange.failure})"
        return {"failure": exchange.failure, "wire_problems": problems, "shown": shown_as}
    body, length = shown(response.body, redact)
    content_type = response.header("content-type") or "no content type"
    return {
        "status": response.status,
        "headers": [list(header) for header in response.headers],
        "body": body,
        "bytes": length + response.cut,
        "wire_problems": problems,
        "shown": f"{response.status} {content_type} {body}",
    }


def shown(body: bytes, redact: Redact) -> tuple[str, int]:
    """A body as text, cut in the middle where it is long, and its length in bytes."""
    # Redacted before it is cut: half a secret would no longer be recognised.
    text = redact(body[:_READ].decode("utf-8", "backslashreplace"))
    if len(text) > SHOWN:
        left_out = len(text) - SHOWN
        text = f"{text[: SHOWN * 2 // 3]} … {left_out} characters … {text[-SHOWN // 3 :]}"
    return text, len(body)
