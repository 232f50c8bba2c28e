"""How a response is framed and coded: RFC 9112 and 9110, whatever the body says.

The client notes what is wrong (`Exchange.wire_problems`). Where it could read the response all the same, a check
reports it; where it could not, `unusable` says which rule the finding of no usable response is about.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.exchange import Exchange
from tunnelspec.verdict import Axis, Kind, Level
from tunnelspec.wire_faults import WireFault, WireProblem

#: `IMF-fixdate`.
_DATE = re.compile(
    "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4}"
    " [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
)


@dataclass(frozen=True, slots=True)
class FramingRule:
    """What a response violates by one fault: the requirement, and the fact in words with the lengths filled in."""

    requirement: str
    observation: str
    cites: tuple[str, ...]
    level: Level = Level.MUST

    def observed(self, problem: WireProblem) -> str:
        """The fact of one problem."""
        return self.observation.format(expected=problem.expected, actual=problem.actual)


_LENGTH = "Content-Length must be the length of the body in bytes"
_WHOLE = "a body must have the length that its framing announces"
_CHUNKED = "a chunked body must consist of chunks, each with its size, and an optional trailer section"
_CODING = "the body should have no content coding, since Accept-Encoding is identity and botocore reads no other"

#: What each fault violates.
RULES: dict[WireFault, FramingRule] = {
    WireFault.TWO_FRAMINGS: FramingRule(
        "a response must not have both Content-Length and Transfer-Encoding", "it has both", ("rfc9112-6.2",)
    ),
    WireFault.LENGTH_INVALID: FramingRule(
        "a response must have one Content-Length, a decimal number",
        "Content-Length is not a number, or is two that differ",
        ("rfc9110-8.6", "rfc9112-6.3"),
    ),
    WireFault.BODY_SHORT: FramingRule(
        _WHOLE,
        "the connection was closed after {actual} bytes of the body, before its end",
        ("rfc9110-8.6", "rfc9112-6.3"),
    ),
    WireFault.BODY_UNFINISHED: FramingRule(
        _WHOLE,
        "it had {actual} bytes and was not at its end when the time was over",
        ("rfc9110-8.6", "rfc9112-6.3"),
    ),
    WireFault.SURPLUS: FramingRule(
        _LENGTH, "bytes follow the end of the response: {actual}", ("rfc9110-8.6", "rfc9112-6.3")
    ),
    WireFault.REQUEST_UNREAD: FramingRule(
        "a request must be read whole, or the connection closed, and must get one final response",
        "{actual} bytes follow the response: part of the request may have been taken for another request",
        ("rfc9112-9.3", "rfc9112-9.2"),
    ),
    WireFault.UNSOLICITED: FramingRule(
        "a response must end where its framing says, and nothing may follow without a request",
        "bytes came on the idle connection after the response before: {actual}",
        ("rfc9110-8.6", "rfc9112-9.2"),
    ),
    WireFault.CODING_NOT_REQUESTED: FramingRule(_CODING, "it has a content coding", ("rfc9110-12.5.3",), Level.SHOULD),
    WireFault.CODING_UNREADABLE: FramingRule(
        "Content-Encoding must name the codings that were applied to the body",
        "the coding that it names cannot be undone",
        ("rfc9110-8.4",),
    ),
    WireFault.HEAD_MALFORMED: FramingRule(
        "a response must begin with an HTTP/1.1 status line and header fields",
        "bytes that are not an HTTP response",
        ("rfc9112-4", "rfc9112-5"),
    ),
    WireFault.FIELDS_MALFORMED: FramingRule(
        "each header field must be a name, a colon and a value without control characters",
        "header fields that no client can read",
        ("rfc9112-5",),
    ),
    WireFault.HEAD_NOT_STRICT: FramingRule(
        "a status line must have a space behind its status, fields must not be folded nor lengths repeated, and each"
        " line must end in CRLF",
        "the head is not of this form; lenient clients alone can read it",
        ("rfc9112-4", "rfc9112-5", "rfc9110-8.6"),
    ),
    WireFault.CHUNKS_MALFORMED: FramingRule(_CHUNKED, "the chunks cannot be parsed", ("rfc9112-7.1",)),
    WireFault.INTERIM: FramingRule(
        "a response must follow few interim responses, and no switch to a protocol that was not offered",
        "more interim responses, or status 101",
        ("rfc9110-15.2",),
    ),
}


def unusable(exchange: Exchange) -> tuple[FramingRule, WireProblem] | None:
    """What made a response unusable, or None where nothing is wrong with its framing."""
    return next(((RULES[problem.fault], problem) for problem in reversed(exchange.wire_problems)), None)


def is_broken(exchange: Exchange) -> bool:
    """Whether a target that speaks HTTP sent a response that is unusable, because it violates a MUST of HTTP."""
    cause = unusable(exchange) if exchange.usable is None else None
    return cause is not None and cause[0].level is Level.MUST and cause[1].fault is not WireFault.HEAD_MALFORMED


def _reported(context: CheckContext, *faults: WireFault) -> Iterator[Yielded]:
    for problem in context.exchange.wire_problems:
        if problem.fault in faults:
            rule = RULES[problem.fault]
            yield rule.requirement, rule.observed(problem)


@check("framing/one-length", level=Level.MUST, axis=Axis.SAFETY, kind=Kind.WRONG_FORM, cites=("rfc9112-6.2",))
def one_length(context: CheckContext) -> Iterator[Yielded]:
    """A response must not have both Content-Length and Transfer-Encoding.

    Recipients that believe different ones read different responses, which is how response splitting works.
    """
    yield from _reported(context, WireFault.TWO_FRAMINGS)


@check(
    "framing/strict-head",
    level=Level.MUST,
    axis=Axis.SAFETY,
    kind=Kind.WRONG_FORM,
    cites=("rfc9112-4", "rfc9112-5", "rfc9110-8.6"),
)
def strict_head(context: CheckContext) -> Iterator[Yielded]:
    """The head of a response must be as RFC 9112 has it: what lenient clients read, strict ones refuse."""
    yield from _reported(context, WireFault.HEAD_NOT_STRICT)


@check(
    "framing/nothing-follows",
    level=Level.MUST,
    axis=Axis.SAFETY,
    kind=Kind.WRONG_FORM,
    cites=("rfc9110-8.6", "rfc9112-9.2", "rfc9112-9.3"),
)
def nothing_follows(context: CheckContext) -> Iterator[Yielded]:
    """A response must end where its framing says; bytes after it would be taken for the next response."""
    yield from _reported(context, WireFault.UNSOLICITED, WireFault.REQUEST_UNREAD)


@check("framing/content-coding", level=Level.SHOULD, axis=Axis.SAFETY, kind=Kind.WRONG_FORM, cites=("rfc9110-12.5.3",))
def content_coding(context: CheckContext) -> Iterator[Yielded]:
    """A response should have no content coding that the request did not list.

    Every request here says `Accept-Encoding: identity`, as botocore does, which reads no other body.
    """
    yield from _reported(context, WireFault.CODING_NOT_REQUESTED)


@check("framing/crc32", level=Level.SHOULD, axis=Axis.SAFETY, kind=Kind.WRONG_FORM, cites=("botocore-crc32",))
def crc32(context: CheckContext) -> Iterator[Yielded]:
    """An `x-amz-crc32` header, where there is one, should be the CRC-32 of the body; SDKs that check it retry."""
    value = context.response.header("x-amz-crc32")
    # The checksum is that of the coded body, which is not kept.
    if value is None or context.response.header("content-encoding") is not None:
        return
    expected = str(zlib.crc32(context.response.body))
    if value.strip() != expected:
        yield f"x-amz-crc32 should be {expected}, the checksum of the body", f"it is {value[:40]}"


@check("framing/date", level=Level.MUST, axis=Axis.SAFETY, kind=Kind.WRONG_FORM, cites=("rfc9110-5.6.7",))
def date(context: CheckContext) -> Iterator[Yielded]:
    """A Date field, where there is one, must be in the one form that may still be sent: SDKs set their clocks by it."""
    value = context.response.header("date")
    if value is not None and not _DATE.fullmatch(value.strip()):
        yield "the Date field must be a date such as Sun, 06 Nov 1994 08:49:37 GMT", f"it is {value[:60]}"
