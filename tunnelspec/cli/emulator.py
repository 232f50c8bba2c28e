"""`tunnelspec emulator`: serves the bundled reference emulator, or one with seeded faults, until interrupted."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import click

from tunnelspec.cli.group import document_option, main, sentences
from tunnelspec.contract import load
from tunnelspec.runner.target import ConfigurationError


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 for a free one.")
@click.option("--fault", "faults", multiple=True, metavar="ID", help="Serve with this fault.")
@click.option("--variant", "variants", multiple=True, metavar="ID", help="Serve as this conforming variant.")
@click.option("--list-faults", is_flag=True, help="List the seeded faults and exit.")
@click.option("--list-variants", is_flag=True, help="List the conforming variants and exit.")
@click.option("--credentials", metavar="KEY:SECRET", help="Verify signatures by these.")
@click.option("--session-token", metavar="TOKEN", help="Session token that these credentials come with.")
@click.option("--region", default="us-east-1", show_default=True, help="Region in ARNs and signatures.")
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
    until_eof: bool,
    document: Path | None,
) -> None:
    """Serve the bundled reference emulator until interrupted."""
    from tunnelspec.emulator import serve
    from tunnelspec.faults import UnknownFault, all_faults, all_variants, seeded

    pair = (credentials or "").partition(":")
    if credentials is not None and not (pair[0] and pair[2]):
        raise ConfigurationError("--credentials takes KEY:SECRET.")
    if session_token is not None and credentials is None:
        raise ConfigurationError("--session-token belongs to --credentials.")
    contract = load(document)
    if list_faults or list_variants:
        listed = [*(all_faults(contract).values() if list_faults else ())]
        for change in [*listed, *(all_variants().values() if list_variants else ())]:
            click.echo(f"{change.id}  {change.sentence}")
        return
    keys = {pair[0]: pair[2]} if credentials else None
    tokens = {pair[0]: session_token} if session_token else None
    try:
        emulator_class = seeded(contract, faults, variants)
        subject = emulator_class(contract, credentials=keys, session_tokens=tokens, region=region)
        server = serve(subject, host, port, connection=subject.connection())
    except UnknownFault as problem:
        raise ConfigurationError(str(problem)) from problem
    except (OSError, SystemExit) as problem:
        raise ConfigurationError(f"Cannot listen on {host}:{port}.") from problem
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    if until_eof:
        threading.Thread(target=_wait_for_end, args=(stopped,), daemon=True).start()
    click.echo(f"listening on {server.url}")
    sys.stdout.flush()
    stopped.wait()
    server.close()


def _wait_for_end(stopped: threading.Event) -> None:
    sys.stdin.read()
    stopped.set()
