"""What a front end asks for: which target, and what may be done to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tunnelspec.contract import Contract
from tunnelspec.errors import UserError
from tunnelspec.runner.mode import Mode
from tunnelspec.runner.rates import quotas


class ConfigurationError(UserError):
    """The run cannot start as it was asked for; the message is one sentence (exit status 2)."""


@dataclass(frozen=True)
class Settings:
    """What a front asks for. `settle_s` is how long a read may lag behind a write before that is held
    against the target: by default some seconds for AWS, and nothing for anybody else. `embedded` asks for the
    bundled emulator whatever the environment says, `bundled_url` is where one is already running. `rates` are calls
    per second by operation, "" for every operation that is not named; they go before the documented quotas, which
    are kept on AWS. A run that is one of several `parts` sends at its part of each rate, and closes nothing by a guess.
    `corpus` is a directory in which searches keep what they found.
    """

    endpoint_url: str | None = None
    region: str | None = None
    profile: str | None = None
    allow_account: str | None = None
    send_credentials_to: str | None = None
    mode: Mode = Mode.FULL
    max_requests: int | None = None
    max_creates: int | None = None
    max_seconds: float | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    timeout_s: float = 10.0
    settle_s: float | None = None
    ca_bundle: str | None = None
    emulator_arguments: tuple[str, ...] = ()
    embedded: bool = False
    bundled_url: str | None = None
    parts: int = 1
    corpus: Path | None = None

    @property
    def searches_on(self) -> bool:
        """Whether searches spend the time that is left when every case has been run."""
        return self.corpus is not None and self.max_seconds is not None


def rates_in_force(settings: Settings, contract: Contract, *, on_aws: bool) -> dict[str, float]:
    """Calls per second by operation: those asked for, else on AWS the documented quotas.

    Raises ConfigurationError for an operation that the contract does not have.
    """
    unknown = [name for name in settings.rates if name and name not in contract.operations]
    if unknown:
        known = ", ".join(contract.operations)
        raise ConfigurationError(f"There is no operation '{unknown[0]}' to set a rate for; there are {known}.")
    rates = quotas(contract) if on_aws else {}
    for name in contract.operations:
        rate = settings.rates.get(name, settings.rates.get(""))
        if rate is not None:
            rates[name] = rate
    return rates
