"""A model of the service: what every answer must, may and must not be after the calls before it.

Pure: no I/O, no clock, no randomness. `Model.judge` says what is wrong with an answer; `Model.advance`
moves on, following the target wherever AWS's sources leave open what it does.
"""

from __future__ import annotations

from tunnelspec.model.machine import OPERATIONS, READS, Model
from tunnelspec.model.rules import RULES, Mismatch, Rule
from tunnelspec.model.state import Told, Tunnel, Walk

__all__ = ["OPERATIONS", "READS", "RULES", "Mismatch", "Model", "Rule", "Told", "Tunnel", "Walk"]
