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


_ENDPOINT = (
    click.option("--endpoint-url", metavar="URL", help="Endpoint to test [default: the bundled emulator]."),
    click.option(
        "--aws-emulator",
        is_flag=False,
        flag_value=PORT,
        metavar="[PORT]",
        help=f"Test the AWS Emulator by the files in ~/.aws/emulator [default: off; without a port {PORT}].",
    ),
)
_ACCESS = (
    click.option("--region", help="AWS region [default: AWS_REGION, the profile's, us-east-1]."),
    click.option("--profile", help="AWS profile that has the credentials [default: AWS_PROFILE]."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        metavar="SECONDS",
        default=10.0,
        show_default=True,
        help="Wait for a response.",
    ),
    click.option("--allow-account", metavar="ID", help="Allow real AWS in this account [default: none]."),
    click.option(
        "--send-credentials-to", metavar="HOST", help="Allow real credentials to this host [default: AWS only]."
    ),
    click.option("--ca-bundle", metavar="FILE", help="Certificates to trust [default: AWS_CA_BUNDLE]."),
    click.option(
        "--rate",
        "rates",
        multiple=True,
        type=_Rate(),
        help="Calls per second of each operation, or of one; inf for no limit [default: no limit, on AWS the quotas].",
    ),
)
_SETTLE = click.option(
    "--settle",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How long a read may lag behind a write [default: 5 on AWS, else 0].",
)
_MOST_REQUESTS = click.option(
    "--max-requests", type=click.IntRange(min=1), metavar="N", help="Send at most N requests [default: no limit]."
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
        "--max-tunnels",
        type=click.IntRange(min=0),
        metavar="N",
        help="Send at most N requests that could open a tunnel [default: no limit].",
    ),
    _MOST_REQUESTS,
    click.option(
        "--max-seconds", type=click.FloatRange(min=0.1), metavar="N", help="Stop after N seconds [default: no limit]."
    ),
    _SETTLE,
)


def where_options(command: _F) -> _F:
    """Options that say which target is meant: the command gets them as `settings`."""
    return _with(command, (*_ENDPOINT, *_ACCESS))


def target_options(command: _F) -> _F:
    """The same, and what may be done to it: mode and budgets."""
    return _with(command, (*_ENDPOINT, *_ACCESS, *_WHAT))


def access_options(command: _F) -> _F:
    """The options that hold for each of several endpoints, which the command names itself."""
    return _with(command, (*_ACCESS, _MOST_REQUESTS, _SETTLE))


def _with(command: _F, options: tuple[Callable[[object], Any], ...]) -> _F:
    @wraps(command)
    def wrapped(**given: Any) -> object:
        emulator = given.pop("aws_emulator", None)
        if emulator is not None:
            try:
                use_folder(emulator)
            except UserError as problem:
                raise click.UsageError(str(problem)) from None
        settings = Settings(
            endpoint_url=given.pop("endpoint_url", None),
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
