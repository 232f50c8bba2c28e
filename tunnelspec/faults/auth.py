"""Faults of authentication: something about a signature is not verified, or is refused wrongly.

A catalogue: its entries are small, stand by themselves, and are looked up by name.
"""

from __future__ import annotations

from typing import Any

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.faults.changes import on_error
from tunnelspec.faults.registry import fault, variant

UNVERIFIED = "signature not verified"
CODE = "wrong error code or __type"
STATUS = "wrong status"

_CODES = frozenset(
    {
        "MissingAuthenticationTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "UnrecognizedClientException",
    }
)


def _skip(emulator: Emulator, *checks: str) -> None:
    """Leave out these checks of the signature."""
    for name in checks:
        setattr(emulator.verifier, name, lambda request: None)


def _recode(emulator: Emulator, code: str, status: int = 400, only: frozenset[str] = _CODES) -> None:
    def change(error: ApiError) -> None:
        if error.code in only:
            error.code, error.status = code, status

    on_error(emulator, change)


def _ignores(name: str, sentence: str, killer: str, *checks: str) -> None:
    @fault(
        f"auth/{name}",
        sentence=sentence,
        defect_class=UNVERIFIED,
        killer=f"auth/*/{killer}",
        verifying=True,
    )
    def change(emulator: Emulator) -> None:
        _skip(emulator, *checks)


_ignores("ignores-region", "A signature for any region is accepted.", "wrong-region", "check_region")
_ignores("ignores-service", "A signature for any service is accepted.", "wrong-service", "check_service")
_ignores("ignores-date", "A signature of any date is accepted.", "expired", "check_time")
_ignores("ignores-host", "The Host header need not be signed.", "host-unsigned", "check_host")
_ignores(
    "ignores-unsigned-headers",
    "Headers need not be signed: against a SHOULD.",
    "target-unsigned",
    "check_headers",
)
_ignores(
    "ignores-session-token",
    "Temporary credentials are accepted with any session token.",
    "token-wrong",
    "check_token",
)


