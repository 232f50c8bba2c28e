"""`tunnelspec emulator`: serves the bundled reference emulator, or one with seeded faults, until interrupted."""

from __future__ import annotations

import secrets
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunnelspec.cli.group import document_option, main, sentences
from tunnelspec.contract import Contract, load
from tunnelspec.emulator.messages import HttpRequest, HttpResponse
from tunnelspec.emulator.server import Handler
from tunnelspec.errors import UserError

if TYPE_CHECKING:
    from tunnelspec.emulator import Emulator


@dataclass(frozen=True, slots=True)
class Partial:
    """An emulator that responds to some operations with status 501, as AWS Emulator does to what it lacks."""

    emulator: Handler
    missing: frozenset[str]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Respond to one request."""
        if request.headers.get("x-amz-target", "").rpartition(".")[2] in self.missing:
            body = b'{"__type":"NotImplemented","message":"This operation is not implemented."}'
            return HttpResponse(501, [("Content-Type", "application/x-amz-json-1.1")], body)
        return self.emulator.handle(request)


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
@click.option("--credentials", metavar="KEY:SECRET", help="Verify signatures by these [default: not verified].")
@click.option(
    "--session-token", metavar="TOKEN", help="Session token that these credentials come with [default: none]."
)
@click.option("--region", default="us-east-1", show_default=True, help="Region in ARNs and signatures.")
@click.option("--tls", is_flag=True, help="Serve HTTPS with a CA of its own, and verify signatures.")
@click.option(
    "--tls-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for config, credentials and ca.pem [default: ~/.aws/emulator/PORT].",
)
@click.option("--not-implemented", multiple=True, metavar="NAME", help="Respond to this operation with 501.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does.")
@document_option
@sentences
def emulator(
    host: str,
    port: int,
    faults: tuple[str, ...],
    variants: tuple[str, ...],
    list_faults: bool,
    list_variants: bool,
    credentials: str | None,
    session_token: str | None,
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

    pair = (credentials or "").partition(":")
    if credentials is not None and not (pair[0] and pair[2]):
        raise UserError("--credentials takes KEY:SECRET.")
    if session_token is not None and credentials is None:
        raise UserError("--session-token belongs to --credentials.")
    contract = load(document)
    if list_faults or list_variants:
        from tunnelspec.faults import all_faults, all_variants

        listed = [*(all_faults(contract).values() if list_faults else ())]
        for change in [*listed, *(all_variants().values() if list_variants else ())]:
            click.echo(f"{change.id}  {change.sentence}")
        return
    missing = [name for name in not_implemented if name not in contract.operations]
    if missing:
        raise UserError(f"There is no operation '{missing[0]}'.")
    context, authority = make_certificates(host) if tls else (None, b"")
    if tls and credentials is None:
        pair = (f"AKID{secrets.token_hex(8).upper()}", "", secrets.token_hex(20))
    keys = {pair[0]: pair[2]} if pair[0] else None
    tokens = {pair[0]: session_token} if session_token else None
    try:
        emulator_class = _emulator(contract, faults, variants)
        handler = emulator_class(contract, credentials=keys, session_tokens=tokens, region=region)
        server = serve(
            Partial(handler, frozenset(not_implemented)), host, port, context, connection=emulator_class.connection()
        )
    except (OSError, SystemExit) as problem:
        raise UserError(f"Cannot listen on {host}:{port}.") from problem
    if tls:
        folder = tls_dir or Path.home() / ".aws" / "emulator" / server.url.rpartition(":")[2]
        write_folder(folder, server.url, region, (pair[0], pair[2]), session_token, authority)
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
