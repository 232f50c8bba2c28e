"""Faults of errors: the wrong type, the wrong status, too much told."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.faults.changes import on_error, recoded
from tunnelspec.faults.registry import fault

CODE = "wrong error code or __type"
STATUS = "wrong status"


@fault(
    "errors/wrong-validation-type",
    sentence="Broken constraints are answered with ValidationError, which no SDK knows.",
    defect_class=CODE,
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above",
)
def wrong_validation_type(emulator: Emulator) -> None:
    recoded(emulator, "ValidationException", "ValidationError")


@fault(
    "errors/not-found-for-invalid",
    sentence="Broken constraints are answered with ResourceNotFoundException.",
    defect_class=CODE,
    killer="validation/DescribeTunnel/tunnelId/pattern/longer",
)
def not_found_for_invalid(emulator: Emulator) -> None:
    recoded(emulator, "ValidationException", "ResourceNotFoundException")


@fault(
    "errors/invalid-for-not-found",
    sentence="An unknown tunnel is answered with ValidationException.",
    defect_class=CODE,
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def invalid_for_not_found(emulator: Emulator) -> None:
    recoded(emulator, "ResourceNotFoundException", "ValidationException")


@fault(
    "errors/malformed-as-validation",
    sentence="Malformed JSON is answered with InvalidRequestException.",
    defect_class=CODE,
    killer="protocol/*/truncated",
)
def malformed_as_validation(emulator: Emulator) -> None:
    recoded(emulator, "SerializationException", "InvalidRequestException")


@fault(
    "errors/unknown-operation-type",
    sentence="An unknown target is answered with InvalidAction.",
    defect_class=CODE,
    killer="protocol/*/target-unknown",
)
def unknown_operation_type(emulator: Emulator) -> None:
    recoded(emulator, "UnknownOperationException", "InvalidAction")


@fault(
    "errors/status-480",
    sentence="Unknown tunnels are answered with status 480, as a converted document has it.",
    defect_class=STATUS,
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def status_480(emulator: Emulator) -> None:
    recoded(emulator, "ResourceNotFoundException", "ResourceNotFoundException", 480)


@fault(
    "errors/status-422",
    sentence="Broken constraints are answered with status 422.",
    defect_class=STATUS,
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above",
)
def status_422(emulator: Emulator) -> None:
    recoded(emulator, "ValidationException", "ValidationException", 422)


@fault(
    "errors/token-in-error",
    sentence="An error tells an access token of the tunnel.",
    defect_class="secrets in answers",
    killer="validation/RotateTunnelAccessToken/*",
)
def token_in_error(emulator: Emulator) -> None:
    def change(error: ApiError) -> None:
        tunnels = emulator.store.newest_first()
        if tunnels:
            error.message = f"{error.message} {tunnels[0].tokens.get('source', '')}"

    on_error(emulator, change)


@fault(
    "errors/unknown-tunnel-accepted",
    sentence="Closing an unknown tunnel succeeds.",
    defect_class="constraint not enforced",
    killer="validation/CloseTunnel/tunnelId/exists/unknown",
)
def unknown_tunnel_accepted(emulator: Emulator) -> None:
    close = emulator.operations["CloseTunnel"]

    def changed(params: dict[str, object]) -> dict[str, object]:
        try:
            return close(params)
        except ApiError:
            return {}

    emulator.operations["CloseTunnel"] = changed


@fault(
    "errors/unknown-arn-has-no-tags",
    sentence="The tags of a resource that is not there are an empty list.",
    defect_class="missing resource not noticed",
    killer="validation/ListTagsForResource/resourceArn/exists/unknown",
)
def unknown_arn_has_no_tags(emulator: Emulator) -> None:
    list_tags = emulator.operations["ListTagsForResource"]

    def changed(params: dict[str, object]) -> dict[str, object]:
        try:
            return list_tags(params)
        except ApiError:
            return {"tags": []}

    emulator.operations["ListTagsForResource"] = changed


@fault(
    "errors/opened-when-asked-for",
    sentence="An unknown tunnel is made up when it is described.",
    defect_class="missing resource not noticed",
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def opened_when_asked_for(emulator: Emulator) -> None:
    describe = emulator.operations["DescribeTunnel"]

    def changed(params: dict[str, object]) -> dict[str, object]:
        try:
            return describe(params)
        except ApiError:
            opened = emulator.open_tunnel({})
            return describe({"tunnelId": opened["tunnelId"]})

    emulator.operations["DescribeTunnel"] = changed


@fault(
    "errors/no-tags-not-found",
    sentence="A tunnel without tags is not found by ListTagsForResource.",
    defect_class="tagging and state",
    killer="tags/OpenTunnel/none",
)
def no_tags_not_found(emulator: Emulator) -> None:
    tags_of = emulator.tags_of
    list_tags = emulator.operations["ListTagsForResource"]

    def changed(params: dict[str, object]) -> dict[str, object]:
        if not tags_of(emulator.find_arn(str(params["resourceArn"]))):
            raise ApiError("ResourceNotFoundException", "No tags")
        return list_tags(params)

    emulator.operations["ListTagsForResource"] = changed


@fault(
    "errors/secret-in-validation-error",
    sentence="The error for a wrong rotation tells the tokens that the tunnel has.",
    defect_class="secrets in answers",
    killer="validation/RotateTunnelAccessToken/clientMode/*",
)
def secret_in_validation_error(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, object]) -> dict[str, object]:
        try:
            return validate(operation, body)
        except ApiError as error:
            tunnel = emulator.store.get(str(body.get("tunnelId")))
            if operation == "RotateTunnelAccessToken" and tunnel is not None:
                error.message = f"{error.message} (tunnel: {tunnel.tokens})"
            raise

    emulator.validate = changed  # type: ignore[method-assign]


@fault(
    "errors/types-as-validation",
    sentence="A wrong JSON type is a ValidationException: against a SHOULD.",
    defect_class=CODE,
    killer="validation/*/type/as-*",
)
def types_as_validation(emulator: Emulator) -> None:
    recoded(emulator, "SerializationException", "ValidationException")
