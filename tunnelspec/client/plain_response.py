"""The usual HTTP response, whole in one read, without h11, which takes as long as all else that is done with it.

Whatever is unusual is none of these and goes to h11. A self-test holds both together.
"""

from __future__ import annotations

import re

from tunnelspec.exchange import Headers

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEAD = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2}) [!-~ ]*\r\n((?:%b:[ \t]*+(?:[!-~]+(?:[ \t]+[!-~]+)*+)?[ \t]*+\r\n)+)\r\n" % _TOKEN
)
_FIELD = re.compile(r"(%b):[ \t]*(.*?)[ \t]*\r\n".replace("%b", _TOKEN.decode()))
_LENGTH = re.compile(r"[0-9]{1,7}")
_WITHOUT_BODY = (b"204", b"304")
#: Fields that change how a message is read.
_UNUSUAL = frozenset({"transfer-encoding", "connection", "upgrade"})


def plain_response(data: bytes, longest_head: int) -> tuple[int, Headers, bytes] | None:
    """Status, header fields and body of the one response that these bytes are, None for anything that is not usual
    in every respect, such as a response that is not yet complete.
    """
    head = _HEAD.match(data)
    if head is None or head.end() > longest_head or head[1] in _WITHOUT_BODY:
        return None
    headers = tuple(_FIELD.findall(head[2].decode("ascii")))
    lengths = []
    for name, value in headers:
        lower = name.lower()
        if lower in _UNUSUAL:
            return None
        if lower == "content-length":
            lengths.append(value)
    if len(lengths) != 1 or not _LENGTH.fullmatch(lengths[0]) or int(lengths[0]) != len(data) - head.end():
        return None
    return int(head[1]), headers, data[head.end() :]
