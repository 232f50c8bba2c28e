"""The members that DescribeTunnel and ListTunnels both return of a tunnel."""

from __future__ import annotations

from collections.abc import Iterator

from tunnelspec.model.lifecycle import Status
from tunnelspec.model.members import Members, shown
from tunnelspec.model.rules import Mismatch, Rule
from tunnelspec.model.state import Tunnel


def check_status(tunnel: Tunnel, output: Members, now: float, opened: Rule, closed: Rule) -> Iterator[Mismatch]:
    """The status; a tunnel near the end of its lifetime may be OPEN or CLOSED. `opened` and `closed` are the rules
    for a tunnel that must be OPEN or CLOSED."""
    status = output.get("status")
    if status in (None, tunnel.status):
        return
    if tunnel.status is Status.CLOSED:
        yield Mismatch(closed, "status must be CLOSED: the tunnel was closed", f"status is {shown(status)}")
    elif now < tunnel.expires_at:
        yield Mismatch(opened, "status must be OPEN: the tunnel was not closed", f"status is {shown(status)}")


def check_description(tunnel: Tunnel, output: Members, rule: Rule) -> Iterator[Mismatch]:
    """The description, code point for code point; absent, null and empty are alike."""
    text = output.get("description")
    if (text or None) != tunnel.description:
        requirement = f"description must be {shown(tunnel.description)}"
        yield Mismatch(rule, requirement, f"description is {shown(text)}")
