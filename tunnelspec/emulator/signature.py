"""Verifies AWS Signature Version 4 on the emulator's side, from the published algorithm.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, unquote

from tunnelspec.emulator.errors import ApiError

#: How far a request's time may be off, in seconds: AWS allows fifteen minutes.
SKEW_S = 900
_ALGORITHM = "AWS4-HMAC-SHA256"
_FIELD = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


class Verifier:
    """Holds the credentials that are good, and refuses every request that they did not sign."""

    def __init__(
        self, secrets: Mapping[str, str], region: str, service: str, clock: Callable[[], float]
    ) -> None:
        self._secrets = secrets
        self._region = region
        self._service = service
        self._clock = clock

    def verify(self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raises ApiError with the code that AWS documents for what is wrong."""
        authorization = headers.get("authorization")
        if not authorization:
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
        fields = dict(_FIELD.findall(authorization))
        if not authorization.startswith(_ALGORITHM):
            raise ApiError("IncompleteSignatureException", "Unsupported authorization type")
        for name in ("Credential", "SignedHeaders", "Signature"):
            if name not in fields:
                raise ApiError(
                    "IncompleteSignatureException",
                    f"Authorization header requires '{name}' parameter.",
                )
        scope = fields["Credential"].split("/")
        if len(scope) != 5 or scope[4] != "aws4_request":
            raise ApiError("IncompleteSignatureException", "Credential must have a complete scope.")
        key, date, region, service, _ = scope
        stamp = headers.get("x-amz-date", "")
        self._check_time(stamp, date)
        if service != self._service:
            self._refuse(f"Credential should be scoped to correct service: '{self._service}'.")
        if region != self._region:
            self._refuse(f"Credential should be scoped to a valid region, not '{region[:40]}'.")
        if key not in self._secrets:
            raise ApiError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        signed = fields["SignedHeaders"].lower().split(";")
        needed = {"host", *(name for name in headers if name.startswith("x-amz-"))}
        if not needed <= set(signed):
            self._refuse("A header that must be signed is not.")
        canonical = _canonical(method, path, query, headers, signed, body)
        text = "\n".join((_ALGORITHM, stamp, "/".join(scope[1:]), hashlib.sha256(canonical).hexdigest()))
        expected = _signature(self._secrets[key], date, region, service, text)
        if not hmac.compare_digest(expected.encode(), fields["Signature"].encode()):
            self._refuse("The request signature we calculated does not match the signature you provided.")

    def _check_time(self, stamp: str, date: str) -> None:
        try:
            when = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise ApiError("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'.") from None
        if not stamp.startswith(date):
            self._refuse("Date in Credential scope does not match the request's date.")
        if when < self._clock() - SKEW_S:
            self._refuse("Signature expired")
        if when > self._clock() + SKEW_S:
            self._refuse("Signature not yet current")

    def _refuse(self, message: str) -> None:
        raise ApiError("InvalidSignatureException", message)


def _canonical(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed: list[str],
    body: bytes,
) -> bytes:
    pairs = [part.partition("=")[::2] for part in query.split("&") if part]
    encoded = sorted((quote(unquote(k), safe="-_.~"), quote(unquote(v), safe="-_.~")) for k, v in pairs)
    lines = [
        method,
        quote(path, safe="/-_.~%"),
        "&".join(f"{name}={value}" for name, value in encoded),
        *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed),
        "",
        ";".join(signed),
        hashlib.sha256(body).hexdigest(),
    ]
    return "\n".join(lines).encode()


def _signature(secret: str, date: str, region: str, service: str, text: str) -> str:
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
