"""Our signatures are AWS's: by AWS's published test vectors, by botocore's own signer, by the emulator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from tunnelspec.client import Credentials, Endpoint, Signer
from tunnelspec.contract import Contract
from tunnelspec.contract.document import Service
from tunnelspec.emulator import ApiError
from tunnelspec.emulator.signature import Verifier
from tunnelspec.exchange import RawRequest, Signing
from tunnelspec.strategies import signatures

_KEY, _SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
_STAMP = "20150830T123600Z"
_NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp()
_HOST = "example.amazonaws.com"
_STS = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRq"
    "TflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75Y"
    "U9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9K"
    "SYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)


@dataclass(frozen=True)
class Vector:
    """One request of AWS's Signature Version 4 test suite, with the signature that the suite gives.

    The suite was published at https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html;
    AWS's SDKs carry it, such as @aws-sdk/signature-v4 in its suite.fixture. All are signed at 2015-08-30
    12:36 for us-east-1 and a service named `service`.
    """

    name: str
    signature: str
    method: str = "GET"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    token: str = ""

    @property
    def signed(self) -> list[str]:
        """The names of the signed headers, in order."""
        return sorted(["host", "x-amz-date", *(name.lower() for name, _ in self.headers)])

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers with the date, but without Host."""
        return {"X-Amz-Date": _STAMP, **dict(self.headers)}


VECTORS = [
    Vector("get-vanilla", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    Vector("post-vanilla", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", "POST"),
    Vector(
        "get-vanilla-query-order-key-case",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        query="Param2=value2&Param1=value1",
    ),
    Vector(
        "post-vanilla-query",
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
        "POST",
        "Param1=value1",
    ),
    Vector(
        "post-x-www-form-urlencoded",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        "POST",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
        body=b"Param1=value1",
    ),
    Vector(
        "post-header-key-sort",
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        "POST",
        headers=(("My-Header1", "value1"),),
    ),
    Vector(
        "post-header-value-case",
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        "POST",
        headers=(("My-Header1", "VALUE1"),),
    ),
    Vector(
        "get-header-value-trim",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        headers=(("My-Header1", " value1"), ("My-Header2", ' "a   b   c"')),
    ),
    Vector(
        "get-header-key-duplicate",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        headers=(("My-Header1", "value2,value2,value1"),),
    ),
    Vector(
        "post-sts-header-before",
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        "POST",
        headers=(("X-Amz-Security-Token", _STS),),
        token=_STS,
    ),
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_botocore_agrees_with_the_vector(vector: Vector) -> None:
    """What is written down here is what the suite says: a second source confirms every signature."""
    request = AWSRequest(vector.method, _url(vector), headers=vector.all_headers, data=vector.body)
    request.context["timestamp"] = _STAMP
    signer = SigV4Auth(BotoCredentials(_KEY, _SECRET), "service", "us-east-1")
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert signer.signature(text, request) == vector.signature


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_the_emulator_accepts_the_vector_and_nothing_else(vector: Vector) -> None:
    """The published signature is right; with one letter changed it is not."""
    tokens = {_KEY: vector.token} if vector.token else None
    verifier = Verifier({_KEY: _SECRET}, "us-east-1", "service", lambda: _NOW, tokens)
    headers = {"host": _HOST, **{k.lower(): v for k, v in vector.all_headers.items()}}

    def verify(signature: str) -> None:
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={_KEY}/20150830/us-east-1/service/aws4_request,"
            f" SignedHeaders={';'.join(vector.signed)}, Signature={signature}"
        )
        verifier.verify(vector.method, "/", vector.query, headers, vector.body)

    verify(vector.signature)
    with pytest.raises(ApiError):
        verify(("0" if vector.signature[0] != "0" else "1") + vector.signature[1:])


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if "My-Header1" not in dict(v.headers)], ids=lambda vector: vector.name
)
def test_our_signer_makes_the_vector(vector: Vector) -> None:
    """What we sign with gives the published signature of the same headers."""
    service = Service("", "service", "", "", "")
    target = Endpoint(f"https://{_HOST}", "us-east-1", Credentials(_KEY, _SECRET, vector.token or None), False, True)
    plan = Signing(unsigned=("x-amz-content-sha256", "x-amz-target"))
    headers = tuple(vector.all_headers.items())
    path = _url(vector).removeprefix(f"https://{_HOST}")
    raw = RawRequest(vector.body, None, headers, method=vector.method, path=path, signing=plan)
    assert Signer(target, service).signed(raw).signature == vector.signature


@pytest.mark.parametrize("token", [None, "a-session-token"])
def test_our_requests_have_botocores_signature(token: str | None, contract: Contract) -> None:
    """The same request, signed by us and by botocore."""
    signed = _signer(contract, token).signed(signatures.right(contract))
    by_name = {name.lower(): value for name, value in signed.headers}
    names = by_name["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    headers = {name: by_name[name] for name in names if name != "host"}
    request = AWSRequest("POST", f"https://{_HOST}{signed.target}", headers=headers, data=signed.body)
    request.context["timestamp"] = by_name["x-amz-date"]
    signer = SigV4Auth(BotoCredentials(_KEY, _SECRET, token), contract.service.signing_name, "us-east-1")
    text = signer.string_to_sign(request, signer.canonical_request(request))
    assert signed.signature == signer.signature(text, request)
    assert "x-amz-target" in names
    assert ("x-amz-security-token" in names) == (token is not None)


@pytest.mark.parametrize("form", [SigV4Auth, SigV4QueryAuth])
@pytest.mark.parametrize("token", [None, "a-session-token"])
def test_the_emulator_accepts_what_botocore_signs(form: type, token: str | None) -> None:
    """In the header and in the query string, with and without a session token; not with another body."""
    request = AWSRequest("GET", f"https://{_HOST}/", headers={"X-Amz-Target": "a.b"})
    form(BotoCredentials(_KEY, _SECRET, token), "service", "us-east-1").add_auth(request)
    verifier = Verifier(
        {_KEY: _SECRET}, "us-east-1", "service", datetime.now(UTC).timestamp, {_KEY: token} if token else None
    )
    headers = {"host": _HOST, **{name.lower(): value for name, value in request.headers.items()}}
    query = request.url.partition("?")[2]
    verifier.verify("GET", "/", query, headers, b"")
    with pytest.raises(ApiError):
        verifier.verify("GET", "/", query, headers, b"other")


@pytest.mark.parametrize("name", ["missing", "other-scheme", "malformed", "truncated", "presigned"])
def test_the_secret_key_is_in_no_request(name: str, contract: Contract) -> None:
    """However a request is signed, the secret key stays here."""
    raw = next(request for request in signatures.cases(contract) if request.name == name)
    signed = _signer(contract, None).signed(raw)
    assert _SECRET not in f"{signed.target} {signed.headers} {signed.body!r}"


def test_wrong_secrets_are_nobodys(contract: Contract) -> None:
    """A case with a wrong key or secret has nothing of the real ones but the key's name where it is due."""
    for name in ("unknown-key", "wrong-secret"):
        raw = next(request for request in signatures.cases(contract) if request.name == name)
        headers = dict(_signer(contract, None).signed(raw).headers)
        assert (_KEY in headers["Authorization"]) == (name == "wrong-secret")


def _signer(contract: Contract, token: str | None) -> Signer:
    target = Endpoint(f"https://{_HOST}", "us-east-1", Credentials(_KEY, _SECRET, token), False, True)
    return Signer(target, contract.service)


def _url(vector: Vector) -> str:
    return f"https://{_HOST}/" + (f"?{vector.query}" if vector.query else "")
