"""The options that say which target is meant and what may be done to it, for every command that has one."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

from tunnelspec.cli.aws_emulator import PORT, use_folder
from tunnelspec.errors import UserError
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.target import Settings

_F = TypeVar("_F", bound=Callable[..., object])


class _Rate(click.ParamType[tuple[str, float]]):
    """`5` or `Operation=0.5`: calls per second."""

    name = "[OPERATION=]N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        operation, _, number = str(value).rpartition("=")
        try:
            rate = float(number)
        except ValueError:
            rate = math.nan
        if not rate > 0:
            self.fail(f"'{value}' is no number of calls per second, such as 5, or Operation=0.5", param, ctx)
        return operation, rate


_WHERE = (
    click.option("--endpoint-url", metavar="URL", help="Endpoint to test [default: the bundled emulator]."),
    click.option(
        "--aws-emulator",
        is_flag=False,
        flag_value=PORT,
        metavar="[PORT]",
        help=f"Test the AWS Emulator on this port, {PORT} without one, by the files in ~/.aws/emulator.",
    ),
    click.option("--region", help="AWS region [default: AWS_REGION, the profile's, us-east-1]."),
    click.option("--profile", help="AWS profile that has the credentials."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        metavar="SECONDS",
        default=10.0,
        show_default=True,
        help="Wait for a response.",
    ),
    click.option("--allow-account", metavar="ID", help="Allow real AWS in this account."),
    click.option("--send-credentials-to", metavar="HOST", help="Allow real credentials to this host."),
    click.option("--ca-bundle", metavar="FILE", help="Certificates to trust [default: AWS_CA_BUNDLE]."),
    click.option(
        "--rate",
        "rates",
        multiple=True,
        type=_Rate(),
        help="Calls per second of each operation, or of one; inf for no limit (AWS: the quotas).",
    ),
)
_WHAT = (
    click.option(
        "--mode",
        type=click.Choice([mode.value for mode in Mode]),
        default=Mode.FULL.value,
        show_default=True,
        help="Send only reads, only what creates nothing, or everything.",
    ),
    click.option(
        "--max-tunnels", type=click.IntRange(min=0), help="Send no more requests than this that could open a tunnel."
    ),
    click.option("--max-requests", type=click.IntRange(min=1), help="Send no more requests than this."),
    click.option("--max-seconds", type=click.FloatRange(min=0.1), help="Stop after N seconds.", metavar="N"),
    click.option(
        "--settle",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help="How long a read may lag behind a write [default: 5 on AWS, else 0].",
    ),
)


def where_options(command: _F) -> _F:
    """Options that say which target is meant: the command gets them as `settings`."""
    return _with(command, _WHERE)


def target_options(command: _F) -> _F:
    """The same, and what may be done to it: mode and budgets."""
    return _with(command, (*_WHERE, *_WHAT))


def _with(command: _F, options: tuple[Callable[[object], Any], ...]) -> _F:
    @wraps(command)
    def wrapped(**given: Any) -> object:
        emulator = given.pop("aws_emulator")
        if emulator is not None:
            try:
                use_folder(emulator)
            except UserError as problem:
                raise click.UsageError(str(problem)) from None
        settings = Settings(
            endpoint_url=given.pop("endpoint_url"),
            region=given.pop("region"),
            profile=given.pop("profile"),
            timeout_s=given.pop("timeout"),
            allow_account=given.pop("allow_account"),
            send_credentials_to=given.pop("send_credentials_to"),
            ca_bundle=given.pop("ca_bundle"),
            rates=dict(given.pop("rates")),
            mode=Mode(given.pop("mode", Mode.FULL)),
            max_creates=given.pop("max_tunnels", None),
            max_requests=given.pop("max_requests", None),
            max_seconds=given.pop("max_seconds", None),
            settle_s=given.pop("settle", None),
        )
        return command(settings=settings, **given)

    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[return-value]
