"""Completes and signs requests: correctly, by requests-aws4auth, or incorrectly in the one respect that a
case is about.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from requests_aws4auth import AWS4Auth

import tunnelspec
from tunnelspec.client.endpoint import Endpoint
from tunnelspec.contract.document import Service
from tunnelspec.exchange import Headers, RawRequest, Signing, Wire

#: A key pair that nobody has.
UNKNOWN_KEY = "AKIDNOBODYHASTHISKEY"
_WRONG_SECRET = "a-secret-that-belongs-to-nobody-at-all"
#: The headers that are signed.
SIGNED = frozenset(
    {
        "host",
        "content-type",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-target",
        "x-amz-user-agent",
    }
)
_PORTS = {"http": ":80", "https": ":443"}
_RIGHT = Signing()


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request with all its headers; `target` is in origin form, `signature` that of the Authorization."""

    method: str
    target: str
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    wire: Wire
    signature: str = field(default="", repr=False)


class Signer:
    """Prepares requests for one endpoint; thread-safe."""

    def __init__(self, endpoint: Endpoint, service: Service) -> None:
        self._endpoint = endpoint
        self._service = service
        # An AWS4Auth keeps the signing key of one day, and changes it where a request has another date.
        self._local = threading.local()
        parts = urlsplit(endpoint.url)
        self.host = parts.netloc.removesuffix(_PORTS[parts.scheme])
        self._base_path = parts.path
        self._agent = f"tunnelspec/{tunnelspec.__version__}"

    def signed(self, raw: RawRequest) -> SignedRequest:
        """The request as it goes on the wire, signed as it says."""
        headers, body, target = self._completed(raw), raw.body, self._base_path + raw.path
        if not raw.sign:
            return SignedRequest(raw.method, target, tuple(headers), body, raw.wire)
        plan = raw.signing or _RIGHT
        if plan.in_query:
            target = self._presigned(raw, plan, headers, target)
            return SignedRequest(raw.method, target, tuple(headers), body, raw.wire)
        headers, signature = self._authorized(raw, plan, headers)
        for name, value in plan.altered_headers:
            headers = [pair for pair in headers if pair[0].lower() != name.lower()]
            headers.append((name, value))
        if plan.altered_body is not None:
            body = plan.altered_body
            length = str(len(body))
            headers = [(name, length if name.lower() == "content-length" else value) for name, value in headers]
        return SignedRequest(raw.method, target, tuple(headers), body, raw.wire, signature)

    def _completed(self, raw: RawRequest) -> list[tuple[str, str]]:
        """The headers, with those that every request needs and this one does not bring itself."""
        wire = raw.wire
        names = {name.lower() for name, _ in raw.headers}
        needed = [("Accept-Encoding", "identity"), ("User-Agent", self._agent)]
        if not names & {"content-length", "transfer-encoding"}:
            is_chunked = wire.chunk_sizes is not None
            needed.append(("Transfer-Encoding", "chunked") if is_chunked else ("Content-Length", str(len(raw.body))))
        if wire.expect_continue:
            needed.append(("Expect", "100-continue"))
        if wire.close:
            needed.append(("Connection", "close"))
        host = [] if "host" in names else [("Host", self.host)]
        return [*host, *raw.headers, *(pair for pair in needed if pair[0].lower() not in names)]

    def _authorized(
        self, raw: RawRequest, plan: Signing, headers: list[tuple[str, str]]
    ) -> tuple[list[tuple[str, str]], str]:
        """The headers with an Authorization, and the signature in it."""
        given = _signed_headers(headers)
        signable = _Signable(raw.method, self._endpoint.url + raw.path, dict(given), raw.body)
        if plan.skew_s:
            when = datetime.fromtimestamp(time.time() + plan.skew_s, UTC)
            signable.headers["x-amz-date"] = when.strftime("%Y%m%dT%H%M%SZ")
        self._auth(plan)(signable)
        authorization: str = signable.headers.pop("Authorization")
        new = {name: value for name, value in signable.headers.items() if given.get(name) != value}
        added = {name: value for name, value in new.items() if name not in plan.omitted}
        signature = authorization.rpartition("Signature=")[2]
        if plan.digits is not None:
            authorization = authorization.removesuffix(signature) + signature[: plan.digits]
        if plan.cut is not None:
            authorization = authorization[: authorization.index(plan.cut)]
        if plan.authorization is not None:
            authorization = plan.authorization
        if authorization:
            added["Authorization"] = authorization
        replaced = {*added, "authorization"}
        kept = [pair for pair in headers if pair[0].lower() not in replaced]
        return [*kept, *added.items()], signature

    def _auth(self, plan: Signing) -> _Auth:
        if plan is not _RIGHT:
            return self._new_auth(plan)
        auth: _Auth | None = getattr(self._local, "auth", None)
        if auth is None:
            auth = self._local.auth = self._new_auth(plan)
        return auth

    def _new_auth(self, plan: Signing) -> _Auth:
        credentials = self._endpoint.credentials
        token = credentials.token if plan.token is None else plan.token or None
        day = datetime.now(UTC) + timedelta(days=plan.scope_days)
        return _Auth(
            UNKNOWN_KEY if plan.unknown_key else credentials.access_key,
            _WRONG_SECRET if plan.wrong_secret or plan.unknown_key else credentials.secret_key,
            plan.region or self._endpoint.region,
            plan.service or self._service.signing_name,
            *((day.strftime("%Y%m%d"),) if plan.scope_days else ()),
            session_token=token,
            include_hdrs=SIGNED - {*plan.unsigned, *plan.omitted},
        )

    def _presigned(self, raw: RawRequest, plan: Signing, headers: list[tuple[str, str]], target: str) -> str:
        """The target with a signature in its query string."""
        # Only this form needs botocore, which takes long to import.
        from botocore.auth import SigV4QueryAuth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        class InQuery(SigV4QueryAuth):  # type: ignore[misc]
            # botocore would move the body into the query string, as browsers need it.
            def payload(self, request: AWSRequest) -> str:
                return hashlib.sha256(raw.body).hexdigest()

        credentials = self._endpoint.credentials
        signed = {name: value for name, value in headers if name.lower() in SIGNED - {"host"}}
        request = AWSRequest(raw.method, self._endpoint.url + raw.path, headers=signed)
        keys = Credentials(credentials.access_key, credentials.secret_key, credentials.token)
        service, region = plan.service or self._service.signing_name, plan.region or self._endpoint.region
        InQuery(keys, service, region, expires=300).add_auth(request)
        return f"{target}?{urlsplit(request.url).query}"


