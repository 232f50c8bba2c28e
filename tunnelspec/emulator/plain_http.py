"""The usual HTTP request, whole in one read, and its response, without h11, which takes half of a call's time.

Whatever is unusual is none of these and goes to h11. A self-test holds both together.
"""

from __future__ import annotations

import re

from tunnelspec.emulator.messages import HttpRequest, HttpResponse

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD = re.compile(
    rb"POST (/[!-~]*) HTTP/1\.1\r\n((?:%b:[ \t]*+(?:[!-~\x80-\xff]+(?:[ \t]+[!-~\x80-\xff]+)*+)?[ \t]*+\r\n)+)\r\n"
    % _TOKEN
)
_FIELD = re.compile(r"(%b):[ \t]*(.*?)[ \t]*\r\n".replace("%b", _TOKEN.decode()))
#: Fields that change how a message is read.
_UNUSUAL = frozenset({"transfer-encoding", "connection", "expect", "upgrade"})
_LENGTH = re.compile(r"[0-9]{1,7}")
_RESPONSE_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [!-~]+(?: [!-~]+)*")


def plain_request(data: bytes, longest_head: int) -> HttpRequest | None:
    """The one request that these bytes are, None for anything that is not usual in every respect."""
    head = _HEAD.match(data)
    if head is None or head.end() > longest_head:
        return None
    fields = _FIELD.findall(head[2].decode("latin-1"))
    headers = {name.lower(): value for name, value in fields}
    length = headers.get("content-length", "")
    is_usual = len(headers) == len(fields) and "host" in headers and headers.keys().isdisjoint(_UNUSUAL)
    if not is_usual or not _LENGTH.fullmatch(length) or int(length) != len(data) - head.end():
        return None
    path, _, query = head[1].decode("ascii").partition("?")
    return HttpRequest("POST", path, query, headers, data[head.end() :])


def plain_response(response: HttpResponse, reason: bytes, date: bytes) -> bytes | None:
    """The bytes of a response to such a request, None for one that is not usual in every respect."""
    if not 200 <= response.status < 600 or response.status in (204, 304):
        return None
    lines = [f"{name}: {value}" for name, value in response.headers]
    for (name, _), line in zip(response.headers, lines, strict=True):
        if not _RESPONSE_FIELD.fullmatch(line) or name.lower() in (*_UNUSUAL, "content-length"):
            return None
    fields = "".join(f"{line}\r\n" for line in lines).encode("ascii")
    head = b"HTTP/1.1 %d %b\r\n%bDate: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (response.status, reason, fields, date, len(response.body)) + response.body
