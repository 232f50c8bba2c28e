"""Sends exact bytes and reads a bounded answer; the one place with timeouts and size limits.

Whatever the target does becomes a value: no exception of the HTTP library leaves this module.
Sessions and signers are kept per thread, since neither is safe to share.
"""

from __future__ import annotations

import json
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from http.client import BadStatusLine, HTTPException, LineTooLong, RemoteDisconnected, UnknownProtocol
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import (
    ChunkedEncodingError,
    ContentDecodingError,
    InvalidHeader,
    RequestException,
    SSLError,
    Timeout,
)
from requests.exceptions import ConnectionError as Unreachable
from urllib3.exceptions import (
    DecodeError,
    HTTPError,
    InvalidChunkLength,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.exceptions import InvalidHeader as InvalidLength

from tunnelspec.client.bounded import BoundedAdapter, Garbage, Limits, TooLarge, unpacked
from tunnelspec.client.endpoint import Endpoint
from tunnelspec.client.redaction import Redactor
from tunnelspec.client.signing import Signer
from tunnelspec.contract.document import Service
from tunnelspec.exchange import Exchange, RawRequest, Response

_THROTTLED = frozenset({429, 503})
_CHUNK = 65_536


class Transport:
    """A client of one target; thread-safe.

    `total_s` bounds one call from the first byte sent to the last byte read, however slowly the
    target drips. `throttling_codes` are error types that mean "not now": such an answer, or status 429
    or 503, is asked for again up to `retries` times, if `may_retry` allows it, and is then a failure of kind
    `throttled`. `redactor` hears every body before anybody else sees it. Proxies of the environment are not
    used: what is signed goes to the target and to nobody else.
    """

    def __init__(
        self,
        target: Endpoint,
        service: Service,
        *,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 10.0,
        total_s: float = 20.0,
        max_body_bytes: int = 4 * 2**20,
        retries: int = 4,
        backoff_s: float = 0.1,
        throttling_codes: frozenset[str] = frozenset(),
        seed: int = 0,
        may_retry: Callable[[RawRequest], bool] = lambda raw: True,
        redactor: Redactor | None = None,
    ) -> None:
        self.target = target
        self._signer = Signer(target, service)
        #: Whether the credentials come with a session token.
        self.temporary = target.credentials.token is not None
        self._redactor = redactor or Redactor()
        # Always verified: there is no value that turns it off.
        self._verify = target.ca_bundle or True
        self._timeout = (connect_timeout_s, read_timeout_s)
        self._limits = Limits(total_s=total_s, body_bytes=max_body_bytes)
        self._retries = retries
        self._backoff_s = backoff_s
        self._throttling = tuple(code.encode() for code in throttling_codes)
        self._throttling_codes = throttling_codes
        self._random = random.Random(seed)
        self._may_retry = may_retry
        self._local = threading.local()
        self._adapters: list[HTTPAdapter] = []
        self._lock = threading.Lock()

    def send(self, raw: RawRequest) -> Exchange:
        """Send a request and say what came of it. Never raises for what the target does."""
        for attempt in range(self._retries + 1):
            response, failure = self._once(raw)
            if response is None or not self._is_throttled(response):
                return Exchange(raw, raw, response, failure, throttled=attempt)
            if attempt < self._retries:
                with self._lock:
                    jitter = self._random.uniform(0.5, 1.5)
                time.sleep(self._backoff_s * 2**attempt * jitter)
                if not self._may_retry(raw):
                    break
        return Exchange(raw, raw, response, "throttled", throttled=attempt + 1)

    def secrets(self) -> Mapping[str, str]:
        """The values that no report may show, by label."""
        used = self.target.credentials
        found = {"secret-key": used.secret_key, "session-token": used.token or ""}
        if used.source != "dummy":
            found["access-key"] = used.access_key
        return {label: value for label, value in found.items() if value}

    def close(self) -> None:
        """Close every connection."""
        for adapter in self._adapters:
            adapter.close()

    def _once(self, raw: RawRequest) -> tuple[Response | None, str | None]:
        prepared = self._signer.prepared(raw)
        started = time.monotonic()
        try:
            answer = self._adapter().send(prepared, stream=True, timeout=self._timeout, verify=self._verify)
        except (
            Unreachable,
            Timeout,
            RequestException,
            HTTPError,
            HTTPException,
            OSError,
            ValueError,
        ) as problem:
            return None, _failure(problem)
        try:
            body = self._read(answer)
        except (RequestException, HTTPError, HTTPException, OSError, ValueError) as problem:
            # What is left unread would be taken for the next answer.
            answer.raw.close()
            return None, _failure(problem)
        if getattr(answer.raw._original_response, "surplus", b""):
            answer.raw.close()
            return None, "garbage"
        answer.raw.release_conn()
        headers = tuple((str(k), str(v)) for k, v in answer.raw.headers.items())
        self._redactor.hear(body)
        signature = str(prepared.headers.get("Authorization", ""))[-64:]
        if len(signature) == 64:  # the response may hold it in any encoding
            self._redactor.learn(signature, "signature")
        return Response(answer.status_code, headers, body, time.monotonic() - started), None

    def _read(self, answer: requests.Response) -> bytes:
        """The body, unpacked. Raises TooLarge, Garbage, and what the HTTP library raises."""
        parts: list[bytes] = []
        size = 0
        while part := answer.raw.read1(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > self._limits.body_bytes:
                raise TooLarge("the body does not end")
        coding = answer.raw.headers.get("content-encoding", "")
        return unpacked(b"".join(parts), coding, self._limits.body_bytes)

    def _adapter(self) -> HTTPAdapter:
        adapter: HTTPAdapter | None = getattr(self._local, "adapter", None)
        if adapter is None:
            adapter = self._local.adapter = BoundedAdapter(self._limits)
            with self._lock:
                self._adapters.append(adapter)
        return adapter

    def _is_throttled(self, response: Response) -> bool:
        if response.status in _THROTTLED:
            return True
        if response.status != 400 or not any(code in response.body for code in self._throttling):
            return False
        try:
            named = json.loads(response.body).get("__type", "")
        except (ValueError, AttributeError, RecursionError):
            return False
        return str(named).split(":")[0].rsplit("#", 1)[-1] in self._throttling_codes


def _failure(problem: BaseException) -> str:
    """Which of the failures of `Exchange` an exception of the HTTP library is."""
    causes = list(_chain(problem))

    def caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if caused_by(TooLarge):
        return "too-large"
    if caused_by(SSLError, ssl.SSLError):
        return "tls"
    if caused_by(Timeout, ReadTimeoutError, TimeoutError):
        return "timeout"
    if caused_by(Garbage, ContentDecodingError, DecodeError, InvalidHeader, InvalidLength):
        return "garbage"
    if caused_by(ConnectionRefusedError, socket.gaierror, NameResolutionError, NewConnectionError):
        return "refused"
    if caused_by(RemoteDisconnected):
        return "reset"
    if caused_by(BadStatusLine, LineTooLong, UnknownProtocol, InvalidChunkLength):
        return "garbage"
    if any("got more than" in str(cause) and "headers" in str(cause) for cause in causes):
        return "garbage"
    if isinstance(problem, ValueError) and not isinstance(problem, OSError):
        return "garbage"
    if isinstance(problem, Unreachable | ChunkedEncodingError | ProtocolError | OSError):
        return "reset"
    return "garbage"


def _chain(problem: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    todo: list[Any] = [problem]
    while todo and len(found) < 20:
        current = todo.pop()
        if isinstance(current, BaseException) and current not in found:
            found.append(current)
            todo += [current.__cause__, current.__context__, getattr(current, "reason", None)]
            todo += list(current.args)
    return found
