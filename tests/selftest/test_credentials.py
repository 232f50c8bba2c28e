"""Credentials never leave where they belong: hosts, schemes, redirects, certificates."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
import trustme
from click.testing import CliRunner

from tunnelspec.cli import main
from tunnelspec.client import Endpoint, EndpointError, Limits, Transport, resolve
from tunnelspec.client.endpoint import DUMMY
from tunnelspec.contract import Contract
from tunnelspec.emulator import HttpResponse
from tunnelspec.exchange import RawRequest, Request
from tunnelspec.runner.bundled import chosen_endpoint
from tunnelspec.runner.encode import encode
from tunnelspec.runner.settings import Settings

from .bad_server import BadServer, Connection, Front, serving
from .bad_servers import tls_servers

_AWS = "https://api.tunneling.iot.us-east-1.amazonaws.com"


@pytest.fixture
def _real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real-secret")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that no store trusts."""
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority: trustme.CA) -> Iterator[str]:
    """Its certificate in a file."""
    with authority.cert_pem.tempfile() as path:
        yield path


@pytest.mark.usefixtures("_real")
@pytest.mark.parametrize(
    "url",
    [
        "https://evilamazonaws.com",
        "https://amazonaws.com.evil.example",
        "https://api.tunneling.iot.us-east-1.amazonaws.com.evil.example",
        "https://ec2-203-0-113-1.compute-1.amazonaws.com",
        "https://ec2-203-0-113-1.us-west-2.compute.amazonaws.com",
        "https://mine.us-east-1.elb.amazonaws.com",
        "https://abc.execute-api.us-east-1.amazonaws.com",
        "https://mine.s3.us-east-1.amazonaws.com",
        "https://vpce-svc-0a1b2c.us-east-1.vpce.amazonaws.com",
        "http://192.0.2.1",
        "http://[2001:db8::1]",
        "http://127.0.0.1.evil.example",
        "http://2130706433",
        "https://localhost.evil.example",
    ],
)
def test_strangers_get_dummy_credentials(url: str, contract: Contract) -> None:
    """Names that merely look like AWS or loopback, and names that AWS lends to others."""
    assert resolve(url, "us-east-1", None, contract.service).credentials is DUMMY


@pytest.mark.usefixtures("_real")
@pytest.mark.parametrize(
    "url",
    [
        _AWS,
        "https://API.Tunneling.IoT.us-east-1.AmazonAWS.com.",
        "https://vpce-1-x.api.tunneling.iot.us-east-1.vpce.amazonaws.com",
        "https://api.iot-tunneling.us-east-1.api.aws",
        "http://127.0.0.1:1",
        "http://127.8.8.8:1",
        "http://[::1]:1",
        "http://LOCALHOST:1",
    ],
)
def test_aws_and_loopback_get_real_ones(url: str, contract: Contract) -> None:
    """Whatever the case of letters, and with the dot that ends a full name."""
    assert resolve(url, "us-east-1", None, contract.service).credentials.access_key == "AKIDREAL"


@pytest.mark.usefixtures("_real")
@pytest.mark.parametrize(
    ("url", "named", "words"),
    [
        ("http://api.tunneling.iot.us-east-1.amazonaws.com", None, "plain HTTP"),
        ("http://emulator.example", "emulator.example", "plain HTTP"),
        ("https://emulator.example", "emulator.exampl", "not the host"),
        ("https://sub.emulator.example", "emulator.example", "not the host"),
        ("https://emulator.example", "https://emulator.example", "not the host"),
        ("https://evil.example\\.amazonaws.com", None, "no valid host"),
        ("https://evil.example\\@api.amazonaws.com", None, "user name"),
        ("https://@api.amazonaws.com", None, "user name"),
        ("https://api.amazonaws.com@evil.example", None, "user name"),
        ("https://evil.example\u3002amazonaws.com", None, "valid host"),
    ],
)
def test_what_is_unsafe_or_unclear_gets_a_sentence(url: str, named: str | None, words: str, contract: Contract) -> None:
    """Nothing is guessed where a real key is at stake."""
    with pytest.raises(EndpointError, match=words):
        resolve(url, "us-east-1", None, contract.service, send_credentials_to=named)


@pytest.mark.usefixtures("_real")
@pytest.mark.parametrize("named", ["emulator.example", "EMULATOR.example.", "emulator.example."])
def test_a_named_host_gets_real_ones(named: str, contract: Contract) -> None:
    """The exact host, whatever the case of its letters."""
    target = resolve("https://emulator.example:8443", None, None, contract.service, send_credentials_to=named)
    assert target.credentials.access_key == "AKIDREAL"


