"""A model of the service: what each response must, may and must not be after the calls before it.

Pure: no I/O, no clock, no randomness. Each operation is a class in `operations/`; `lifecycle.py` holds the table of a
tunnel's statuses; `rules.py` holds the requirements and their sources.
"""

from __future__ import annotations

from tunnelspec.model.lifecycle import LIFECYCLE, Expectation, Status
from tunnelspec.model.machine import OPERATIONS, READS, Model
from tunnelspec.model.rules import RULES, Mismatch, Rule
from tunnelspec.model.state import State, Tunnel, Walk

__all__ = [
    "LIFECYCLE",
    "OPERATIONS",
    "READS",
    "RULES",
    "Expectation",
    "Mismatch",
    "Model",
    "Rule",
    "State",
    "Status",
    "Tunnel",
    "Walk",
]
