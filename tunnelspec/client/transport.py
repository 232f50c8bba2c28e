"""Sends exact bytes and reads a bounded answer; the one place with timeouts and size limits.

Whatever the target does becomes a value: no exception of the HTTP library leaves this module.
Sessions and signers are kept per thread, since neither is safe to share.
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
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
from requests_aws4auth import AWS4Auth
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError, ReadTimeoutError

from tunnelspec.client.endpoint import Target
from tunnelspec.contract.document import Service
from tunnelspec.exchange import Exchange, RawRequest, Response

_THROTTLED = frozenset({429, 503})
_CHUNK = 65_536


class Transport:
    """A client of one target; thread-safe.

    `total_s` bounds one call from the first byte sent to the last byte read, however slowly the
    target drips. `throttling_codes` are error types that mean "not now": such an answer, or status 429
    or 503, is asked for again up to `retries` times, if `may_retry` allows it, and is then a failure of kind
    `throttled`.
    """

    def __init__(
        self,
        target: Target,
        service: Service,
        *,
        connect_timeout_s: float = 5.0,
        read_timeout_s: float = 10.0,
        total_s: float = 20.0,
        max_body_bytes: int = 8 * 2**20,
        retries: int = 4,
        backoff_s: float = 0.1,
        throttling_codes: frozenset[str] = frozenset(),
        seed: int = 0,
        may_retry: Callable[[RawRequest], bool] = lambda raw: True,
    ) -> None:
        self.target = target
        self._service = service
        self._timeout = (connect_timeout_s, read_timeout_s)
        self._total_s = total_s
        self._max_body = max_body_bytes
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
        prepared = self._prepared(raw)
        started = time.monotonic()
        try:
            answer = self._adapter().send(prepared, stream=True, timeout=self._timeout, verify=True)
        except (Unreachable, Timeout, RequestException, HTTPError, ValueError) as problem:
            return None, _failure(problem)
        try:
            body, failure = self._read(answer, started)
        except (RequestException, HTTPError, OSError, ValueError) as problem:
            answer.raw.close()
            return None, _failure(problem)
        if failure is not None:
            # What is left unread would be taken for the next answer.
            answer.raw.close()
            return None, failure
        answer.raw.release_conn()
        headers = tuple((str(k), str(v)) for k, v in answer.raw.headers.items())
        return Response(answer.status_code, headers, body, time.monotonic() - started), None

    def _read(self, answer: requests.Response, started: float) -> tuple[bytes, str | None]:
        parts: list[bytes] = []
        size = 0
        while True:
            # read1 gives what is there, so that a slow drip is noticed between reads.
            part = answer.raw.read1(_CHUNK, decode_content=True)
            if not part:
                break
            parts.append(part)
            size += len(part)
            if size > self._max_body:
                return b"", "too-large"
            if time.monotonic() - started > self._total_s:
                return b"", "timeout"
        return b"".join(parts), None

    def _prepared(self, raw: RawRequest) -> requests.PreparedRequest:
        prepared = requests.PreparedRequest()
        prepared.method = raw.method
        prepared.url = self.target.url + raw.path
        prepared.headers = requests.structures.CaseInsensitiveDict(raw.headers)
        prepared.headers["Accept-Encoding"] = "identity"
        prepared.headers["Content-Length"] = str(len(raw.body))
        prepared.body = raw.body
        prepared.hooks = {}
        if raw.sign:
            self._signer()(prepared)
        return prepared

    def _adapter(self) -> HTTPAdapter:
        adapter: HTTPAdapter | None = getattr(self._local, "adapter", None)
        if adapter is None:
            adapter = self._local.adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1)
            with self._lock:
                self._adapters.append(adapter)
        return adapter

    def _signer(self) -> Any:
        signer = getattr(self._local, "signer", None)
        if signer is None:
            used = self.target.credentials
            signer = self._local.signer = AWS4Auth(
                used.access_key,
                used.secret_key,
                self.target.region,
                self._service.signing_name,
                session_token=used.token,
            )
        return signer

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
    if isinstance(problem, SSLError):
        return "tls"
    if isinstance(problem, Timeout | ReadTimeoutError | TimeoutError):
        return "timeout"
    if isinstance(problem, ContentDecodingError | DecodeError | InvalidHeader):
        return "garbage"
    causes = list(_chain(problem))
    words = " ".join(f"{type(cause).__name__} {cause}" for cause in causes)
    if any(isinstance(cause, ConnectionRefusedError | socket.gaierror) for cause in causes):
        return "refused"
    if any(isinstance(cause, TimeoutError | ReadTimeoutError) for cause in causes):
        return "timeout"
    if any(name in words for name in ("BadStatusLine", "LineTooLong", "InvalidChunkLength")):
        return "garbage"
    if "got more than" in words and "headers" in words:
        return "garbage"
    if "NameResolutionError" in words or "NewConnectionError" in words:
        return "refused"
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
