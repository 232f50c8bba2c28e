"""The options that say which target is meant and what may be done to it, for every command that has one."""

from __future__ import annotations

import math
from collections.abc import Iterable

import click

from tunnelspec.cli.aws_emulator import PORT, use_folder
from tunnelspec.cli.group import option_group
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.settings import Settings


class _Seconds(click.FloatRange):
    """A finite number of seconds."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"'{value}' is no number of seconds", param, ctx)
        return seconds


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
        type=_Seconds(min=0.1),
        metavar="SECONDS",
        default=10.0,
        show_default=True,
        help="How long to wait for a response.",
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
    type=_Seconds(min=0),
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
        "--max-seconds", type=_Seconds(min=0.1), metavar="N", help="Stop after N seconds [default: no limit]."
    ),
    _SETTLE,
)


def _settings(
    *,
    region: str | None,
    profile: str | None,
    timeout: float,
    allow_account: str | None,
    send_credentials_to: str | None,
    ca_bundle: str | None,
    rates: Iterable[tuple[str, float]],
    endpoint_url: str | None = None,
    aws_emulator: str | None = None,
    mode: str = Mode.FULL.value,
    max_tunnels: int | None = None,
    max_requests: int | None = None,
    max_seconds: float | None = None,
    settle: float | None = None,
) -> Settings:
    """The settings of a target; if AWS Emulator is meant, its folder goes into the environment."""
    if aws_emulator is not None:
        use_folder(aws_emulator)
    return Settings(
        endpoint_url=endpoint_url,
        region=region,
        profile=profile,
        timeout_s=timeout,
        allow_account=allow_account,
        send_credentials_to=send_credentials_to,
        ca_bundle=ca_bundle,
        rates=dict(rates),
        mode=Mode(mode),
        max_creates=max_tunnels,
        max_requests=max_requests,
        max_seconds=max_seconds,
        settle_s=settle,
    )


#: Options that say which target is meant: the command gets them as `settings`.
where_options = option_group("settings", _settings, *_ENDPOINT, *_ACCESS)
#: The same, and what may be done to it: mode and budgets.
target_options = option_group("settings", _settings, *_ENDPOINT, *_ACCESS, *_WHAT)
#: The options that hold for each of several endpoints, which the command names itself.
access_options = option_group("settings", _settings, *_ACCESS, _MOST_REQUESTS, _SETTLE)
