"""Whether the bundled emulator is the target, and the process that it runs in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tunnelspec.client import Credentials, Endpoint, resolve
from tunnelspec.client.endpoint import has_configured_endpoint, region_of
from tunnelspec.contract import Contract
from tunnelspec.runner.settings import ConfigurationError, Settings

EMBEDDED = "the bundled emulator"
#: What the bundled emulator verifies signatures by; real credentials have no business there.
OWN = Credentials("AKIDTUNNELSPECEMBEDDED", "embedded-secret-of-tunnelspec", "embedded-token-of-tunnelspec", "own")


def chosen_endpoint(settings: Settings, contract: Contract) -> Endpoint | None:
    """Where a run with these settings would send, found without sending; None for the bundled emulator.

    Raises TargetError for a URL or profile that cannot be used.
    """
    if not _elsewhere(settings, contract):
        return None
    return resolve(settings.endpoint_url, settings.region, settings.profile, contract.service, sign=False)


@contextmanager
def endpoint_of(settings: Settings, contract: Contract) -> Iterator[Endpoint]:
    """The endpoint of these settings; the bundled emulator runs as long as the context lasts.

    Raises TargetError for a URL or profile that cannot be used.
    """
    with starting(settings, contract) as started:
        url = started().bundled_url
        endpoint = resolve(
            url or settings.endpoint_url,
            settings.region if url is None else region_of(settings.region),
            settings.profile,
            contract.service,
            send_credentials_to=settings.send_credentials_to,
            ca_bundle=settings.ca_bundle,
        )
        yield endpoint if url is None else replace(endpoint, credentials=OWN)


@contextmanager
def starting(settings: Settings, contract: Contract) -> Iterator[Callable[[], Settings]]:
    """Start the bundled emulator where these settings ask for it and it does not run yet, for as long as the context
    lasts. What this yields waits until it can be used, and returns the settings with its URL.

    It has a process of its own: client and emulator then do not share one interpreter lock.
    """
    if settings.bundled_url or _elsewhere(settings, contract):
        yield lambda: settings
        return
    command = [sys.executable, "-P", "-m", "tunnelspec", "emulator", "--port", "0", "--until-eof"]
    command += ["--region", region_of(settings.region), "--session-token", str(OWN.token)]
    command += ["--credentials", f"{OWN.access_key}:{OWN.secret_key}"]
    process = subprocess.Popen(
        [*command, *settings.emulator_arguments],
        # Whatever ends this process closes the pipe, and with it the emulator.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield lambda: replace(settings, bundled_url=_url(process))
    finally:
        process.kill()  # what it knows is not kept
        process.wait(timeout=10)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _url(process: subprocess.Popen[str]) -> str:
    """Where it listens. Raises ConfigurationError."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if "listening on " not in line:
        raise ConfigurationError("The bundled emulator did not start.")
    return line.split("listening on ", 1)[1].strip()


def _elsewhere(settings: Settings, contract: Contract) -> bool:
    return not settings.embedded and (settings.endpoint_url is not None or _configured(settings, contract))


def _configured(settings: Settings, contract: Contract) -> bool:
    """Whether the environment or the configuration file that it names has an endpoint, the way AWS SDKs read it."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return False
    names = (contract.service.endpoint_variable, "AWS_ENDPOINT_URL")
    if any(os.environ.get(name) for name in names):
        return True
    # The user's usual file is not read for this: a plain run is one of the bundled emulator.
    is_named = settings.profile or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_CONFIG_FILE")
    return bool(is_named) and has_configured_endpoint(settings.profile, contract.service)
