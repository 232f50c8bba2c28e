"""The id of a run, and those of further attempts at it, as they stand in tags and journals."""

from __future__ import annotations

import re
import secrets

#: The form of a run's id.
RUN_ID = re.compile(r"[0-9a-f]{16}")
#: Between the id of a run and that of one attempt at it.
_ATTEMPT = "-"
#: The form of a tag: a run's id, or that of one attempt at a run.
TAG = re.compile(rf"{RUN_ID.pattern}({_ATTEMPT}[0-9a-f]{{8}})?")


def attempt(run: str) -> str:
    """A new id for one more attempt at a run, whose resources a sweep of the run finds as well."""
    return f"{run}{_ATTEMPT}{secrets.token_hex(4)}"


def run_of_attempt(tag: str) -> str:
    """The id of the run that a tag is of, whichever attempt at it."""
    return tag.partition(_ATTEMPT)[0]
