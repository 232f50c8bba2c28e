"""What can be wrong with how a response was framed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WireFault(StrEnum):
    """What is wrong with how a response was framed, whether or not it could be read all the same."""

    #: Content-Length beside Transfer-Encoding (RFC 9112, 6.2). Read by its chunks.
    TWO_FRAMINGS = "two-framings"
    #: Two Content-Length values that differ, or one that is no number (RFC 9112, 6.3). Unreadable.
    LENGTH_INVALID = "length-invalid"
    #: The connection ended before the body had the length that was announced (RFC 9112, 8).
    BODY_SHORT = "body-short"
    #: The time was over before the body had the length that was announced, or its last chunk (RFC 9112, 6.3 and 7.1).
    BODY_UNFINISHED = "body-unfinished"
    #: Bytes followed the end of the response, for which there was no request (RFC 9112, 9.2).
    SURPLUS = "surplus"
    #: The same, but they came only after the response had been read; noted on the next call.
    UNSOLICITED = "unsolicited"
    #: The same, but after a chunked request, or bytes that begin as a response does: a part of the request was left
    #: unread, and taken for the next one (RFC 9112, 9.3).
    REQUEST_UNREAD = "request-unread"
    #: A content coding though only `identity` was acceptable (RFC 9110, 12.5.3).
    CODING_NOT_REQUESTED = "coding-not-requested"
    #: A body that is not in the content coding that its header names, or in one that nobody asked for.
    CODING_UNREADABLE = "coding-unreadable"
    #: No HTTP/1 status line and headers (RFC 9112, 4 and 5).
    HEAD_MALFORMED = "head-malformed"
    #: An HTTP/1 status line, and header fields that cannot be read (RFC 9112, 5; RFC 9110, 5.5). Unreadable.
    FIELDS_MALFORMED = "fields-malformed"
    #: A head that could be read, though a sender must not write it so (RFC 9112, 2.2, 4 and 5.2; RFC 9110, 8.6).
    HEAD_NOT_STRICT = "head-not-strict"
    #: Chunks or trailers that are none (RFC 9112, 7.1).
    CHUNKS_MALFORMED = "chunks-malformed"
    #: More interim responses than any use has, or a switch to another protocol that nobody offered.
    INTERIM = "interim"


@dataclass(frozen=True, slots=True)
class WireProblem:
    """One fault of a response's framing. `expected` and `actual` are lengths in bytes where that is its
    subject.
    """

    fault: WireFault
    expected: int | None = None
    actual: int | None = None
