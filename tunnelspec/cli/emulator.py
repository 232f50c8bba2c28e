"""`tunnelspec emulator`: serves the bundled reference emulator, or one with seeded faults, until interrupted."""

from __future__ import annotations

import secrets
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from tunnelspec.cli.group import FOLDER, document_option, main, option_group
from tunnelspec.contract import Contract, load
from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.emulator.server import Handler
from tunnelspec.errors import UserError

if TYPE_CHECKING:
    from tunnelspec.emulator import Emulator


@dataclass(frozen=True, slots=True)
class PartialEmulator:
    """An emulator that responds to some operations with status 501, as AWS Emulator does to what it lacks."""

    emulator: Handler
    missing: frozenset[str]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond to one request."""
        if request.headers.get("x-amz-target", "").rpartition(".")[2] in self.missing:
            body = b'{"__type":"NotImplemented","message":"This operation is not implemented."}'
            return HttpResponse(501, [("Content-Type", "application/x-amz-json-1.1")], body)
        return self.emulator.handle(request)


class _Keys(NamedTuple):
    """What signatures are verified by."""

    access_key: str
    secret_key: str
    token: str | None


def _keys(credentials: str | None, session_token: str | None) -> _Keys | None:
    if credentials is None:
        if session_token is not None:
            raise UserError("--session-token belongs to --credentials.")
        return None
    access_key, _, secret_key = credentials.partition(":")
    if not (access_key and secret_key):
        raise UserError("--credentials takes KEY:SECRET.")
    return _Keys(access_key, secret_key, session_token)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port to listen on, 0 for a free one.",
)
@click.option("--fault", "faults", multiple=True, metavar="ID", help="Serve with this fault.")
@click.option("--variant", "variants", multiple=True, metavar="ID", help="Serve as this conforming variant.")
@click.option("--list-faults", is_flag=True, help="List the seeded faults and exit.")
@click.option("--list-variants", is_flag=True, help="List the conforming variants and exit.")
@option_group(
    "keys",
    _keys,
    click.option("--credentials", metavar="KEY:SECRET", help="Verify signatures by these [default: not verified]."),
    click.option(
        "--session-token", metavar="TOKEN", help="Session token that these credentials come with [default: none]."
    ),
)
@click.option("--region", default="us-east-1", show_default=True, help="Region in ARNs and signatures.")
@click.option("--tls", is_flag=True, help="Serve HTTPS with a CA of its own, and verify signatures.")
@click.option(
    "--tls-dir", type=FOLDER, help="Folder for config, credentials and ca.pem [default: ~/.aws/emulator/PORT]."
)
@click.option("--not-implemented", multiple=True, metavar="NAME", help="Respond to this operation with 501.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does.")
@document_option
def emulator(
    host: str,
    port: int,
    faults: tuple[str, ...],
    variants: tuple[str, ...],
    list_faults: bool,
    list_variants: bool,
    keys: _Keys | None,
    region: str,
    tls: bool,
    tls_dir: Path | None,
    not_implemented: tuple[str, ...],
    until_eof: bool,
    document: Path | None,
) -> None:
    """Serve the bundled reference emulator until interrupted."""
    from tunnelspec.emulator import serve
    from tunnelspec.emulator.certificates import make_certificates, write_folder

    contract = load(document)
    if list_faults or list_variants:
        _list(contract, faults=list_faults, variants=list_variants)
        return
    missing = [name for name in not_implemented if name not in contract.operations]
    if missing:
        raise UserError(f"There is no operation '{missing[0]}'.")
    context, authority = make_certificates(host) if tls else (None, b"")
    if tls and keys is None:
        keys = _Keys(f"AKID{secrets.token_hex(8).upper()}", secrets.token_hex(20), None)
    pair = {keys.access_key: keys.secret_key} if keys else None
    tokens = {keys.access_key: keys.token} if keys and keys.token else None
    emulator_class = _emulator(contract, faults, variants)
    handler = PartialEmulator(
        emulator_class(contract, credentials=pair, session_tokens=tokens, region=region), frozenset(not_implemented)
    )
    try:
        server = serve(handler, host, port, context, connection=emulator_class.connection())
    except OSError as problem:
        raise UserError(f"Cannot listen on {host}:{port}.") from problem
    if tls and keys:
        folder = tls_dir or Path.home() / ".aws" / "emulator" / server.url.rpartition(":")[2]
        write_folder(folder, server.url, region, keys[:2], keys.token, authority)
        click.echo(f"config, credentials and ca.pem are in {folder}", err=True)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if until_eof:
        threading.Thread(target=_wait_for_end, args=(stopped,), daemon=True).start()
    click.echo(f"listening on {server.url}")
    sys.stdout.flush()
    stopped.wait()
    server.close()


def _list(contract: Contract, *, faults: bool, variants: bool) -> None:
    from tunnelspec.faults import all_faults, all_variants

    if faults:
        for fault in all_faults(contract).values():
            click.echo(f"{fault.id}  {fault.sentence}")
    if variants:
        for variant in all_variants().values():
            click.echo(f"{variant.id}  {variant.sentence}")


def _emulator(contract: Contract, faults: tuple[str, ...], variants: tuple[str, ...]) -> type[Emulator]:
    """The emulator with these. Raises UserError for a name that nothing has."""
    if not faults and not variants:
        # The catalogue takes longer to import than the emulator.
        from tunnelspec.emulator import Emulator

        return Emulator
    from tunnelspec.faults import UnknownFault, seeded

    try:
        return seeded(contract, faults, variants)
    except UnknownFault as problem:
        raise UserError(str(problem)) from problem


def _wait_for_end(stopped: threading.Event) -> None:
    sys.stdin.read()
    stopped.set()
