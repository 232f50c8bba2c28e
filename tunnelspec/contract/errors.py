"""The one exception of this room."""


class ContractError(Exception):
    """The documents cannot be read or do not hang together; the message is one clear sentence."""
