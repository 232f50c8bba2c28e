"""Faults and variants of authentication: what is verified of a signature, and how a wrong one is rejected."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from tunnelspec.emulator import ApiError, HttpRequest, HttpResponse, signature
from tunnelspec.emulator.signature import Signed
from tunnelspec.faults.base import Fault, Variant
from tunnelspec.faults.defect_classes import CODE, CRASH, SIGNATURE, STATUS
from tunnelspec.verdict import Level

_CODES = (
    "MissingAuthenticationTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "UnrecognizedClientException",
)


def _recoded(error: ApiError, code: str | None = None, status: int | None = None) -> ApiError:
    """The error with another code or status if it is about authentication."""
    return error.recoded(error.code if error.code in _CODES else "", code, status)


class _AuthFault(Fault, defect_class=SIGNATURE):
    verifying = True


class _AuthVariant(Variant):
    verifying = True


class SignsTextInAscii(_AuthFault, killer="validation/OpenTunnel/*"):
    """The hash of the body is that of its text in ASCII, so that no signature of other text matches."""

    class Verifier(signature.Verifier):
        def body_hash(self, request: Signed) -> str:
            text = request.body.decode("utf-8", "replace")
            return super().body_hash(replace(request, body=text.encode("ascii", "replace")))


def _unchecked(name: str, case: str, sentence: str, check: str, level: Level = Level.MUST) -> None:
    """Seed a fault: one of the verifier's checks is left out."""
    assert hasattr(signature.Verifier, check)
    verifier: type[signature.Verifier] = type("Verifier", (signature.Verifier,), {check: lambda self, request: None})

    class Unchecked(_AuthFault, name=f"auth/{name}", killer=f"auth/*/{case}", sentence=sentence, level=level):
        Verifier = verifier


_unchecked("ignores-region", "wrong-region", "A signature for any region is accepted.", "check_region")
_unchecked("ignores-service", "wrong-service", "A signature for any service is accepted.", "check_service")
_unchecked("ignores-date", "expired", "A signature of any date is accepted.", "check_time")
_unchecked("ignores-day", "wrong-day", "A signature for any day is accepted, whatever the request's date.", "check_day")


class KeepsOldKeys(_AuthFault, killer="auth/*/wrong-day"):
    """A signature for an earlier day than the request's is accepted."""

    class Verifier(signature.Verifier):
        def check_day(self, request: Signed) -> None:
            if request.scope[1] >= request.stamp[:8]:
                super().check_day(request)


class ComparesDayLengths(_AuthFault, killer="auth/*/wrong-day"):
    """The day of a signature has to have eight digits, and no more."""

    class Verifier(signature.Verifier):
        def check_day(self, request: Signed) -> None:
            if len(request.scope[1]) != 8 or not request.scope[1].isdigit():
                super().check_day(request)


_unchecked("ignores-host", "host-unsigned", "The Host header need not be signed.", "check_host")
_unchecked("ignores-unsigned-headers", "target-unsigned", "Headers need not be signed.", "check_headers", Level.SHOULD)
_unchecked(
    "ignores-session-token", "token-wrong", "Temporary credentials are accepted with any session token.", "check_token"
)


class ComparesWhatIsThere(_AuthFault, killer="auth/*/shortened"):
    """As many digits of a signature are compared as it has."""

    class Verifier(signature.Verifier):
        def signature(self, request: Signed) -> str:
            return super().signature(request)[: len(request.signature)]


class TakesServiceOfPolicies(_AuthFault, killer="auth/*/miscased-service"):
    """The service may be named in lower case, as in policies."""

    class Verifier(signature.Verifier):
        def check_service(self, request: Signed) -> None:
            if request.scope[3] != self.service.lower():
                super().check_service(request)


class FoldsService(_AuthFault, killer="auth/*/miscased-service"):
    """The service's name is compared without regard to case."""

    class Verifier(signature.Verifier):
        def check_service(self, request: Signed) -> None:
            if request.scope[3].lower() != self.service.lower():
                super().check_service(request)


