"""Faults of errors: the wrong type, the wrong status, too much information, or no error at all."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, HttpResponse, Params
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CODE, LEAK, MISSED, NOT_ENFORCED, STATUS, TAGGING
from tunnelspec.verdict import Level

_ABOVE = "validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above"
_UNKNOWN = "validation/DescribeTunnel/tunnelId/exists/unknown"


class WrongValidationType(Fault, killer=_ABOVE, defect_class=CODE):
    """A violated constraint is a ValidationError, which no SDK knows."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ValidationException", "ValidationError"))


class NotFoundForInvalid(Fault, killer="validation/OpenTunnel/description/pattern/longer", defect_class=CODE):
    """A violated constraint is a ResourceNotFoundException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ValidationException", "ResourceNotFoundException"))


class InvalidForNotFound(Fault, killer=_UNKNOWN, defect_class=CODE):
    """An unknown tunnel is a ValidationException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ResourceNotFoundException", "ValidationException"))


class MalformedAsValidation(Fault, killer="protocol/*/truncated", defect_class=CODE):
    """Malformed JSON is an InvalidRequestException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("SerializationException", "InvalidRequestException"))


class UnknownOperationType(Fault, killer="protocol/*/target-unknown", defect_class=CODE):
    """An unknown target is an InvalidAction."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("UnknownOperationException", "InvalidAction"))


class Status480(Fault, killer=_UNKNOWN, defect_class=STATUS):
    """An unknown tunnel has status 480, as in a converted document."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ResourceNotFoundException", status=480))


class Status422(Fault, killer=_ABOVE, defect_class=STATUS):
    """A violated constraint has status 422."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("ValidationException", status=422))


class TypesAsValidation(Fault, killer="validation/*/type/as-*", defect_class=CODE, level=Level.SHOULD):
    """A wrong JSON type is a ValidationException."""

    def render_error(self, error: ApiError) -> HttpResponse:
        return super().render_error(error.recoded("SerializationException", "ValidationException"))


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


class UnknownTunnelAccepted(Fault, killer="validation/CloseTunnel/tunnelId/exists/unknown", defect_class=NOT_ENFORCED):
    """Closing an unknown tunnel succeeds."""

    def close_tunnel(self, params: Params) -> Params:
        try:
            return super().close_tunnel(params)
        except ApiError:
            return {}


class UnknownArnHasNoTags(
    Fault, killer="validation/ListTagsForResource/resourceArn/exists/unknown", defect_class=MISSED
):
    """The tags of an unknown resource are an empty list."""

    def list_tags_for_resource(self, params: Params) -> Params:
        try:
            return super().list_tags_for_resource(params)
        except ApiError:
            return {"tags": []}


class OpenedWhenAskedFor(Fault, killer=_UNKNOWN, defect_class=MISSED):
    """Describing an unknown tunnel opens one."""

    def describe_tunnel(self, params: Params) -> Params:
        try:
            return super().describe_tunnel(params)
        except ApiError:
            return super().describe_tunnel(self.open_tunnel({}))


class NoTagsNotFound(Fault, killer="tags/OpenTunnel/none", defect_class=TAGGING):
    """ListTagsForResource does not find a tunnel without tags."""

    def list_tags_for_resource(self, params: Params) -> Params:
        output = super().list_tags_for_resource(params)
        if not output["tags"]:
            raise ApiError("ResourceNotFoundException", "No tags")
        return output