@fault(
    "auth/folds-service",
    sentence="The service's name is compared without regard to case.",
    defect_class=UNVERIFIED,
    killer="auth/*/miscased-service",
    verifying=True,
)
def folds_service(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    check = verifier.check_service

    def changed(request: Any) -> None:
        if request.scope[3].lower() != emulator.service.signing_name.lower():
            check(request)

    verifier.check_service = changed  # type: ignore[method-assign]


@fault(
    "auth/ignores-future",
    sentence="A signature whose date is yet to come is accepted.",
    defect_class=UNVERIFIED,
    killer="auth/*/not-yet",
    verifying=True,
)
def ignores_future(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    check = verifier.check_time

    def changed(request: Any) -> None:
        try:
            check(request)
        except ApiError as error:
            if error.message != "Signature not yet current":
                raise

    verifier.check_time = changed  # type: ignore[method-assign]


@fault(
    "auth/ignores-body",
    sentence="The body may be changed after signing.",
    defect_class=UNVERIFIED,
    killer="auth/*/body-altered",
    verifying=True,
)
def ignores_body(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    # The hash that the client sends is signed in its place, and nobody holds it against the body.
    verifier.body_hash = lambda request: request.headers.get(  # type: ignore[method-assign]
        "x-amz-content-sha256", ""
    )


@fault(
    "auth/ignores-altered-headers",
    sentence="The target may be changed after signing: X-Amz-Target is left out of what is verified.",
    defect_class=UNVERIFIED,
    killer="auth/*/target-altered",
    verifying=True,
)
def ignores_altered_headers(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    check = verifier.check_signature
    names = [described.target for described in emulator.contract.operations.values()]

    def changed(request: Any) -> None:
        for target in names:
            try:
                headers = {**request.headers, "x-amz-target": target}
                return check(type(request)(**{**_fields(request), "headers": headers}))
            except ApiError:
                continue
        return check(request)

    verifier.check_signature = changed  # type: ignore[method-assign]


def _fields(request: Any) -> dict[str, Any]:
    return {name: getattr(request, name) for name in request.__slots__}


@fault(
    "auth/accepts-unsigned",
    sentence="A request without an Authorization header is accepted.",
    defect_class=UNVERIFIED,
    killer="auth/*/missing",
    verifying=True,
)
def accepts_unsigned(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    verify = verifier.verify

    def changed(method: str, path: str, query: str, headers: Any, body: bytes) -> None:
        if headers.get("authorization") or query:
            verify(method, path, query, headers, body)

    verifier.verify = changed  # type: ignore[method-assign]


@fault(
    "auth/accepts-malformed",
    sentence="An Authorization header that cannot be read is taken for a good one.",
    defect_class=UNVERIFIED,
    killer="auth/*/malformed",
    verifying=True,
)
def accepts_malformed(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    verify = verifier.verify

    def changed(method: str, path: str, query: str, headers: Any, body: bytes) -> None:
        try:
            verify(method, path, query, headers, body)
        except ApiError as error:
            if error.code != "IncompleteSignatureException":
                raise

    verifier.verify = changed  # type: ignore[method-assign]


@fault(
    "auth/any-key",
    sentence="An access key that nobody has is taken for a known one.",
    defect_class=UNVERIFIED,
    killer="auth/*/unknown-key",
    verifying=True,
)
def any_key(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    check = verifier.check_signature

    def changed(request: Any) -> None:
        if request.scope[0] in verifier._secrets:
            check(request)

    verifier.check_key = lambda request: None  # type: ignore[method-assign]
    verifier.check_signature = changed  # type: ignore[method-assign]
    token = verifier.check_token
    verifier.check_token = (  # type: ignore[method-assign]
        lambda request: token(request) if request.scope[0] in verifier._secrets else None
    )


@fault(
    "auth/crash-on-malformed",
    sentence="An Authorization header that cannot be read is answered with status 500.",
    defect_class="client error answered as 5xx",
    killer="auth/*/malformed",
    verifying=True,
)
def crash_on_malformed(emulator: Emulator) -> None:
    _recode(emulator, "InternalFailure", 500, frozenset({"IncompleteSignatureException"}))


@fault(
    "auth/crash-on-wrong-signature",
    sentence="A signature that does not fit is answered with status 500.",
    defect_class="client error answered as 5xx",
    killer="auth/*/wrong-secret",
    verifying=True,
)
def crash_on_wrong_signature(emulator: Emulator) -> None:
    _recode(emulator, "InternalFailure", 500, frozenset({"InvalidSignatureException"}))


@fault(
    "auth/status-401",
    sentence="A missing signature is answered with status 401, as HTTP's own authentication has it.",
    defect_class=STATUS,
    killer="auth/*/missing",
    verifying=True,
)
def status_401(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if error.code in _CODES:
            error.status = 401

    on_error(emulator, change)


@fault(
    "auth/validation-for-wrong-signature",
    sentence="A wrong signature is answered with ValidationException.",
    defect_class=CODE,
    killer="auth/*/wrong-secret",
    verifying=True,
)
def validation_for_wrong_signature(emulator: Emulator) -> None:
    _recode(emulator, "ValidationException", only=frozenset({"InvalidSignatureException"}))


@fault(
    "auth/denied-for-everything",
    sentence="Whatever is wrong with a signature is AccessDeniedException: against a SHOULD.",
    defect_class=CODE,
    killer="auth/*/expired",
    verifying=True,
)
def denied_for_everything(emulator: Emulator) -> None:
    _recode(emulator, "AccessDeniedException")


@variant(
    "auth-403",
    sentence="Errors of authentication have status 403.",
    why="AWS's pages of common errors say 403; 400 was recorded.",
    verifying=True,
)
def auth_403(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        if error.code in _CODES:
            error.status = 403

    on_error(emulator, change)


@variant(
    "auth-no-presigned",
    sentence="A signature in the query string is refused.",
    why="That this service reads one is not documented.",
    verifying=True,
)
def auth_no_presigned(emulator: Emulator) -> None:
    verifier = emulator.verifier
    assert verifier is not None
    verify = verifier.verify

    def changed(method: str, path: str, query: str, headers: Any, body: bytes) -> None:
        verify(method, path, "", headers, body)

    verifier.verify = changed  # type: ignore[method-assign]


@variant(
    "auth-documented-names",
    sentence="Errors have the names that AWS's pages of common errors print, without a suffix.",
    why="Those pages print other names than the recorded ones.",
    verifying=True,
)
def auth_documented_names(emulator: Emulator) -> None:
    names = {
        "MissingAuthenticationTokenException": "MissingAuthenticationToken",
        "IncompleteSignatureException": "IncompleteSignature",
        "UnrecognizedClientException": "InvalidClientTokenId",
    }

    def change(error: ApiError) -> None:
        error.code = names.get(error.code, error.code)

    on_error(emulator, change)


@variant(
    "auth-one-error",
    sentence="Whatever is wrong with a signature is an InvalidSignatureException.",
    why="Which error names what is wrong was recorded of other services of this protocol alone.",
    may_warn=True,
    verifying=True,
)
def auth_one_error(emulator: Emulator) -> None:
    _recode(emulator, "InvalidSignatureException")