class IgnoresFuture(_AuthFault, killer="auth/*/not-yet"):
    """A signature whose date is in the future is accepted."""

    class Verifier(signature.Verifier):
        def check_time(self, request: Signed) -> None:
            try:
                super().check_time(request)
            except ApiError as error:
                if error.message != "Signature not yet current":
                    raise


class IgnoresBody(_AuthFault, killer="auth/*/body-altered"):
    """The body may be changed after signing: the hash that the client sends is never compared with it."""

    class Verifier(signature.Verifier):
        def body_hash(self, request: Signed) -> str:
            return request.headers.get("x-amz-content-sha256", "")


class IgnoresAlteredHeaders(_AuthFault, killer="auth/*/target-altered"):
    """The target may be changed after signing: X-Amz-Target is left out of what is verified."""

    def verify(self, request: HttpRequest) -> None:
        for operation in self.contract.operations.values():
            with suppress(ApiError):
                return super().verify(replace(request, headers={**request.headers, "x-amz-target": operation.target}))
        return super().verify(request)


class AcceptsUnsigned(_AuthFault, killer="auth/*/missing"):
    """A request without an Authorization header is accepted."""

    def verify(self, request: HttpRequest) -> None:
        if request.headers.get("authorization") or request.query:
            super().verify(request)


class AcceptsMalformed(_AuthFault, killer="auth/*/malformed"):
    """A malformed Authorization header is accepted."""

    def verify(self, request: HttpRequest) -> None:
        try:
            super().verify(request)
        except ApiError as error:
            if error.code != "IncompleteSignatureException":
                raise


class AnyKey(_AuthFault, killer="auth/*/unknown-key"):
    """An unknown access key is accepted."""

    class Verifier(signature.Verifier):
        def check_key(self, request: Signed) -> None: ...

        def check_signature(self, request: Signed) -> None:
            if request.scope[0] in self.secrets:
                super().check_signature(request)

        def check_token(self, request: Signed) -> None:
            if request.scope[0] in self.secrets:
                super().check_token(request)


class CrashOnMalformed(_AuthFault, killer="auth/*/malformed", defect_class=CRASH):
    """A malformed Authorization header causes status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("IncompleteSignatureException", "InternalFailure", 500))


class CrashOnWrongSignature(_AuthFault, killer="auth/*/wrong-secret", defect_class=CRASH):
    """A wrong signature causes status 500."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("InvalidSignatureException", "InternalFailure", 500))


class Status401(_AuthFault, killer="auth/*/missing", defect_class=STATUS):
    """A missing signature has status 401, as in HTTP's own authentication."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(_recoded(error, status=401))


class ValidationForWrongSignature(_AuthFault, killer="auth/*/wrong-secret", defect_class=CODE):
    """A wrong signature is rejected with ValidationException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("InvalidSignatureException", "ValidationException"))


class DeniedForEverything(_AuthFault, killer="auth/*/expired", defect_class=CODE, level=Level.SHOULD):
    """Every wrong signature is rejected with AccessDeniedException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(_recoded(error, "AccessDeniedException"))


class Auth403(_AuthVariant, why="AWS's pages of common errors say 403; 400 was recorded."):
    """Errors of authentication have status 403."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(_recoded(error, status=403))


class AuthNoPresigned(_AuthVariant, why="That this service accepts one is not documented."):
    """A signature in the query string is rejected."""

    def verify(self, request: HttpRequest) -> None:
        super().verify(replace(request, query=""))


class AuthDocumentedNames(_AuthVariant, why="Those pages have other names than the recorded ones."):
    """Errors have the names of AWS's pages of common errors, without a suffix."""

    def render_error(self, error: ApiError) -> HttpResponse:
        for old, new in (
            ("MissingAuthenticationTokenException", "MissingAuthenticationToken"),
            ("IncompleteSignatureException", "IncompleteSignature"),
            ("UnrecognizedClientException", "InvalidClientTokenId"),
        ):
            error = error.recoded(old, new)
        return super().render_error(error)


class AuthOneError(
    _AuthVariant, why="Which error names which problem was recorded only of other services.", may_warn=True
):
    """Every wrong signature is rejected with InvalidSignatureException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(_recoded(error, "InvalidSignatureException"))
