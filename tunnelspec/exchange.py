"""The values that every room speaks: what was to be sent, what was sent, and what came back.

All are frozen and free of I/O. A `Request` is meant (an operation and a body that may name live
resources); a `RawRequest` is bytes and headers as they go on the wire, so that malformed traffic
never leaks into the ordinary type. In one file, as each of them holds another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from tunnelspec import strict_json
from tunnelspec.strict_json import Json
from tunnelspec.wire_faults import WireProblem

#: No error type of an API is longer, in characters.
_MAX_SHAPE_NAME = 120
Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Live:
    """Stands in a body for an identifier of a resource that the run itself opened.

    `resource` is a key of the document's `x-resources`, or in a scenario the name of an earlier response; `member` is
    one of its identifiers, or a member of that response. `edit` is a key of `edits.EDITS`
    by which the identifier is changed, so that it names nothing.
    """

    resource: str
    member: str
    edit: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it is meant: an operation, its body, and what the contract makes of it.

    `situation` is a key of `situations` in `openapi/errors.yaml`; `breaks` names the constraints
    (`Operation/path/keyword`) that the body violates, the intended one first. `returns` is how later
    calls of a scenario refer to what this one returns, by `Live(returns, member)`.
    """

    operation: str
    body: Mapping[str, Any]
    situation: str = "valid"
    breaks: tuple[str, ...] = ()
    returns: str = ""


@dataclass(frozen=True, slots=True)
class Signing:
    """How the signature of a request differs from the right one; by default in nothing.

    `skew_s` moves the date by seconds, `scope_days` that of the credential's scope alone by days; `unsigned` names
    headers that the signature leaves out, `omitted` those that are not sent either; `token` replaces the session token
    (empty: leaves it out). What follows happens after signing: `digits` are left of the signature, `cut` shortens the
    Authorization header from that text on, `authorization` replaces it (empty: removes it), and headers and body are
    altered. `in_query` signs in the query string instead.
    """

    unknown_key: bool = False
    wrong_secret: bool = False
    region: str | None = None
    service: str | None = None
    skew_s: int = 0
    scope_days: int = 0
    unsigned: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    digits: int | None = None
    cut: str | None = None
    authorization: str | None = None
    altered_headers: Headers = ()
    altered_body: bytes | None = None
    in_query: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """How a request is written to its connection; by default in the plainest way.

    `separator` stands between a header's name and value. `chunk_sizes` asks for chunked framing (RFC 9112, 7.1): the
    sizes of the first chunks in bytes, the rest of the body being the last one. Each size is written in
    `chunk_size_format` (of `format`), with `chunk_extension` (`name=value`); `trailers` follow the last chunk.
    `expect_continue` holds the body back until the target asks for it (RFC 9110, 10.1.1). `absolute_target` sends the
    whole URL as the request target (RFC 9112, 3.2.2). `piece_bytes` writes that many bytes at a time, with `pause_s`
    seconds between. `close` says that the connection is not to be used again (RFC 9112, 9.6).
    """

    version: Literal["1.1", "1.0"] = "1.1"
    separator: str = ": "
    chunk_sizes: tuple[int, ...] | None = None
    chunk_size_format: str = "x"
    chunk_extension: str = ""
    trailers: Headers = field(default=(), repr=False)
    expect_continue: bool = False
    absolute_target: bool = False
    piece_bytes: int | None = None
    pause_s: float = 0.0
    close: bool = False

    @property
    def needs_http_1_1(self) -> bool:
        """Whether a server that conforms to HTTP/1.0 need not understand it (RFC 9112, 2.3 and 6.1)."""
        return self.chunk_sizes is not None or self.expect_continue or self.absolute_target


PLAIN = Wire()


# Bodies, headers and secrets stay out of every repr: test runners print reprs.
@dataclass(frozen=True, slots=True)
class RawRequest:
    """A call as it goes on the wire. `fresh_connection` sends it on a connection that is not reused.

    `headers` are sent in this order and spelling. Those of Host, Content-Length, Accept-Encoding, User-Agent
    and the signature that are not among them are added.
    """

    body: bytes = field(repr=False)
    operation: str | None
    headers: Headers = field(repr=False)
    situation: str = "valid"
    method: str = "POST"
    path: str = "/"
    sign: bool = True
    name: str = ""
    signing: Signing | None = None
    fresh_connection: bool = False
    wire: Wire = PLAIN


