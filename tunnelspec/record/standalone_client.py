"""A client for one file, on the standard library alone: the beginning of every program that reproduces a defect.

It writes a request byte for byte as it was sent, on one connection, and signs it correctly or, with the members
of `exchange.Signing`, incorrectly. Credentials come from the environment. Sensitive members of responses are
printed as digests, which show whether two are the same.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

SIGNED = ["host", "content-type"]
SIGNED += [f"x-amz-{name}" for name in ("content-sha256", "date", "security-token", "target", "user-agent")]


class Client:
    """Sends requests to one endpoint and prints them with their responses."""

    def __init__(self, url: str, region: str, service: str, sensitive: str = "") -> None:
        self.place, self.region, self.service = urlsplit(url), region, service
        self.sensitive, self.sock = sensitive, None
        self.key = os.environ.get("AWS_ACCESS_KEY_ID", "test")
        self.secret = os.environ.get("AWS_SECRET_ACCESS_KEY", "test")
        self.token = os.environ.get("AWS_SESSION_TOKEN", "")
        ports = {"http": ":80", "https": ":443"}
        self.host = self.place.netloc.removesuffix(ports[self.place.scheme])

    sock: socket.socket | None

    def call(self, target: str, body: Any, content_type: str) -> dict[str, Any]:
        """Send a call in the plainest way and return the members of its response."""
        try:
            data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError:
            data = json.dumps(body, separators=(",", ":")).encode()
        return self.send("POST", "/", [("Content-Type", content_type), ("X-Amz-Target", target)], data)

    def send(
        self,
        method: str,
        path: str,
        headers: list[tuple[str, str]],
        body: bytes,
        sign: bool = True,
        fresh: bool = False,
        signing: dict[str, Any] | None = None,
        wire: dict[str, object] | None = None,
    ) -> dict[str, object]:
        """Send a request and return the members of its response, none if it has none."""
        wire, how = wire or {}, signing or {}
        print(f"> {method} {path} {dict(headers).get('X-Amz-Target', '')} {body[:2000]!r}")
        target, names = self.place.path + path, {name.lower() for name, _ in headers}
        needed = [("Accept-Encoding", "identity"), ("User-Agent", "tunnelspec")]
        if not {"content-length", "transfer-encoding"} & names:
            chunked = wire.get("chunk_sizes") is not None
            needed.append(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body))))
        needed += [("Expect", "100-continue")] if wire.get("expect_continue") else []
        needed += [("Connection", "close")] if wire.get("close") else []
        host = [] if "host" in names else [("Host", self.host)]
        headers = [*host, *headers, *(pair for pair in needed if pair[0].lower() not in names)]
        if sign and how.get("in_query"):
            target = self._presigned(method, target, headers, body, how)
        elif sign:
            headers = self._authorized(method, target, headers, body, how)
        for name, value in how.get("altered_headers", ()):
            headers = [*(pair for pair in headers if pair[0].lower() != name.lower()), (name, value)]
        if how.get("altered_body") is not None:
            body = how["altered_body"]
            headers = [(n, str(len(body)) if n.lower() == "content-length" else v) for n, v in headers]
        return self._exchange(method, target, headers, body, wire, fresh)

    def _exchange(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        body: bytes,
        wire: dict[str, object],
        fresh: bool,
    ) -> dict[str, Any]:
        if self.sock is None or fresh:
            self.sock = self._connect()
        if wire.get("absolute_target"):
            target = f"{self.place.scheme}://{self.host}{target}"
        separator = wire.get("separator", ": ")
        head = f"{method} {target} HTTP/{wire.get('version', '1.1')}\r\n".encode()
        head += "".join(f"{n}{separator}{v}\r\n" for n, v in headers).encode("latin-1") + b"\r\n"
        data = _framed(body, wire)
        try:
            if wire.get("expect_continue"):
                self._write(head, wire)
                time.sleep(1)  # time for an interim response, which is read with the final one
                head = b""
            self._write(head + data, wire)
            response = http.client.HTTPResponse(self.sock, method=method)
            response.begin()
            text = response.read().decode("utf-8", "backslashreplace")
        except (OSError, http.client.HTTPException) as problem:
            print(f"< no response: {problem!r}")
            self.sock = None
            return {}
        if response.will_close:
            self.sock = None
        shown = re.sub(rf'("(?:{self.sensitive})":\s*")([^"]*)', _digest, text) if self.sensitive else text
        print(f"< {response.status} {response.getheader('Content-Type')} {shown}\n", flush=True)
        try:
            members = json.loads(text or "{}")
        except ValueError:
            return {}
        return members if isinstance(members, dict) else {}

    def _write(self, data: bytes, wire: dict[str, Any]) -> None:
        assert self.sock is not None
        size = wire.get("piece_bytes") or len(data) or 1
        for start in range(0, len(data), size):
            self.sock.sendall(data[start : start + size])
            time.sleep(wire.get("pause_s", 0) if size < len(data) else 0)

    def _connect(self) -> socket.socket:
        port = self.place.port or (443 if self.place.scheme == "https" else 80)
        sock = socket.create_connection((self.place.hostname or "", port), 30)
        if self.place.scheme == "https":
            context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
            return context.wrap_socket(sock, server_hostname=self.place.hostname)
        return sock

    def _authorized(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes, how: dict[str, Any]
    ) -> list[tuple[str, str]]:
        """The headers with a signature (AWS Signature Version 4)."""
        when = (datetime.now(UTC) + timedelta(seconds=how.get("skew_s", 0))).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(body).hexdigest()
        token = self.token if how.get("token") is None else how["token"]
        added = [("x-amz-date", when), ("x-amz-content-sha256", digest)]
        added += [("x-amz-security-token", token)] if token else []
        added = [pair for pair in added if pair[0] not in how.get("omitted", ())]
        headers = [*(pair for pair in headers if pair[0].lower() not in dict(added)), *added]
        named: dict[str, list[str]] = {}
        for name, value in headers:
            if name.lower() in SIGNED and name.lower() not in how.get("unsigned", ()):
                named.setdefault(name.lower(), []).append(" ".join(value.split()))
        path, _, query = target.partition("?")
        key, scope, signature = self._signature(method, path, query, named, digest, when, how)
        signature = signature[: how.get("digits")]
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={';'.join(sorted(named))}, Signature={signature}"
        )
        if how.get("cut") is not None:
            authorization = authorization[: authorization.index(how["cut"])]
        if how.get("authorization") is not None:
            authorization = how["authorization"]
        return [*headers, ("Authorization", authorization)] if authorization else headers

    def _presigned(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes, how: dict[str, object]
    ) -> str:
        """The target with the signature in its query string."""
        when = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        named = {name.lower(): [value] for name, value in headers if name.lower() in SIGNED}
        key, region, service = self.key, how.get("region") or self.region, how.get("service") or self.service
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{key}/{when[:8]}/{region}/{service}/aws4_request",
            "X-Amz-Date": when,
            "X-Amz-Expires": "300",
            "X-Amz-SignedHeaders": ";".join(sorted(named)),
            **({"X-Amz-Security-Token": self.token} if self.token else {}),
        }
        text = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(query.items()))
        signature = self._signature(method, target, text, named, hashlib.sha256(body).hexdigest(), when, how)[2]
        return f"{target}?{text}&X-Amz-Signature={signature}"

    def _signature(
        self,
        method: str,
        target: str,
        query: str,
        named: dict[str, list[str]],
        digest: str,
        when: str,
        how: dict[str, Any],
    ) -> tuple[str, str, str]:
        """The access key, the scope and the signature."""
        wrong = "a-secret-that-belongs-to-nobody-at-all"
        key = "AKIDNOBODYHASTHISKEY" if how.get("unknown_key") else self.key
        secret = wrong if how.get("unknown_key") or how.get("wrong_secret") else self.secret
        lines = "".join(f"{name}:{','.join(values)}\n" for name, values in sorted(named.items()))
        request = "\n".join([method, target or "/", query, lines, ";".join(sorted(named)), digest])
        day = datetime.strptime(when[:8], "%Y%m%d") + timedelta(days=how.get("scope_days", 0))
        scope = f"{day:%Y%m%d}/{how.get('region') or self.region}/{how.get('service') or self.service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signing_key = b"AWS4" + secret.encode()
        for part in scope.split("/"):
            signing_key = hmac.new(signing_key, part.encode(), hashlib.sha256).digest()
        return key, scope, hmac.new(signing_key, text.encode(), hashlib.sha256).hexdigest()


def _framed(body: bytes, wire: dict[str, Any]) -> bytes:
    """The body as it stands in the message: whole, or in chunks."""
    if wire.get("chunk_sizes") is None:
        return body
    extension = f";{wire['chunk_extension']}" if wire.get("chunk_extension") else ""
    line = f"{{:{wire.get('chunk_size_format', 'x')}}}{extension}\r\n"
    data, start = b"", 0
    for size in (*wire["chunk_sizes"], len(body)):
        if chunk := body[start : start + size]:
            data += line.format(len(chunk)).encode() + chunk + b"\r\n"
        start += size
    trailers = "".join(f"{name}: {value}\r\n" for name, value in wire.get("trailers", ()))
    return data + line.format(0).encode() + trailers.encode("latin-1") + b"\r\n"


def _digest(match: re.Match[str]) -> str:
    return match[1] + hashlib.sha256(match[2].encode()).hexdigest()[:8]
