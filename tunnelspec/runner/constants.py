"""Keeps what Hypothesis draws from depending on which modules happen to be loaded.

Hypothesis mixes in constants that it reads in the source of every local module, so that one seed draws
differently in two processes, and differently after any edit of a checkout. Where the process is our own,
the same seed shall send the same requests.
"""

from __future__ import annotations

import sys

_ignored: list[bool] = []


def ignore_local_constants() -> None:
    """Have Hypothesis draw without constants of local modules, in this whole process.

    It has no setting for that. A version of Hypothesis without the name that is replaced here draws as it
    likes; a test of ours says so.
    """
    _ignored.append(True)
    if "hypothesis" in sys.modules:
        prepare_hypothesis()


def prepare_hypothesis() -> None:
    """Apply what `ignore_local_constants` has asked for. Call it before the first draw: Hypothesis takes longer to
    import than all that a run needs before.
    """
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    if _ignored and hasattr(providers, "_get_local_constants"):
        none = Constants()
        providers._get_local_constants = lambda: none
        if hasattr(providers, "CONSTANTS_CACHE"):
            # What was drawn from before now holds them as well.
            providers.CONSTANTS_CACHE.cache.clear()
        _ignored.clear()
