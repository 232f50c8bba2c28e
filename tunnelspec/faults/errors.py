"""Faults of errors: the wrong type, the wrong status, too much told."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.faults.registry import fault
from tunnelspec.faults.wire import on_error

CODE = "wrong error code or __type"
STATUS = "wrong status"


def _recode(emulator: Emulator, old: str, new: str, status: int | None = None) -> None:
    def change(error: ApiError) -> None:
        if error.code == old:
            error.code = new
            error.status = status or error.status

    on_error(emulator, change)


@fault(
    "errors/wrong-validation-type",
    sentence="Broken constraints are answered with ValidationError, which no SDK knows.",
    defect_class=CODE,
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above",
)
def wrong_validation_type(emulator: Emulator) -> None:
    _recode(emulator, "ValidationException", "ValidationError")


@fault(
    "errors/not-found-for-invalid",
    sentence="Broken constraints are answered with ResourceNotFoundException.",
    defect_class=CODE,
    killer="validation/DescribeTunnel/tunnelId/pattern/longer",
)
def not_found_for_invalid(emulator: Emulator) -> None:
    _recode(emulator, "ValidationException", "ResourceNotFoundException")


@fault(
    "errors/invalid-for-not-found",
    sentence="An unknown tunnel is answered with ValidationException.",
    defect_class=CODE,
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def invalid_for_not_found(emulator: Emulator) -> None:
    _recode(emulator, "ResourceNotFoundException", "ValidationException")


@fault(
    "errors/malformed-as-validation",
    sentence="Malformed JSON is answered with InvalidRequestException.",
    defect_class=CODE,
    killer="protocol/*/truncated",
)
def malformed_as_validation(emulator: Emulator) -> None:
    _recode(emulator, "SerializationException", "InvalidRequestException")


@fault(
    "errors/unknown-operation-type",
    sentence="An unknown target is answered with InvalidAction.",
    defect_class=CODE,
    killer="protocol/*/target-unknown",
)
def unknown_operation_type(emulator: Emulator) -> None:
    _recode(emulator, "UnknownOperationException", "InvalidAction")


@fault(
    "errors/status-480",
    sentence="Unknown tunnels are answered with status 480, as a converted document has it.",
    defect_class=STATUS,
    killer="validation/DescribeTunnel/tunnelId/exists/unknown",
)
def status_480(emulator: Emulator) -> None:
    _recode(emulator, "ResourceNotFoundException", "ResourceNotFoundException", 480)


@fault(
    "errors/status-422",
    sentence="Broken constraints are answered with status 422.",
    defect_class=STATUS,
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/above",
)
def status_422(emulator: Emulator) -> None:
    _recode(emulator, "ValidationException", "ValidationException", 422)


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
