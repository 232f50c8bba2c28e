"""The only room that talks to a target."""

from tunnelspec.client.endpoint import Credentials, Endpoint, EndpointError, resolve
from tunnelspec.client.journal import Journal, JournalBusy, JournalEntry, Origin
from tunnelspec.client.limits import Limits
from tunnelspec.client.redaction import Redactor, quiet_logs
from tunnelspec.client.signing import Signer
from tunnelspec.client.transport import Transport

__all__ = [
    "Credentials",
    "Endpoint",
    "EndpointError",
    "Journal",
    "JournalBusy",
    "JournalEntry",
    "Limits",
    "Origin",
    "Redactor",
    "Signer",
    "Transport",
    "quiet_logs",
    "resolve",
]
