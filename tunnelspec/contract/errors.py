"""The one exception of this room."""

from tunnelspec.errors import UserError


class ContractError(UserError):
    """The documents cannot be read or do not hang together; the message is one clear sentence."""
