"""The only room that talks to a target."""

from tunnelspec.client.endpoint import Credentials, Endpoint, EndpointError, resolve
from tunnelspec.client.journal import Journal
from tunnelspec.client.journal_entries import JournalEntry, Origin
from tunnelspec.client.journal_file import JournalBusy, JournalError, JournalUnwritable
from tunnelspec.client.limits import Limits
from tunnelspec.client.quiet_logs import quiet_logs
from tunnelspec.client.redaction import Redactor
from tunnelspec.client.sealing import Sealer
from tunnelspec.client.signing import Signer
from tunnelspec.client.transport import Transport

__all__ = [
    "Credentials",
    "Endpoint",
    "EndpointError",
    "Journal",
    "JournalBusy",
    "JournalEntry",
    "JournalError",
    "JournalUnwritable",
    "Limits",
    "Origin",
    "Redactor",
    "Sealer",
    "Signer",
    "Transport",
    "quiet_logs",
    "resolve",
]
