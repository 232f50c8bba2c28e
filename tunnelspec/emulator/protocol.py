"""The AWS JSON 1.1 protocol: dispatch, signature, parsing, validation and rendering of one request.

Each step is a method of its own, which a seeded fault or a conforming variant overrides.
https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, TypeAlias

from tunnelspec.contract.document import Contract
from tunnelspec.emulator import signature
from tunnelspec.emulator.connection import HttpConnection
from tunnelspec.emulator.messages import ApiError, HttpRequest, HttpResponse
from tunnelspec.emulator.validation import Validator, matches

Params: TypeAlias = dict[str, Any]


class AwsJsonService:
    """A service in one region. Thread-safe: operations run one at a time.

    `clock` returns epoch seconds. With `credentials` (secret by access key) the signature of every request
    is verified; `session_tokens` (by access key) are those of temporary credentials.
    """

    #: The method that implements each operation.
    METHODS: ClassVar[Mapping[str, str]] = {}
    #: What verifies signatures, and what serves a connection. A subclass adds to its bases' class by one of the
    #: same name, see `combined`.
    Verifier = signature.Verifier
    Connection = HttpConnection

    def __init__(
        self,
        contract: Contract,
        *,
        clock: Callable[[], float],
        credentials: Mapping[str, str] | None,
        session_tokens: Mapping[str, str] | None,
        region: str,
    ) -> None:
        self.contract = contract
        self.service = contract.service
        self.clock = clock
        self.region = region
        self.credentials = credentials or {}
        self.session_tokens = session_tokens or {}
        self.lock = self.make_lock()
        self.verifier = self.make_verifier() if credentials else None
        self.schemas = {name: self.schema(name) for name in contract.operations}
        self.validators: dict[str, Callable[[Params], Params]] = {
            name: self.make_validator(name) for name in self.schemas
        }
        self.operations: dict[str, Callable[[Params], Params]] = {
            name: getattr(self, method) for name, method in self.METHODS.items()
        }
        self._has_output = {
            name: bool((operation.output_schema or {}).get("properties"))
            for name, operation in contract.operations.items()
        }

    # What it is made of.

    def make_lock(self) -> AbstractContextManager[object]:
        """What an operation holds while it runs."""
        return threading.Lock()

    def make_verifier(self) -> signature.Verifier:
        """What verifies signatures."""
        verifier: signature.Verifier = combined(type(self), "Verifier")(
            self.credentials, self.region, self.service.signing_name, self.clock, self.session_tokens
        )
        return verifier

    @classmethod
    def connection(cls) -> type[HttpConnection]:
        """What serves a connection."""
        served: type[HttpConnection] = combined(cls, "Connection")
        return served

    def schema(self, operation: str) -> Params:
        """An operation's input schema. It is the contract's: whoever changes it changes a copy."""
        return self.contract.operations[operation].input_schema

    def make_validator(self, operation: str) -> Validator:
        """What validates an operation's input."""
        return Validator(operation, self.schemas[operation], coerce=self.coerce, matches=self.matches)

    def coerce(self, member: str, schema: Params, value: object) -> object:
        """The value of a member (`Operation/path`) before its JSON type is checked."""
        return value

    def matches(self, schema: Params, value: str) -> bool:
        """Whether a string matches its schema's pattern."""
        return matches(schema["pattern"], value)

    # The steps.

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond to one request. A bug, seeded or not, becomes status 500."""
        try:
            operation = self.operation_of(request)
            if self.verifier is not None:
                self.verify(request)
            params = self.validate(operation, self.parse(request.body))
            with self.lock:
                output = self.perform(operation, params)
        except ApiError as error:
            return self.render_error(error)
        except Exception:
            return self.render_error(ApiError("InternalFailure", status=500))
        return self.render(operation, output)

    def operation_of(self, request: HttpRequest) -> str:
        """The operation that a request names. Raises ApiError if there is no such operation."""
        prefix, _, name = request.target.partition(".")
        if (
            request.method != "POST"
            or request.path != "/"
            or request.media_type != self.service.content_type
            or prefix != self.service.target_prefix
            or name not in self.operations
        ):
            raise ApiError("UnknownOperationException")
        return name

    def verify(self, request: HttpRequest) -> None:
        """Verify the signature. Raises ApiError."""
        assert self.verifier is not None
        self.verifier.verify(request.method, request.path, request.query, request.headers, request.body)

    def parse(self, body: bytes) -> Params:
        """The JSON object in a body. Raises ApiError if it is anything else."""
        try:
            value = _DECODER.decode(body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise ApiError("SerializationException") from None
        if not isinstance(value, dict):
            raise ApiError("SerializationException", "Start of structure expected")
        return value

    def validate(self, operation: str, body: Params) -> Params:
        """The converted parameters of a call. Raises ApiError."""
        return self.validators[operation](body)

    def perform(self, operation: str, params: Params) -> Params:
        """Run the operation. Raises ApiError."""
        return self.operations[operation](params)

    def render(self, operation: str, output: Params) -> HttpResponse:
        """A success; its body is empty where the operation's output has no members."""
        return self.response(200, self.encode(output) if self._has_output[operation] else b"")

    def render_error(self, error: ApiError) -> HttpResponse:
        """An error."""
        return self.response(error.status, self.encode(self.error_body(error)))

    def error_body(self, error: ApiError) -> Params:
        """The JSON object of an error."""
        body: Params = {"__type": error.code}
        if error.message is not None:
            body["message"] = error.message
        return body

    def response(self, status: int, body: bytes) -> HttpResponse:
        """A response with the headers that every response has."""
        headers = [("Content-Type", self.service.content_type), ("x-amzn-RequestId", str(uuid.uuid4()))]
        return HttpResponse(status, headers, body)

    def encode(self, value: Params) -> bytes:
        """A JSON object as bytes."""
        return _ENCODER.encode(value).encode()


def combined(owner: type, name: str) -> type:
    """The classes that `owner` and its bases have under this name, as one class that inherits from all."""
    parts = dict.fromkeys(vars(base)[name] for base in owner.__mro__ if name in vars(base))
    return type(name, tuple(parts), {})


def _reject_constant(name: str) -> object:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_reject_constant)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
