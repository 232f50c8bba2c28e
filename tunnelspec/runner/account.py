"""On AWS a run costs money: the account of the credentials must be the one that `--allow-account` names."""

from __future__ import annotations

from collections.abc import Mapping

from tunnelspec.client import Endpoint
from tunnelspec.runner.settings import ConfigurationError, Settings

#: The account id of an AWS account has so many digits.
_ACCOUNT_DIGITS = 12


def check_account(endpoint: Endpoint, settings: Settings) -> None:
    """Raise ConfigurationError for AWS in another account than was named: opening a tunnel costs money there."""
    if not settings.allow_account:
        raise ConfigurationError(
            f"{endpoint.url} is AWS, where opening tunnels costs money: pass --allow-account with"
            " the id of the account that may be used."
        )
    allowed = settings.allow_account
    if not (len(allowed) == _ACCOUNT_DIGITS and allowed.isascii() and allowed.isdigit()):
        raise ConfigurationError(f"--allow-account takes an account id of {_ACCOUNT_DIGITS} digits.")
    account = caller_account(endpoint.region, settings.profile)
    if account != allowed:
        raise ConfigurationError("These credentials belong to another account than the one that --allow-account names.")


def caller_account(region: str, profile: str | None) -> str:
    """The account of the credentials in use, asked of STS. Raises ConfigurationError."""
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    try:
        session = botocore.session.Session(profile=profile)
        client = session.create_client("sts", region_name=region, config=config)
        identity: Mapping[str, object] = client.get_caller_identity()
    except (BotoCoreError, ClientError) as problem:
        raise ConfigurationError(f"Cannot ask STS whose credentials these are: {problem}.") from None
    return str(identity.get("Account", ""))