def test_a_redirect_is_a_finding_and_is_not_followed(contract: Contract, tmp_path: Path) -> None:
    """End to end: the place that it leads to gets no request, whatever the status."""
    elsewhere = BadServer("elsewhere", "", _never_bad, when="never", exits=(0,))
    with serving(elsewhere, contract) as (there, elsewhere_front):

        def redirect(connection: Connection, answer: HttpResponse) -> None:
            response = f"HTTP/1.1 307 X\r\nLocation: {there}/\r\nContent-Length: 0\r\n\r\n"
            connection.say(response.encode())

        with serving(BadServer("r", "", redirect, when="operation", exits=(1,)), contract) as (url, _):
            arguments = ["run", "--endpoint-url", url, "--report-dir", str(tmp_path)]
            arguments += ["--select", "protocol/ListTagsForResource/*", "--workers", "1"]
            done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "status 307" in done.output
    assert elsewhere_front.request_lines == []


def test_tls_is_verified(authority: trustme.CA, bundle: str, contract: Contract) -> None:
    """An unknown authority and another host's certificate are refused; the right bundle is enough."""
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(secure)
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(other)
    good, bad = tls_servers(secure)[0], tls_servers(other)[0]
    with serving(good, contract) as (url, _):
        assert _send(url, contract, bundle) is None
        assert _send(url, contract, None) == "tls"
    with serving(bad, contract) as (url, front):
        assert _send(url, contract, bundle) == "tls"
        assert front.request_lines == []


def test_the_bundle_of_the_environment_is_used(
    bundle: str, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS_CA_BUNDLE, as the SDKs have it, unless another is named."""
    monkeypatch.setenv("AWS_CA_BUNDLE", bundle)
    assert resolve("https://emulator.example", None, None, contract.service).ca_bundle == bundle


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_bundle_that_is_none_gets_a_sentence(content: str | None, tmp_path: Path, contract: Contract) -> None:
    """A file that is missing, empty or something else."""
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content, encoding="ascii")
    with pytest.raises(EndpointError, match="no readable file of PEM"):
        resolve("https://emulator.example", None, None, contract.service, ca_bundle=str(path))


def test_proxies_of_the_environment_are_not_used(contract: Contract, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is signed goes to the target and to nobody else."""
    proxy = BadServer("proxy", "", _never_bad, when="never", exits=(0,))
    with serving(proxy, contract) as (proxy_url, seen), serving(proxy, contract) as (url, front):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy_url)
        assert _send(url, contract, None) is None
    assert _count(seen) == 0
    assert _count(front) == 1


_SERVICES = """\
[default]
region = us-east-1
[profile own]
endpoint_url = {own}
[profile section]
services = local
endpoint_url = {own}
[profile others]
services = others
[profile ignoring]
services = local
ignore_configured_endpoint_urls = true
[services local]
iotsecuretunneling =
  endpoint_url = {local}
[services others]
s3 =
  endpoint_url = {own}
"""


@pytest.mark.parametrize(
    ("profile", "environment", "expected"),
    [
        ("own", {}, "own"),
        ("section", {}, "local"),
        ("section", {"AWS_ENDPOINT_URL": "http://127.0.0.3:1"}, "http://127.0.0.3:1"),
        ("section", {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None),
        ("ignoring", {}, None),
        ("others", {}, None),
        ("default", {}, None),
    ],
)
def test_the_endpoint_of_the_configuration_file_is_that_of_the_sdks(
    profile: str,
    environment: dict[str, str],
    expected: str | None,
    contract: Contract,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service's own in a `services` section goes before the profile's, the environment before both.

    Without one, a run is of the bundled emulator. boto3's client decides alike.
    """
    urls = {"own": "http://127.0.0.1:1", "local": "http://127.0.0.2:1"}
    (tmp_path / "config").write_text(_SERVICES.format(**urls))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    where = chosen_endpoint(Settings(profile=profile), contract)
    url = urls.get(expected or "", expected)
    assert (where.url if where else None) == url
    client = botocore.session.Session(profile=profile).create_client(
        contract.service.sdk_id.lower(), region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    assert client.meta.endpoint_url == (url or _AWS)


def test_no_option_turns_verification_off() -> None:
    """Neither front has one."""
    with main.make_context("tunnelspec", ["run"], resilient_parsing=True) as context:
        command = main.get_command(context, "run")
    assert command is not None
    names = {name for parameter in command.params for name in parameter.opts}
    assert "--endpoint-url" in names
    assert not [name for name in names if "verify" in name or "insecure" in name]


def _never_bad(connection: object, answer: HttpResponse) -> None:
    raise AssertionError("never bad")


def _count(front: Front) -> int:
    return len(front.request_lines)


def _send(url: str, contract: Contract, bundle: str | None) -> str | None:
    target = Endpoint(url, "us-east-1", DUMMY, is_loopback=True, is_aws=False, ca_bundle=bundle)
    transport = Transport(target, contract.service, limits=Limits(call_s=5))
    raw: RawRequest = encode(Request("ListTunnels", {}), contract, {})
    failure = transport.send(raw).failure
    transport.close()
    return failure
