"""ListTagsForResource returns the tags of a tunnel, in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tunnelspec.model import rules, tags
from tunnelspec.model.members import Members, shown, structures, text
from tunnelspec.model.operation import TunnelOperation
from tunnelspec.model.rules import Mismatch
from tunnelspec.model.state import State, Tunnel


class ListTagsForResource(TunnelOperation):
    """A read."""

    reads = True

    def check_tunnel(
        self, state: State, tunnel: Tunnel, body: Mapping[str, object], output: Members, now: float
    ) -> Iterator[Mismatch]:
        """Every key once, with its last value, and no other key."""
        listed = structures(output, "tags")
        counts = Counter(text(tag, "key") for tag in listed)
        for key, count in counts.items():
            if key is not None and count > 1:
                yield Mismatch(
                    rules.ONE_EACH, f"the key {shown(key)} must be listed once", f"it is listed {count} times"
                )
        if not tunnel.tags_known:
            return
        values = tags.values(listed)
        for key, value in tunnel.tags.items():
            if values.get(key) != value:
                requirement = f"the tag {shown(key)} must be {shown(value)}"
                yield Mismatch(rules.STORED, requirement, f"it is {shown(values.get(key))}")
        for key in values.keys() - tunnel.tags.keys():
            removed = key in tunnel.untagged
            rule, why = (rules.REMOVED, "it was removed") if removed else (rules.NOTHING_ELSE, "it was never added")
            yield Mismatch(rule, f"the tag {shown(key)} must not be listed: {why}", "it is listed")