@dataclass(slots=True)
class _Signable:
    """What AWS4Auth reads of a request, and where it puts its headers. Names are in lower case."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class _Auth(AWS4Auth):  # type: ignore[misc]
    def __init__(self, *args: str, **options: object) -> None:
        super().__init__(*args, **options)
        self._keeps_date = len(args) > 4  # key id, secret, region, service, and the day of the scope
        self._lines: dict[tuple[str, str], str] = {}

    def handle_date_mismatch(self, req: _Signable) -> None:
        """A scope of another day than the request is meant so where it was given."""
        if not self._keeps_date:
            super().handle_date_mismatch(req)

    @staticmethod
    def amz_norm_whitespace(text: str) -> str:
        """Runs of white space as one blank. AWS4Auth reads quotes as a shell does, and fails on an odd one."""
        return " ".join(text.split())

    @classmethod
    def get_canonical_headers(cls, req: _Signable, include: Iterable[str]) -> tuple[str, str]:
        """As AWS4Auth has it, of names that are in lower case and of which none is there twice."""
        names = sorted(req.headers.keys() & include)
        fields = [f"{name}:{cls.amz_norm_whitespace(req.headers[name])}\n" for name in names]
        return "".join(fields), ";".join(names)

    def get_canonical_request(self, req: _Signable, cano_headers: str, signed_headers: str) -> str:
        """As AWS4Auth has it, with the lines of method, path and query made once for each URL."""
        lines = self._lines.get((req.method, req.url))
        if lines is None:
            canonical: str = super().get_canonical_request(req, "", "")
            lines = self._lines[req.method, req.url] = "\n".join(canonical.split("\n", 3)[:3])
        return "\n".join((lines, cano_headers, signed_headers, req.headers["x-amz-content-sha256"]))


def _signed_headers(headers: list[tuple[str, str]]) -> dict[str, str]:
    """The headers that are signed, by name in lower case; values of equal names joined, as SigV4 has them."""
    signed: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        if key in SIGNED:
            signed[key] = f"{signed[key]},{value.strip()}" if key in signed else value
    return signed
