"""Where to send and with whose credentials, by the conventions of the AWS SDKs.

Real credentials go to AWS's own hosts and to a host that was named for it, both over TLS alone, and to
loopback; all other hosts get requests that are signed with dummy ones. botocore is imported only where its
configuration matters, since the import takes longer than many runs.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tunnelspec.contract.document import Service
from tunnelspec.errors import UserError

DEFAULT_REGION = "us-east-1"
_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn")
#: Names in those domains that belong to AWS's customers: a host there is not AWS.
_CUSTOMERS = re.compile(
    r"(^|\.)(compute|compute-1|elb|elasticbeanstalk|execute-api|lambda-url|s3[a-z0-9-]*|awsglobalaccelerator)\.|^vpce-svc-"
)
#: What a host may consist of. URL parsers disagree about anything else, a backslash above all.
_HOST = re.compile(r"[a-z0-9._:%-]+")
#: What may stand in a request's signature.
_REGION = re.compile(r"[A-Za-z0-9-]{1,64}")


class EndpointError(UserError):
    """The endpoint, region or profile cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Credentials:
    """Keys to sign with. `source` says where they came from; the keys themselves are in no repr."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    source: str = "dummy"


DUMMY = Credentials("AKIDTUNNELSPECDUMMY", "dummy-secret-of-tunnelspec")


@dataclass(frozen=True)
class Endpoint:
    """A resolved endpoint. `ca_bundle` is a file of certificates to trust instead of the usual ones."""

    url: str
    region: str
    credentials: Credentials
    is_loopback: bool
    is_aws: bool
    ca_bundle: str | None = None


def resolve(
    endpoint_url: str | None,
    region: str | None,
    profile: str | None,
    service: Service,
    *,
    send_credentials_to: str | None = None,
    ca_bundle: str | None = None,
    sign: bool = True,
) -> Endpoint:
    """The target of these settings, completed from the environment and AWS's configuration files.

    Without `sign` no credentials are looked up, which may take a call to an instance's metadata service.
    Raises EndpointError for an invalid URL, an unknown profile, missing credentials on AWS, credentials that
    would leave in clear text, and a CA bundle that cannot be read.
    """
    url = None if endpoint_url is None else _validated(endpoint_url)
    session = _session(profile) if _needs_botocore(endpoint_url, profile) else None
    region = region_of(region, session)
    url = url or _validated(_configured(session, region, service))
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    is_aws, is_loopback = _is_aws(host), is_loopback_host(host)
    named = send_credentials_to is not None and _may_have_credentials(host, send_credentials_to, url)
    if parts.scheme != "https" and not is_loopback and (is_aws or named):
        raise EndpointError(f"{url} is plain HTTP, over which credentials are never sent: use https://.")
    credentials = _credentials(session, is_loopback or is_aws or named) if sign else None
    if sign and is_aws and credentials is None:
        raise EndpointError(f"{url} is AWS, but there are no credentials to sign with.")
    return Endpoint(url, region, credentials or DUMMY, is_loopback, is_aws, _bundle(ca_bundle, session))


def region_of(region: str | None, session: Any = None) -> str:
    """The given region, or that of the environment, of the profile, or the default one. Raises EndpointError."""
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region is None and session is not None:
        region = session.get_config_variable("region")
    region = region or DEFAULT_REGION
    if not _REGION.fullmatch(region):
        raise EndpointError(f"'{_printable(region)}' is no region: it has characters other than letters, digits and -.")
    return region


def has_configured_endpoint(profile: str | None, service: Service) -> bool:
    """Whether the configuration file has an endpoint for the profile: its own, or that of its `services` section.

    Raises EndpointError for an unknown profile.
    """
    session = _session(profile)
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return False
    scoped = session.get_scoped_config()
    section = session.full_config.get("services", {}).get(scoped.get("services"), {})
    own = section.get(service.endpoint_variable.removeprefix("AWS_ENDPOINT_URL_").lower())
    return bool(scoped.get("endpoint_url") or (isinstance(own, dict) and own.get("endpoint_url")))


def _is_aws(host: str) -> bool:
    return host.endswith(_AWS_DOMAINS) and _CUSTOMERS.search(host) is None


def _may_have_credentials(host: str, named: str, url: str) -> bool:
    """Whether the endpoint is the host that may have credentials; an exact match, and no port or scheme."""
    if named.strip("[]").rstrip(".").lower() != host:
        raise EndpointError(f"--send-credentials-to names '{_printable(named)}', which is not the host of {url}.")
    return True


def _bundle(given: str | None, session: Any) -> str | None:
    """The CA bundle: the given one, or AWS_CA_BUNDLE, or that of the profile. Raises EndpointError."""
    path = given or os.environ.get("AWS_CA_BUNDLE")
    if path is None and session is not None:
        path = session.get_config_variable("ca_bundle")
    if not path:
        return None
    path = os.path.expanduser(path)
    try:
        ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError):
        raise EndpointError(f"The CA bundle {_printable(path)} is no readable file of PEM certificates.") from None
    return path


def _needs_botocore(endpoint_url: str | None, profile: str | None) -> bool:
    if profile or endpoint_url is None:
        return True
    if is_loopback_host(urlsplit(endpoint_url).hostname or ""):
        return any(name in os.environ for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_ACCESS_KEY_ID"))
    return True


def _session(profile: str | None) -> Any:
    import botocore.session
    from botocore.exceptions import BotoCoreError

    try:
        session = botocore.session.Session(profile=profile)
        session.full_config  # noqa: B018  (reads the files; raises where the profile is missing)
        session.get_scoped_config()
    except BotoCoreError as problem:
        raise EndpointError(f"{problem}.".replace("..", ".")) from None
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
        raise EndpointError(f"No endpoint: {problem}.") from None
    return str(client.meta.endpoint_url)


def _validated(url: str) -> str:
    """The URL without its trailing slash. Raises EndpointError with what is wrong."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EndpointError(f"The endpoint URL '{_printable(url)}' has no valid host and port.") from None
    if parts.scheme not in ("http", "https"):
        raise EndpointError(f"The endpoint URL '{_printable(url)}' must begin with http:// or https://.")
    if not parts.hostname:
        raise EndpointError(f"The endpoint URL '{_printable(url)}' names no host.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise EndpointError("The endpoint URL must not contain a user name or password.")
    if parts.query or parts.fragment:
        raise EndpointError(f"The endpoint URL '{_printable(url)}' must not have a query or fragment.")
    if not _HOST.fullmatch(parts.hostname):
        raise EndpointError(f"The endpoint URL '{_printable(url)}' has no valid host.")
    if port == 0:
        raise EndpointError(f"The endpoint URL '{_printable(url)}' has port 0.")
    if any(c <= " " or c == "\x7f" for c in url):
        raise EndpointError("The endpoint URL must not contain white space or control characters.")
    return url.rstrip("/")


def _printable(url: str) -> str:
    """The URL for a message: without a password or query that it may hold, and printable."""
    rest = re.split("[?#]", url.rsplit("@", 1)[-1])[0]
    return "".join(c if c.isprintable() else "?" for c in rest)[:200]


def is_loopback_host(host: str) -> bool:
    """Whether a host is this machine."""
    host = host.rstrip(".").lower()
    if host == "localhost":
        return True
    try:
        if host.endswith(".localhost"):
            # RFC 6761 says that these names are loopback; not every resolver conforms.
            addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
            return bool(addresses) and all(ip_address(address).is_loopback for address in addresses)
        return ip_address(host).is_loopback
    except (ValueError, OSError):
        return False


def _credentials(session: Any, trusted: bool) -> Credentials | None:
    if session is None or not trusted:
        return None
    from botocore.exceptions import BotoCoreError

    try:
        credentials = session.get_credentials()
    except BotoCoreError as problem:
        raise EndpointError(f"No credentials: {problem}.") from None
    if credentials is None:
        return None
    frozen = credentials.get_frozen_credentials()
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token, str(credentials.method))
