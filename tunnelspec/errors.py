"""What the user's input can raise, in every room."""

from __future__ import annotations


class UserError(Exception):
    """An option, a file or a setting cannot be used.

    The message is one sentence. The command line prints it and exits with 2; pytest raises a usage error.
    """
