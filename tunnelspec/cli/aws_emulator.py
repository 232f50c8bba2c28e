"""`--aws-emulator [PORT]`: the folder in which AWS Emulator leaves what an SDK needs to reach it."""

from __future__ import annotations

import os
from pathlib import Path

from tunnelspec.errors import UserError

#: Where AWS Emulator listens by default (user guide, "CLI reference").
PORT = "9297"
#: What would win over the files of the folder.
_OTHERS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_IOTSECURETUNNELING",
)


def use_folder(port: str) -> None:
    """Have this process use config, credentials and CA certificate of the emulator on this port.

    Raises UserError where its folder lacks one of them.
    """
    folder = Path.home() / ".aws" / "emulator" / port
    files = {
        "AWS_CONFIG_FILE": folder / "config",
        "AWS_SHARED_CREDENTIALS_FILE": folder / "credentials",
        "AWS_CA_BUNDLE": folder / "ca.pem",
    }
    for name, path in files.items():
        if not path.is_file():
            raise UserError(f"There is no {path}: is AWS Emulator running on port {port}?")
        os.environ[name] = str(path)
    for name in _OTHERS:
        os.environ.pop(name, None)
