"""The only room that talks to a target."""

from tunnelspec.client.endpoint import Credentials, Target, TargetError, resolve
from tunnelspec.client.journal import Entry, Journal, JournalBusy, Origin
from tunnelspec.client.redaction import Redactor
from tunnelspec.client.transport import Transport

__all__ = [
    "Credentials",
    "Entry",
    "Journal",
    "JournalBusy",
    "Origin",
    "Redactor",
    "Target",
    "TargetError",
    "Transport",
    "resolve",
]