@dataclass(frozen=True)
class Response:
    """An HTTP response, its body whole (the client bounds its size) and its time in seconds.

    The body is parsed once, when it is first looked at. `cut` is how many bytes of the body were left out
    after it was checked. `interim` are the statuses of the interim responses (1xx) that came before it; `version` is
    that of its status line.
    """

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    elapsed_s: float = 0.0
    cut: int = 0
    interim: tuple[int, ...] = ()
    version: str = "1.1"

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def accepted(self) -> bool:
        """Whether the target did what it was asked: any 2xx."""
        return 200 <= self.status < 300

    @property
    def rejected(self) -> bool:
        """Whether the target refused in an orderly way: any 4xx."""
        return 400 <= self.status < 500

    @cached_property
    def document(self) -> strict_json.Document:
        """The body as strict JSON; an empty body is a null value without a problem."""
        return strict_json.parse(self.body) if self.body else strict_json.Document()

    @property
    def json(self) -> Json:
        """The body's JSON value; None for an empty body and for one that is not strict JSON."""
        return self.document.value

    @property
    def problem(self) -> str | None:
        """Why the body is not strict JSON, or None."""
        return self.document.problem

    @property
    def members(self) -> Mapping[str, Json]:
        """The members of the body's JSON object; none where it is something else."""
        return self.json if isinstance(self.json, dict) else {}

    @property
    def readable(self) -> Json:
        """The body's JSON value as a lenient client reads it: what is wrong with its form hides nothing else."""
        return self.document.readable

    @cached_property
    def error_type(self) -> str | None:
        """The error's bare shape name as botocore reads it, from the body's `__type` alone."""
        named = self.members.get("__type")
        return shape_name(named) if isinstance(named, str) and named else None

    @cached_property
    def other_error_type(self) -> str | None:
        """The error's bare shape name in `X-Amzn-Errortype` or `code`, where Smithy also allows it."""
        header, code = self.header("x-amzn-errortype"), self.members.get("code")
        named = header or code
        return shape_name(named) if isinstance(named, str) and named else None

    @property
    def named_error(self) -> str | None:
        """The error's bare shape name wherever the response carries it."""
        return self.error_type or self.other_error_type

    @property
    def summary(self) -> str:
        """Status and error type in a few words."""
        if self.accepted:
            return f"status {self.status}"
        return f"status {self.status}, {self.named_error or 'no error type'}"


def shape_name(value: str) -> str:
    """The bare shape name in an error type: `ns#Name:uri` becomes `Name`.

    Smithy, AWS JSON 1.1, "Operation error serialization": clients drop what follows the first
    colon and what precedes the first hash.
    """
    return value.split(":", 1)[0].rsplit("#", 1)[-1][:_MAX_SHAPE_NAME]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it.

    `failure` is None, or one of `refused`, `timeout`, `reset`, `garbage`, `too-large`, `tls`, `stopped`
    (no usable response), or `throttled` (the response is the last refusal).
    `secrets` holds sensitive values that the target had issued by then, for the leak check;
    `throttled` counts the refusals for being too fast that came before this response.
    `wire_problems` is what is wrong with the response's framing, usable or not. `reconnected`: the request
    was sent twice, since the connection that it reused ended before the first byte of a response.
    `not_new` says why what a creation returned is not provably new; empty where it is.
    """

    request: Request | RawRequest
    sent: RawRequest
    response: Response | None
    failure: str | None = None
    secrets: frozenset[str] = field(default_factory=frozenset, repr=False)
    breaks: tuple[str, ...] = ()
    throttled: int = 0
    wire_problems: tuple[WireProblem, ...] = ()
    reconnected: bool = False
    not_new: str = ""

    @property
    def usable(self) -> Response | None:
        """The response, if there is one that can be checked."""
        return self.response if self.failure is None else None

    @property
    def operation(self) -> str | None:
        """The operation that the request was meant for, if any."""
        return self.request.operation

    @property
    def situation(self) -> str:
        """The key of the oracle's row that applies to this request."""
        return self.request.situation
