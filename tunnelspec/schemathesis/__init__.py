"""This suite's knowledge for owners of a Schemathesis set-up; the only room that imports Schemathesis.

    SCHEMATHESIS_HOOKS=tunnelspec.schemathesis st run DOCUMENT --url URL

Importing this package registers the hooks, checks, media type and string formats. They act on documents
that carry `x-aws-service`, as ours does, and leave all others alone. See docs/schemathesis.md.
"""

from __future__ import annotations

from tunnelspec.schemathesis import calls, checks, document, media_type
from tunnelspec.schemathesis.printing import restore_printing

__all__ = ["calls", "checks", "document", "media_type"]

restore_printing()
