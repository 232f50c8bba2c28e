"""Does a target that is asked for a 100 (Continue) send one?"""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.checks.registry import CheckContext, Yielded, check
from tunnelspec.verdict import Axis, Kind, Level

_CONTINUE = 100


@check("http/continue", level=Level.MUST, axis=Axis.SAFETY, kind=Kind.WRONG_FORM, cites=("rfc9110-10.1.1",))
def expectation(context: CheckContext) -> Iterator[Yielded]:
    """A request with `Expect: 100-continue` must get 100 or a final status before its body is sent.

    The client waits a second for it, as clients do, and then sends the body all the same.
    """
    is_expected = context.exchange.sent.wire.expect_continue
    if is_expected and context.response.accepted and _CONTINUE not in context.response.interim:
        yield "Expect of 100-continue must get 100 or a final status at once", "neither within a second"
