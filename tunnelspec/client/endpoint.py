"""Where to send and with whose credentials, by the conventions of the AWS SDKs.

Real credentials go to AWS's own hosts, to loopback, and to a host that was named for it; everyone
else gets requests that are signed with dummy ones. botocore is asked only where its configuration
matters, since importing it takes longer than many runs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tunnelspec.contract.document import Service

DEFAULT_REGION = "us-east-1"
_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn")


class TargetError(Exception):
    """The endpoint, region or profile cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Credentials:
    """Keys to sign with. `source` says where they came from; the keys themselves are never shown."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    source: str = "dummy"


DUMMY = Credentials("AKIDTUNNELSPECDUMMY", "dummy-secret-of-tunnelspec")


@dataclass(frozen=True)
class Target:
    """A resolved endpoint."""

    url: str
    region: str
    credentials: Credentials
    is_loopback: bool
    is_aws: bool


def resolve(
    endpoint_url: str | None,
    region: str | None,
    profile: str | None,
    service: Service,
    *,
    send_credentials_to: str | None = None,
    sign: bool = True,
) -> Target:
    """The target of these settings, completed from the environment and AWS's configuration files.

    Without `sign` no credentials are looked for, which may take a call to somebody. Raises TargetError
    for a URL that is none, an unknown profile, or missing credentials on AWS.
    """
    session = _session(profile) if _needs_botocore(endpoint_url, profile) else None
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region is None and session is not None:
        region = session.get_config_variable("region")
    region = region or DEFAULT_REGION
    url = _checked(endpoint_url or _configured(session, region, service))
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_aws, is_loopback = host.endswith(_AWS_DOMAINS), _is_loopback(host)
    trusted = is_loopback or (parts.scheme == "https" and (is_aws or host == (send_credentials_to or "")))
    found = _credentials(session, trusted) if sign else None
    if sign and is_aws and found is None:
        raise TargetError(f"{url} is AWS, but there are no credentials to sign with.")
    return Target(url, region, found or DUMMY, is_loopback, is_aws)


def _needs_botocore(endpoint_url: str | None, profile: str | None) -> bool:
    if profile or endpoint_url is None:
        return True
    if _is_loopback(urlsplit(endpoint_url).hostname or "") if "//" in endpoint_url else True:
        return any(name in os.environ for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_ACCESS_KEY_ID"))
    return True


def _session(profile: str | None) -> Any:
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        session = botocore.session.Session(profile=profile)
        session.full_config  # noqa: B018  (reads the files, and finds out that a profile is missing)
        session.get_scoped_config()
    except BotoCoreError as problem:
        raise TargetError(f"{problem}.".replace("..", ".")) from None
    return session


def _configured(session: Any, region: str, service: Service) -> str:
    """What botocore would use: AWS_ENDPOINT_URL…, the profile's endpoint_url, or AWS itself."""
    from botocore.exceptions import BotoCoreError

    try:
        client = session.create_client(
            service.sdk_id.lower(),
            region_name=region,
            aws_access_key_id="unused",
            aws_secret_access_key="unused",
        )
    except (BotoCoreError, ValueError) as problem:
        raise TargetError(f"No endpoint: {problem}.") from None
    return str(client.meta.endpoint_url)


def _checked(url: str) -> str:
    """The URL without its trailing slash. Raises TargetError with what is wrong."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetError(f"The endpoint URL '{_harmless(url)}' has no valid host and port.") from None
    if parts.scheme not in ("http", "https"):
        raise TargetError(f"The endpoint URL '{_harmless(url)}' must begin with http:// or https://.")
    if not parts.hostname:
        raise TargetError(f"The endpoint URL '{_harmless(url)}' names no host.")
    if parts.username is not None or parts.password is not None:
        raise TargetError("The endpoint URL must not contain a user name or password.")
    if parts.query or parts.fragment:
        raise TargetError(f"The endpoint URL '{_harmless(url)}' must not have a query or fragment.")
    if port == 0:
        raise TargetError(f"The endpoint URL '{_harmless(url)}' has port 0.")
    if any(c <= " " or c == "\x7f" for c in url):
        raise TargetError("The endpoint URL must not contain white space or control characters.")
    return url.rstrip("/")


def _harmless(url: str) -> str:
    """The URL for a message: without a password that it may hold, and printable."""
    rest = url.rsplit("@", 1)[-1]
    return "".join(c if c.isprintable() else "?" for c in rest)[:200]


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(session: Any, trusted: bool) -> Credentials | None:
    if session is None or not trusted:
        return None
    from botocore.exceptions import BotoCoreError

    try:
        found = session.get_credentials()
    except BotoCoreError as problem:
        raise TargetError(f"No credentials: {problem}.") from None
    if found is None:
        return None
    frozen = found.get_frozen_credentials()
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token, str(found.method))
