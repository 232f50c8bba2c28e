"""What the user's input can raise, in every room."""

from __future__ import annotations

from typing import ClassVar


class UserError(Exception):
    """An option, a file or a setting cannot be used.

    The message is one sentence. The command line prints it and exits with 2, or with 3 where `no_verdict` says that
    the machine failed and not the user; pytest raises a usage error.
    """

    no_verdict: ClassVar[bool] = False
