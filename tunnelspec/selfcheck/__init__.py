"""The mutation test of the suite: runs it against every seeded fault and every conforming variant.

A fault must be killed by the case that it names; on a variant, and on the reference emulator, nothing may be
flagged. Each emulator runs in the process of its cases, without a network; several processes run at a time.
"""

from tunnelspec.selfcheck.pool import selfcheck
from tunnelspec.selfcheck.results import Kill, Selfcheck, VariantResult
from tunnelspec.selfcheck.subject import REFERENCE, check_fault, check_variant

__all__ = ["REFERENCE", "Kill", "Selfcheck", "VariantResult", "check_fault", "check_variant", "selfcheck"]
