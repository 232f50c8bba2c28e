"""Faults of errors: the wrong type, the wrong status, too much information, or no error at all."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, Emulator, HttpResponse, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CODE, LEAK, MISSED, NOT_ENFORCED, STATUS, TAGGING
from tunnelspec.faults.rows import Faults
from tunnelspec.verdict import Level

_ABOVE = "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above"
_UNKNOWN = "validation/DescribeTunnel/tunnelId/exists/unknown"
code = Faults("errors", CODE)
status = Faults("errors", STATUS)
missed = Faults("errors", MISSED)

# The wrong error.

code("wrong-validation-type", _ABOVE, "A violated constraint is a ValidationError, which no SDK knows.").recoded(
    "ValidationException", "ValidationError"
)
code(
    "not-found-for-invalid",
    "validation/OpenTunnel/description/pattern/longer",
    "A violated constraint is a ResourceNotFoundException.",
).recoded("ValidationException", "ResourceNotFoundException")
code("invalid-for-not-found", _UNKNOWN, "An unknown tunnel is a ValidationException.").recoded(
    "ResourceNotFoundException", "ValidationException"
)
code("malformed-as-validation", "protocol/*/truncated", "Malformed JSON is an InvalidRequestException.").recoded(
    "SerializationException", "InvalidRequestException"
)
code("unknown-operation-type", "protocol/*/target-unknown", "An unknown target is an InvalidAction.").recoded(
    "UnknownOperationException", "InvalidAction"
)
code(
    "types-as-validation", "validation/*/type/as-*", "A wrong JSON type is a ValidationException.", level=Level.SHOULD
).recoded("SerializationException", "ValidationException")
status("status-480", _UNKNOWN, "An unknown tunnel has status 480, as in a converted document.").recoded(
    "ResourceNotFoundException", status=480
)
status("status-422", _ABOVE, "A violated constraint has status 422.").recoded("ValidationException", status=422)

# Secrets in errors.


class TokenInError(Fault, killer="validation/RotateTunnelAccessToken/*", defect_class=LEAK):
    """An error contains an access token of the newest tunnel."""

    def render_error(self, error: ApiError) -> HttpResponse:
        for tunnel in self.store.newest_first()[:1]:
            error.message = f"{error.message} {tunnel.tokens.get('source', '')}"
        return super().render_error(error)


class SecretInValidationError(Fault, killer="validation/RotateTunnelAccessToken/clientMode/*", defect_class=LEAK):
    """The error for an invalid rotation contains the tunnel's tokens."""

    def validate(self, operation: str, body: Params) -> Params:
        try:
            return super().validate(operation, body)
        except ApiError as error:
            tunnel = self.store.get(str(body.get("tunnelId")))
            if operation == "RotateTunnelAccessToken" and tunnel is not None:
                error.message = f"{error.message} (tunnel: {tunnel.tokens})"
            raise


# No error.

missed(
    "unknown-tunnel-accepted",
    "validation/CloseTunnel/tunnelId/exists/unknown",
    "Closing an unknown tunnel succeeds.",
    NOT_ENFORCED,
).rescuing(Emulator.close_tunnel, lambda error, self, params: {})
missed(
    "unknown-arn-has-no-tags",
    "validation/ListTagsForResource/resourceArn/exists/unknown",
    "The tags of an unknown resource are an empty list.",
).rescuing(Emulator.list_tags_for_resource, lambda error, self, params: {"tags": []})
missed("opened-when-asked-for", _UNKNOWN, "Describing an unknown tunnel opens one.").rescuing(
    Emulator.describe_tunnel, lambda error, self, params: self.describe_tunnel(self.open_tunnel({}))
)
missed(
    "no-tags-not-found", "tags/OpenTunnel/none", "The tags of a tunnel without tags are not found.", TAGGING
).refusing(
    Emulator.list_tags_for_resource,
    lambda self, params: not self.find_arn(params["resourceArn"]).tags,
    "ResourceNotFoundException",
)
