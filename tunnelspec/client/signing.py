"""Signs requests: rightly, by requests-aws4auth, or wrongly in the one respect that a case is about.

Signers are kept per thread, since requests-aws4auth does not share them between threads.
"""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict
from requests_aws4auth import AWS4Auth

from tunnelspec.client.endpoint import Endpoint
from tunnelspec.contract.document import Service
from tunnelspec.exchange import RawRequest, Signing

#: A key pair that nobody has.
UNKNOWN_KEY = "AKIDNOBODYHASTHISKEY"
_WRONG_SECRET = "a-secret-that-belongs-to-nobody-at-all"
#: The headers that are signed.
SIGNED = frozenset(
    {"host", "content-type", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "x-amz-target"}
)


class Signer:
    """Prepares requests for one target; thread-safe."""

    def __init__(self, target: Endpoint, service: Service) -> None:
        self._target = target
        self._service = service
        self._local = threading.local()

    def prepared(self, raw: RawRequest) -> PreparedRequest:
        """The request as it goes on the wire, signed as it says."""
        made = PreparedRequest()
        made.method = raw.method
        made.url = self._target.url + raw.path
        made.headers = CaseInsensitiveDict(raw.headers)
        made.headers["Accept-Encoding"] = "identity"
        made.headers["Content-Length"] = str(len(raw.body))
        made.body = raw.body
        made.hooks = {}
        if not raw.sign:
            return made
        if raw.signing is None:
            self._usual()(made)
        else:
            self._wrongly(made, raw, raw.signing)
        return made

    def _usual(self) -> AWS4Auth:
        signer = getattr(self._local, "signer", None)
        if signer is None:
            signer = self._local.signer = self._auth(Signing())
        return signer

    def _auth(self, plan: Signing) -> AWS4Auth:
        used = self._target.credentials
        token = used.token
        if plan.token is not None:
            token = plan.token or None
        signer = AWS4Auth(
            UNKNOWN_KEY if plan.unknown_key else used.access_key,
            _WRONG_SECRET if plan.wrong_secret or plan.unknown_key else used.secret_key,
            plan.region or self._target.region,
            plan.service or self._service.signing_name,
            session_token=token,
        )
        if plan.unsigned:
            signer.include_hdrs = SIGNED - set(plan.unsigned)
        return signer

    def _wrongly(self, made: PreparedRequest, raw: RawRequest, plan: Signing) -> None:
        if plan.in_query:
            self._presign(made, raw, plan)
            return
        if plan.skew_s:
            when = datetime.fromtimestamp(time.time() + plan.skew_s, UTC)
            made.headers["x-amz-date"] = when.strftime("%Y%m%dT%H%M%SZ")
        self._auth(plan)(made)
        header = str(made.headers.pop("Authorization"))
        if plan.cut is not None:
            header = header[: header.index(plan.cut)]
        if plan.authorization is not None:
            header = plan.authorization
        if header:
            made.headers["Authorization"] = header
        for name, value in plan.altered_headers:
            made.headers[name] = value
        if plan.altered_body is not None:
            made.body = plan.altered_body
            made.headers["Content-Length"] = str(len(plan.altered_body))

    def _presign(self, made: PreparedRequest, raw: RawRequest, plan: Signing) -> None:
        # Only this form needs botocore, which takes long to import.
        from botocore.auth import SigV4QueryAuth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        class InQuery(SigV4QueryAuth):  # type: ignore[misc]
            # botocore would move the body into the query string, as browsers need it.
            def payload(self, request: AWSRequest) -> str:
                return hashlib.sha256(raw.body).hexdigest()

        used = self._target.credentials
        signed = {k: v for k, v in made.headers.items() if k not in ("Accept-Encoding", "Content-Length")}
        request = AWSRequest(made.method, made.url, headers=signed)
        keys = Credentials(used.access_key, used.secret_key, used.token)
        service, region = plan.service or self._service.signing_name, plan.region or self._target.region
        InQuery(keys, service, region, expires=300).add_auth(request)
        parts = urlsplit(request.url)
        made.url = f"{self._target.url}{parts.path or '/'}?{parts.query}"
