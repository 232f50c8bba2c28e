"""A certificate authority for one emulator, and the folder that leads AWS SDKs there (AWS Emulator's layout)."""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from tunnelspec.errors import UserError

#: Long enough for any run, short enough to be of no use to anybody else.
_VALID = timedelta(days=7)


def make_certificates(host: str) -> tuple[ssl.SSLContext, bytes]:
    """A TLS context for a server on this host, and the PEM of the authority that signed its certificate.

    Raises UserError where cryptography is not installed.
    """
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    except ImportError:
        raise UserError("--tls needs cryptography: pip install 'tunnelspec[tls]'.") from None

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer, builder = name("tunnelspec emulator CA"), x509.CertificateBuilder()
    builder = builder.issuer_name(issuer).not_valid_before(now - timedelta(hours=1)).not_valid_after(now + _VALID)
    root = (
        builder.subject_name(issuer)
        .public_key(authority.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), critical=False)
        .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
        .sign(authority, hashes.SHA256())
    )
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    try:
        names.append(x509.IPAddress(ip_address(host)))
    except ValueError:
        names.append(x509.DNSName(host))
    leaf = (
        builder.subject_name(name(host))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName(list(dict.fromkeys(names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
        .sign(authority, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The ssl module reads keys from files alone.
    with TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain.touch(mode=0o600)
        chain.write_bytes(pem + leaf.public_bytes(Encoding.PEM))
        context.load_cert_chain(chain)
    return context, root.public_bytes(Encoding.PEM)


def write_folder(folder: Path, url: str, region: str, keys: tuple[str, str], token: str | None, ca: bytes) -> None:
    """Write `config`, `credentials` and `ca.pem`, which only this user may read. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    session = f"aws_session_token = {token}\n" if token else ""
    files = {
        "ca.pem": ca.decode(),
        "config": f"[default]\nregion = {region}\nendpoint_url = {url}\nca_bundle = {folder.resolve() / 'ca.pem'}\n",
        "credentials": f"[default]\naws_access_key_id = {keys[0]}\naws_secret_access_key = {keys[1]}\n{session}",
    }
    for name, text in files.items():
        with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
