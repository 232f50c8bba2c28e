"""Verifies AWS Signature Version 4 on the emulator's side, from the published algorithm.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

The hash of the body is always that of the body: `UNSIGNED-PAYLOAD` is for Amazon S3 only. The checks
run in the order that was recorded of live services; each is a method, which a seeded fault may override.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NoReturn
from urllib.parse import quote, unquote

from tunnelspec.emulator.messages import ApiError

#: How far a request's time may be off, in seconds: AWS allows fifteen minutes.
SKEW_S = 900
#: The longest that a signature in the query string may hold, in seconds: seven days.
LONGEST_S = 604_800
_ALGORITHM = "AWS4-HMAC-SHA256"
_FIELD = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_IN_QUERY = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date")


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as the verifier sees it, with the parts of its signature; header names in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    credential: str
    names: tuple[str, ...]
    signature: str
    stamp: str
    token: str
    lasts_s: int | None = None

    @property
    def scope(self) -> list[str]:
        """Access key, date, region, service and terminator."""
        return self.credential.split("/")


class Verifier:
    """Holds credentials and rejects every request that they did not sign.

    `secrets` are secret keys and `tokens` session tokens, both by access key; a key with a token is
    temporary and valid only together with it.
    """

    def __init__(
        self,
        secrets: Mapping[str, str],
        region: str,
        service: str,
        clock: Callable[[], float],
        tokens: Mapping[str, str] | None = None,
    ) -> None:
        self.secrets = secrets
        self.tokens = tokens or {}
        self.region = region
        self.service = service
        self.clock = clock

    def verify(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raises ApiError with the error that AWS was recorded to respond with."""
        request = self.read(method, path, query, headers, body)
        self.check_time(request)
        self.check_host(request)
        self.check_scope(request)
        self.check_day(request)
        self.check_service(request)
        self.check_region(request)
        self.check_key(request)
        self.check_headers(request)
        self.check_signature(request)
        self.check_token(request)

    def read(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Signed:
        """The parts of the signature, from the Authorization header or from the query string."""
        pairs = tuple(
            (unquote(name), unquote(value))
            for name, _, value in (part.partition("=") for part in query.split("&") if part)
        )
        given = dict(pairs)
        authorization = headers.get("authorization", "")
        if authorization and "X-Amz-Algorithm" in given:
            reject("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
        if "X-Amz-Algorithm" in given:
            return self._from_query(method, path, pairs, given, headers, body)
        if not authorization.startswith("AWS4-"):
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
        fields = dict(_FIELD.findall(authorization))
        lacking = [name for name in ("Credential", "SignedHeaders", "Signature") if name not in fields]
        if lacking:
            incomplete(" ".join(f"Authorization header requires '{name}' parameter." for name in lacking))
        if authorization.split()[0] != _ALGORITHM:
            incomplete("Unsupported AWS 'algorithm'.")
        return Signed(
            method,
            path,
            pairs,
            headers,
            body,
            fields["Credential"],
            tuple(fields["SignedHeaders"].lower().split(";")),
            fields["Signature"],
            headers.get("x-amz-date", ""),
            headers.get("x-amz-security-token", ""),
        )

    def _from_query(
        self,
        method: str,
        path: str,
        pairs: tuple[tuple[str, str], ...],
        given: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
    ) -> Signed:
        lacking = [name for name in _IN_QUERY if not given.get(name)]
        if lacking:
            incomplete(" ".join(f"AWS query-string parameters must include '{name}'." for name in lacking))
        lasts = given.get("X-Amz-Expires", str(SKEW_S))
        if given["X-Amz-Algorithm"] != _ALGORITHM or not lasts.isdecimal() or int(lasts[:9]) > LONGEST_S:
            incomplete("Re-examine the query-string parameters.")
        return Signed(
            method,
            path,
            tuple(pair for pair in pairs if pair[0] != "X-Amz-Signature"),
            headers,
            body,
            given["X-Amz-Credential"],
            tuple(given["X-Amz-SignedHeaders"].lower().split(";")),
            given["X-Amz-Signature"],
            given["X-Amz-Date"],
            given.get("X-Amz-Security-Token", ""),
            int(lasts),
        )

    def check_time(self, request: Signed) -> None:
        """The date is well formed and not too far off."""
        try:
            when = _epoch_s(request.stamp)
        except ValueError:
            incomplete("Date must be in ISO-8601 'basic format'.")
        lasts = SKEW_S if request.lasts_s is None else request.lasts_s
        if when < self.clock() - lasts:
            reject("Signature expired")
        if when > self.clock() + SKEW_S:
            reject("Signature not yet current")

    def check_host(self, request: Signed) -> None:
        """The Host header is signed."""
        if "host" not in request.names:
            reject("'Host' must be a 'SignedHeader' in the AWS Authorization.")

    def check_scope(self, request: Signed) -> None:
        """The scope is complete."""
        if len(request.scope) != 5:
            incomplete("Credential must have exactly 5 slash-delimited elements.")
        if request.scope[4] != "aws4_request":
            reject("Credential should be scoped with a valid terminator: 'aws4_request'.")

    def check_day(self, request: Signed) -> None:
        """The scope is of the request's day."""
        if not request.stamp.startswith(request.scope[1]) or len(request.scope[1]) != 8:
            reject("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")

    def check_service(self, request: Signed) -> None:
        """The scope names this service, letter by letter."""
        if request.scope[3] != self.service:
            reject(f"Credential should be scoped to correct service: '{self.service}'.")

    def check_region(self, request: Signed) -> None:
        """The scope names this region."""
        if request.scope[2] != self.region:
            reject(f"Credential should be scoped to a valid region, not '{request.scope[2][:40]}'.")

    def check_key(self, request: Signed) -> None:
        """The access key is known."""
        if request.scope[0] not in self.secrets:
            unrecognised()

    def check_headers(self, request: Signed) -> None:
        """Every x-amz- header is signed."""
        if not {name for name in request.headers if name.startswith("x-amz-")} <= set(request.names):
            reject("There were headers present in the request which were not signed.")

    def check_signature(self, request: Signed) -> None:
        """The signature is the one that the secret key makes of this request."""
        expected = self.signature(request)
        if not hmac.compare_digest(expected.encode(), request.signature.encode()):
            reject("The request signature we calculated does not match the signature you provided.")

    def check_token(self, request: Signed) -> None:
        """Temporary credentials come with their session token, others with none."""
        if self.tokens.get(request.scope[0], "") != request.token:
            unrecognised()

    def signature(self, request: Signed) -> str:
        """The correct signature of a request with a known key and a complete scope."""
        key, date, region, service, _ = request.scope
        digest = hashlib.sha256(canonical(request, self.body_hash(request))).hexdigest()
        text = "\n".join((_ALGORITHM, request.stamp, "/".join(request.scope[1:]), digest))
        return hmac.digest(_signing_key(self.secrets[key], date, region, service), text.encode(), "sha256").hex()

    def body_hash(self, request: Signed) -> str:
        """The hash that is signed for the body."""
        return hashlib.sha256(request.body).hexdigest()


@lru_cache(maxsize=64)  # a day's requests share it
def _signing_key(secret: str, *scope: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


@lru_cache(maxsize=64)  # many requests of one second
def _epoch_s(stamp: str) -> float:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()


def canonical(request: Signed, body_hash: str) -> bytes:
    """The canonical request. https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html"""
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in request.query)
    lines = [
        request.method,
        quote(request.path, safe="/-_.~%") or "/",
        "&".join(f"{name}={value}" for name, value in encoded),
        *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in request.names),
        "",
        ";".join(request.names),
        body_hash,
    ]
    return "\n".join(lines).encode()


def reject(message: str) -> NoReturn:
    """The signature does not match. Raises ApiError always."""
    raise ApiError("InvalidSignatureException", message)


def incomplete(message: str) -> NoReturn:
    """The signature lacks something. Raises ApiError always."""
    raise ApiError("IncompleteSignatureException", message)


def unrecognised() -> NoReturn:
    """The credentials are unknown. Raises ApiError always."""
    raise ApiError("UnrecognizedClientException", "The security token included in the request is invalid.")
