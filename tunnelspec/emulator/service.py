"""The embedded emulator: all operations of the service, in memory, over AWS JSON 1.1.

A request goes through a pipeline of small methods. Planted faults and legal variants replace methods
of one instance; nothing here knows of them.

All operations stand in one file: together they are what a reader compares with the API reference.
"""

from __future__ import annotations

import base64
import copy
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tunnelspec.contract.document import Contract
from tunnelspec.emulator.errors import ApiError
from tunnelspec.emulator.signature import Verifier
from tunnelspec.emulator.store import Store, Tunnel, new_token
from tunnelspec.emulator.validation import Validator

Params = dict[str, Any]


@dataclass
class Call:
    """One HTTP request as the emulator sees it; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Emulator:
    """One account in one region. Thread-safe.

    `clock` gives epoch seconds. With `credentials` (secret by access key) every request's signature is
    verified, and with `session_tokens` (by access key) that temporary ones come with theirs.
    `max_open_tunnels` is the limit at which LimitExceededException is answered, None for none.
    """

    def __init__(
        self,
        contract: Contract,
        *,
        clock: Callable[[], float] = time.time,
        credentials: Mapping[str, str] | None = None,
        session_tokens: Mapping[str, str] | None = None,
        region: str = "us-east-1",
        account: str = "123456789012",
        max_open_tunnels: int | None = None,
        page_size: int = 50,
    ) -> None:
        self.contract = contract
        self.service = contract.service
        self.store = Store(clock, region, account)
        self.lock = threading.Lock()
        self.max_open_tunnels = max_open_tunnels
        self.page_size = page_size
        self.verifier = (
            Verifier(credentials, region, self.service.signing_name, clock, session_tokens) if credentials else None
        )
        #: A copy for this instance, which a fault may edit.
        self.schemas = {name: copy.deepcopy(operation.input_schema) for name, operation in contract.operations.items()}
        self.validators = {name: Validator(schema) for name, schema in self.schemas.items()}
        self.operations: dict[str, Callable[[Params], Params]] = {
            "OpenTunnel": self.open_tunnel,
            "DescribeTunnel": self.describe_tunnel,
            "CloseTunnel": self.close_tunnel,
            "ListTunnels": self.list_tunnels,
            "RotateTunnelAccessToken": self.rotate,
            "ListTagsForResource": self.list_tags,
            "TagResource": self.tag,
            "UntagResource": self.untag,
        }

    # The pipeline.

    def handle(self, call: Call) -> Answer:
        """Answer one request. A bug here, or a planted one, is answered with status 500."""
        try:
            operation = self.operation_of(call)
            if self.verifier is not None:
                self.verifier.verify(call.method, call.path, call.query, call.headers, call.body)
            params = self.validate(operation, self.parse(call.body))
            with self.lock:
                output = self.perform(operation, params)
        except ApiError as error:
            return self.render_error(error)
        except Exception:
            return self.render_error(ApiError("InternalFailure", status=500))
        return self.render(operation, output)

    def operation_of(self, call: Call) -> str:
        """The operation that a request names. Raises ApiError where it names none."""
        prefix, _, name = call.headers.get("x-amz-target", "").partition(".")
        kind = call.headers.get("content-type", "").split(";")[0].strip().lower()
        known = prefix == self.service.target_prefix and name in self.operations
        if call.method != "POST" or call.path != "/" or kind != self.service.content_type or not known:
            raise ApiError("UnknownOperationException")
        return name

    def parse(self, body: bytes) -> Params:
        """The JSON object in a body. Raises ApiError for what is none."""
        try:
            value = json.loads(body.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError):
            raise ApiError("SerializationException") from None
        if not isinstance(value, dict):
            raise ApiError("SerializationException", "Start of structure expected")
        return value

    def validate(self, operation: str, body: Params) -> Params:
        """The parameters of a call, judged and converted. Raises ApiError."""
        return self.validators[operation](body)

    def perform(self, operation: str, params: Params) -> Params:
        """Do it. Raises ApiError."""
        return self.operations[operation](params)

    def render(self, operation: str, output: Params) -> Answer:
        """A success on the wire: an empty body where the output has no members."""
        members = (self.contract.operations[operation].output_schema or {}).get("properties")
        return self.answer(200, self.encode(output) if members else b"")

    def render_error(self, error: ApiError) -> Answer:
        """An error on the wire."""
        return self.answer(error.status, self.encode(self.error_body(error)))

    def error_body(self, error: ApiError) -> Params:
        """The JSON object of an error."""
        body: Params = {"__type": error.code}
        if error.message is not None:
            body["message"] = error.message
        return body

    def answer(self, status: int, body: bytes) -> Answer:
        """An answer with the headers that every answer has."""
        headers = [
            ("Content-Type", self.service.content_type),
            ("x-amzn-RequestId", str(uuid.uuid4())),
        ]
        return Answer(status, headers, body)

    def encode(self, value: Params) -> bytes:
        """An object as JSON."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    # The operations.

    def open_tunnel(self, params: Params) -> Params:
        """OpenTunnel."""
        if self.max_open_tunnels is not None:
            is_open = [t for t in self.store.newest_first() if t.status == "OPEN"]
            if len(is_open) >= self.max_open_tunnels:
                raise ApiError("LimitExceededException", "Too many open tunnels")
        default = self._member("OpenTunnel", "timeoutConfig", "maxLifetimeTimeoutMinutes")["default"]
        timeout = {"maxLifetimeTimeoutMinutes": default, **params.get("timeoutConfig", {})}
        tunnel = self.store.open(timeout["maxLifetimeTimeoutMinutes"] * 60)
        tunnel.timeout = timeout
        tunnel.description = params.get("description")
        tunnel.destination = params.get("destinationConfig")
        self.put_tags(tunnel, params.get("tags", []))
        tunnel.tokens = {"source": new_token(), "destination": new_token()}
        return {
            "tunnelId": tunnel.id,
            "tunnelArn": tunnel.arn,
            "sourceAccessToken": tunnel.tokens["source"],
            "destinationAccessToken": tunnel.tokens["destination"],
        }

    def describe_tunnel(self, params: Params) -> Params:
        """DescribeTunnel."""
        return {"tunnel": self.description(self.find(params["tunnelId"]))}

    def close_tunnel(self, params: Params) -> Params:
        """CloseTunnel."""
        tunnel = self.find(params["tunnelId"])
        self.store.close(tunnel)
        if params.get("delete"):
            self.store.delete(tunnel)
        return {}

    def list_tunnels(self, params: Params) -> Params:
        """ListTunnels: newest first; a token says behind which tunnel the next page begins."""
        wanted, before = params.get("thingName"), None
        if "nextToken" in params:
            wanted_then, before = self.read_token(params["nextToken"])
            if wanted is not None and wanted != wanted_then:
                raise ApiError("ValidationException", "The token belongs to another filter")
            wanted = wanted_then
        found = [
            tunnel
            for tunnel in self.store.newest_first()
            if (wanted is None or (tunnel.destination or {}).get("thingName") == wanted)
            and (before is None or tunnel.number < before)
        ]
        size = params.get("maxResults", self.page_size)
        page = found[:size]
        answer: Params = {"tunnelSummaries": [self.summary(tunnel) for tunnel in page]}
        if len(found) > size:
            answer["nextToken"] = self.make_token(wanted, page[-1].number)
        return answer

    def rotate(self, params: Params) -> Params:
        """RotateTunnelAccessToken."""
        tunnel = self.find(params["tunnelId"])
        answer: Params = {"tunnelArn": tunnel.arn}
        for side in ("source", "destination"):
            if params["clientMode"] in (side.upper(), "ALL"):
                tunnel.tokens[side] = answer[f"{side}AccessToken"] = new_token()
        if "destinationConfig" in params:
            tunnel.destination = params["destinationConfig"]
        tunnel.updated_at = self.store.clock()
        return answer

    def list_tags(self, params: Params) -> Params:
        """ListTagsForResource."""
        return {"tags": self.tags_of(self.find_arn(params["resourceArn"]))}

    def tag(self, params: Params) -> Params:
        """TagResource."""
        self.put_tags(self.find_arn(params["resourceArn"]), params["tags"])
        return {}

    def untag(self, params: Params) -> Params:
        """UntagResource; a key that is not there is no error."""
        tunnel = self.find_arn(params["resourceArn"])
        for key in params["tagKeys"]:
            tunnel.tags.pop(key, None)
        return {}

    # What the operations share.

    def find(self, tunnel_id: str) -> Tunnel:
        """The tunnel with this id. Raises ApiError."""
        tunnel = self.store.get(tunnel_id)
        if tunnel is None:
            raise ApiError("ResourceNotFoundException", "Tunnel not found")
        return tunnel

    def find_arn(self, arn: str) -> Tunnel:
        """The tunnel with this ARN. Raises ApiError."""
        tunnel = self.store.by_arn(arn)
        if tunnel is None:
            raise ApiError("ResourceNotFoundException", "Resource not found")
        return tunnel

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        """Add tags; a key that is there takes the new value."""
        for tag in tags:
            tunnel.tags[tag["key"]] = tag["value"]

    def tags_of(self, tunnel: Tunnel) -> list[Params]:
        """A tunnel's tags as they are told."""
        return [{"key": key, "value": value} for key, value in tunnel.tags.items()]

    def summary(self, tunnel: Tunnel) -> Params:
        """A tunnel as lists show it."""
        told = {
            "tunnelId": tunnel.id,
            "tunnelArn": tunnel.arn,
            "status": tunnel.status,
            "createdAt": self.timestamp(tunnel.created_at),
            "lastUpdatedAt": self.timestamp(tunnel.updated_at),
        }
        if tunnel.description is not None:
            told["description"] = tunnel.description
        return told

    def description(self, tunnel: Tunnel) -> Params:
        """A tunnel as DescribeTunnel shows it."""
        connection = {
            "status": "DISCONNECTED",
            "lastUpdatedAt": self.timestamp(tunnel.created_at),
        }
        told = {
            **self.summary(tunnel),
            "sourceConnectionState": connection,
            "destinationConnectionState": dict(connection),
            "timeoutConfig": tunnel.timeout,
            "tags": self.tags_of(tunnel),
        }
        if tunnel.destination is not None:
            told["destinationConfig"] = tunnel.destination
        return told

    def timestamp(self, seconds: float) -> Any:
        """A time on the wire: epoch seconds with milliseconds."""
        return round(seconds, 3)

    def make_token(self, wanted: str | None, number: int) -> str:
        """A page token: where the next page begins, and the filter that it belongs to."""
        text = json.dumps([wanted, number]).encode()
        return base64.urlsafe_b64encode(text).decode()

    def read_token(self, token: str) -> tuple[str | None, int]:
        """What a page token says. Raises ApiError for one that was not made here."""
        try:
            wanted, number = json.loads(base64.urlsafe_b64decode(token.encode()))
        except (ValueError, TypeError, RecursionError):
            raise ApiError("ValidationException", "Invalid nextToken") from None
        if not isinstance(number, int) or not isinstance(wanted, str | None):
            raise ApiError("ValidationException", "Invalid nextToken")
        return wanted, number

    def _member(self, operation: str, *path: str) -> Params:
        schema: Params = self.schemas[operation]
        for name in path:
            schema = schema["properties"][name]
        return schema


def _refuse(name: str) -> Any:
    raise ValueError(name)
