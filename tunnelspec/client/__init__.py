"""The only room that talks to a target."""

from tunnelspec.client.endpoint import Credentials, Target, TargetError, resolve
from tunnelspec.client.journal import Entry, Journal, JournalBusy, Origin
from tunnelspec.client.redaction import Redactor, quiet_logs
from tunnelspec.client.signing import Signer
from tunnelspec.client.transport import Transport

__all__ = [
    "Credentials",
    "Entry",
    "Journal",
    "JournalBusy",
    "Origin",
    "Redactor",
    "Signer",
    "Target",
    "TargetError",
    "Transport",
    "quiet_logs",
    "resolve",
]
