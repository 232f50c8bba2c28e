"""The run loop: sessions with a target, judges of cases, and workers (docs/decisions/0002)."""

from tunnelspec.engine.case import Case, Result, Seen
from tunnelspec.engine.run import Run, run_cases
from tunnelspec.engine.session import Session
from tunnelspec.engine.tally import Tally

__all__ = ["Case", "Result", "Run", "Seen", "Session", "Tally", "run_cases"]
