"""Faults of authentication: what is not verified of a signature."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from tunnelspec.emulator import ApiError, Emulator, HttpRequest, HttpResponse, signature
from tunnelspec.emulator.signature import Signed
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import REFUSED, SIGNATURE
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level


class AuthFault(Fault, defect_class=SIGNATURE):
    verifying = True


auth = Faults("auth", SIGNATURE, "auth/*/", base=AuthFault)


Passes = Callable[[signature.Verifier, Signed], bool]


def _leaving_out(check: str, passes: Passes = lambda verifier, request: True) -> type[signature.Verifier]:
    """A verifier that leaves a check out for requests of which `passes` is true."""
    original: Callable[[signature.Verifier, Signed], None] = getattr(signature.Verifier, check)

    def lenient(self: signature.Verifier, request: Signed) -> None:
        if not passes(self, request):
            original(self, request)

    return type("Verifier", (signature.Verifier,), {check: lenient})


auth("ignores-region", "wrong-region", "A signature for any region is accepted.").verifier(_leaving_out("check_region"))
auth("ignores-service", "wrong-service", "A signature for any service is accepted.").verifier(
    _leaving_out("check_service")
)
auth("ignores-date", "expired", "A signature of any date is accepted.").verifier(_leaving_out("check_time"))
auth("ignores-day", "wrong-day", "A signature for any day is accepted, whatever the request's date.").verifier(
    _leaving_out("check_day")
)
auth("ignores-host", "host-unsigned", "The Host header need not be signed.").verifier(_leaving_out("check_host"))
auth("ignores-unsigned-headers", "target-unsigned", "Headers need not be signed.", level=Level.SHOULD).verifier(
    _leaving_out("check_headers")
)
auth("ignores-session-token", "token-wrong", "Temporary credentials are accepted with any session token.").verifier(
    _leaving_out("check_token")
)
auth("keeps-old-keys", "wrong-day", "A signature for an earlier day than the request's is accepted.").verifier(
    _leaving_out("check_day", lambda verifier, request: request.scope[1] < request.stamp[:8])
)
auth("compares-day-lengths", "wrong-day", "The day of a signature has to have eight digits, and no more.").verifier(
    _leaving_out("check_day", lambda verifier, request: len(request.scope[1]) == 8 and request.scope[1].isdigit())
)
auth(
    "takes-service-of-policies", "miscased-service", "The service may be named in lower case, as in policies."
).verifier(_leaving_out("check_service", lambda verifier, request: request.scope[3] == verifier.service.lower()))
auth("folds-service", "miscased-service", "The service's name is compared without regard to case.").verifier(
    _leaving_out("check_service", lambda verifier, request: request.scope[3].lower() == verifier.service.lower())
)
auth("accepts-unsigned", "missing", "A request without an Authorization header is accepted.").around(
    Emulator.verify,
    lambda call, self, request: call(request) if request.headers.get("authorization") or request.query else None,
)


def _accept(error: ApiError, code: str) -> None:
    """Let an error of this code pass. Raises any other."""
    if error.code != code:
        raise error


Faults("auth", REFUSED, base=AuthFault)(
    "digest-required", "http/*/signed-as-by-sdks", "X-Amz-Content-Sha256 is required, as by Amazon S3."
).refusing(
    Emulator.verify,
    lambda self, request: "authorization" in request.headers and "x-amz-content-sha256" not in request.headers,
)


def _unverified(name: str, operation: str) -> None:
    """Seed a fault: the route of an operation verifies nothing."""
    auth(name, "missing", f"{operation} needs no signature: its route verifies none.").around(
        Emulator.verify, lambda call, self, request: call(request) if request.operation != operation else None
    )


_unverified("rotation-unverified", "RotateTunnelAccessToken")
_unverified("description-unverified", "DescribeTunnel")
_unverified("tagging-unverified", "TagResource")
auth("accepts-malformed", "malformed", "A malformed Authorization header is accepted.").rescuing(
    Emulator.verify, lambda error, self, request: _accept(error, "IncompleteSignatureException")
)


class SignsTextInAscii(AuthFault, killer="validation/OpenTunnel/*"):
    """The hash of the body is that of its text in ASCII, so that no signature of other text matches."""

    class Verifier(signature.Verifier):
        def body_hash(self, request: Signed) -> str:
            text = request.body.decode("utf-8", "replace")
            return super().body_hash(replace(request, body=text.encode("ascii", "replace")))


class ComparesWhatIsThere(AuthFault, killer="auth/*/shortened"):
    """As many digits of a signature are compared as it has."""

    class Verifier(signature.Verifier):
        def signature(self, request: Signed) -> str:
            return super().signature(request)[: len(request.signature)]


class VerifiesAtLast(AuthFault, killer="atomicity/OpenTunnel/unusual-requests"):
    """A signature is verified when the call was carried out, and only the response says that it is wrong."""

    def verify(self, request: HttpRequest) -> None: ...

    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        try:
            super().verify(request)
        except ApiError as error:
            return self.render_error(error)
        return response


class SignsKnownHeaders(AuthFault, killer="http/*/more-signed", defect_class=REFUSED):
    """A signature is that of the headers that the server knows, whichever the client says that it signed."""

    class Verifier(signature.Verifier):
        def signature(self, request: Signed) -> str:
            names = tuple(name for name in request.names if name != "x-amz-user-agent")
            return super().signature(replace(request, names=names))


class SignsRunsOfSpaces(AuthFault, killer="http/*/more-signed", defect_class=REFUSED):
    """Runs of white space in a header are signed as they are, not as one space."""

    class Verifier(signature.Verifier):
        def signature(self, request: Signed) -> str:
            headers = {name: value.replace("  ", " run ") for name, value in request.headers.items()}
            return super().signature(replace(request, headers=headers))


class IgnoresFuture(AuthFault, killer="auth/*/not-yet"):
    """A signature whose date is in the future is accepted."""

    class Verifier(signature.Verifier):
        def check_time(self, request: Signed) -> None:
            try:
                super().check_time(request)
            except ApiError as error:
                if error.message != "Signature not yet current":
                    raise


class IgnoresBody(AuthFault, killer="auth/*/body-altered"):
    """The body may be changed after signing: the hash that the client sends is never compared with it."""

    class Verifier(signature.Verifier):
        def body_hash(self, request: Signed) -> str:
            return request.headers.get("x-amz-content-sha256", "")


class IgnoresAlteredHeaders(AuthFault, killer="auth/*/target-altered"):
    """The target may be changed after signing: X-Amz-Target is left out of what is verified."""

    def verify(self, request: HttpRequest) -> None:
        for operation in self.contract.operations.values():
            with suppress(ApiError):
                return super().verify(replace(request, headers={**request.headers, "x-amz-target": operation.target}))
        return super().verify(request)


class AnyKey(AuthFault, killer="auth/*/unknown-key"):
    """An unknown access key is accepted."""

    class Verifier(signature.Verifier):
        def check_key(self, request: Signed) -> None: ...

        def check_signature(self, request: Signed) -> None:
            if request.scope[0] in self.secrets:
                super().check_signature(request)

        def check_token(self, request: Signed) -> None:
            if request.scope[0] in self.secrets:
                super().check_token(request)
