"""Faults and variants of authentication: how a wrong signature is rejected."""

from __future__ import annotations

from dataclasses import replace

from tunnelspec.emulator import ApiError, Emulator, HttpResponse
from tunnelspec.faults.auth import auth
from tunnelspec.faults.base import Variant
from tunnelspec.faults.defect_classes import CODE, CRASH, STATUS
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.rows import variant
from tunnelspec.verdict import Level

_CODES = (
    "MissingAuthenticationTokenException",
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "UnrecognizedClientException",
)


class _AuthVariant(Variant):
    verifying = True


def _recoded(error: ApiError, code: str | None = None, status: int | None = None) -> ApiError:
    """The error with another code or status if it is about authentication."""
    return error.recoded(error.code if error.code in _CODES else "", code, status)


auth("crash-on-malformed", "malformed", "A malformed Authorization header causes status 500.", CRASH).recoded(
    "IncompleteSignatureException", CRASHED, 500
)
auth("crash-on-wrong-signature", "wrong-secret", "A wrong signature causes status 500.", CRASH).recoded(
    "InvalidSignatureException", CRASHED, 500
)
auth("validation-for-wrong-signature", "wrong-secret", "A wrong signature is a ValidationException.", CODE).recoded(
    "InvalidSignatureException", "ValidationException"
)
auth("status-401", "missing", "A missing signature has status 401, as in HTTP's own authentication.", STATUS).around(
    Emulator.render_error, lambda call, self, error: call(_recoded(error, status=401))
)
auth(
    "denied-for-everything",
    "expired",
    "Every wrong signature is rejected with AccessDeniedException.",
    CODE,
    level=Level.SHOULD,
).around(Emulator.render_error, lambda call, self, error: call(_recoded(error, "AccessDeniedException")))

# What conforms.

variant(
    "auth-403",
    "AWS's pages of common errors say 403; 400 was recorded.",
    "Errors of authentication have status 403.",
    base=_AuthVariant,
).around(Emulator.render_error, lambda call, self, error: call(_recoded(error, status=403)))
variant(
    "auth-no-presigned",
    "That this service accepts one is not documented.",
    "A signature in the query string is rejected.",
    base=_AuthVariant,
).around(Emulator.verify, lambda call, self, request: call(replace(request, query="")))
variant(
    "auth-one-error",
    "Which error names which problem was recorded only of other services.",
    "Every wrong signature is rejected with InvalidSignatureException.",
    base=_AuthVariant,
    may_warn=True,
).around(Emulator.render_error, lambda call, self, error: call(_recoded(error, "InvalidSignatureException")))


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
