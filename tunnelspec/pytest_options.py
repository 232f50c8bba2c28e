"""The options of the pytest plugin, and what they say of one pytest run."""

from __future__ import annotations

import secrets

import pytest

OPTIONS = {
    "endpoint-url": "Endpoint to test (default: the bundled emulator).",
    "region": "AWS region that requests are signed for.",
    "profile": "AWS profile that has the credentials.",
    "depth": "quick, standard or deep (default: quick).",
    "seed": "Repeat a run: the same seed sends the same requests.",
    "document": "Contract document (default: the one shipped).",
    "allow-account": "Allow testing real AWS in this account.",
    "baseline": "Known deviations of the target, with reasons: they are expected to fail.",
    "mode": "read-only, no-create or full (default: full).",
    "max-tunnels": "Send no more requests than this that could open a tunnel.",
    "max-requests": "Send no more requests than this.",
    "examples": "File of promoted findings to test as well.",
    "send-credentials-to": "Allow real credentials to this host.",
    "ca-bundle": "File of certificates to trust (default: AWS_CA_BUNDLE).",
}
#: Set when a target is opened.
used_key: pytest.StashKey[bool] = pytest.StashKey()


_seed_key: pytest.StashKey[int] = pytest.StashKey()


def option(config: pytest.Config, name: str) -> str | None:
    """An option's value: command line, then ini file, then None."""
    value = config.getoption(f"--tunnelspec-{name}")
    return value or config.getini(f"tunnelspec_{name.replace('-', '_')}") or None


def seed(config: pytest.Config) -> int:
    """The seed of this pytest run, drawn once where none is given; the same in xdist's workers."""
    value = config.stash.get(_seed_key, None)
    if value is None:
        given = option(config, "seed") or getattr(config, "workerinput", {}).get("tunnelspec_seed")
        if given is not None and not str(given).isdigit():
            raise pytest.UsageError(f"--tunnelspec-seed takes a whole number, not '{given}'.")
        value = config.stash[_seed_key] = int(given) if given is not None else secrets.randbelow(2**32)
    return value
