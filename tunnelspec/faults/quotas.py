"""Faults of the quota of tags: what counts toward it, and what is given back."""

from __future__ import annotations

from tunnelspec.emulator import ApiError, Params, Tunnel
from tunnelspec.faults.base import Fault, remembered
from tunnelspec.faults.defect_classes import TAGGING
from tunnelspec.faults.variants_input import quota


class _Quota(Fault, defect_class=TAGGING): ...


class OverwritesCounted(_Quota, killer="tags/TagResource/most-overwritten"):
    """A key that is there already counts toward the quota once more."""

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        if len(tunnel.tags) + len(tags) > quota(self, "tags"):
            raise ApiError("LimitExceededException", "Too many tags")
        super().put_tags(tunnel, tags)


class RemovedCounted(_Quota, killer="tags/TagResource/most-again"):
    """Keys that were removed count toward the quota for ever."""

    given = remembered(dict[str, set[str]])

    def put_tags(self, tunnel: Tunnel, tags: list[Params]) -> None:
        given = self.given.setdefault(tunnel.id, set())
        given |= {tag["key"] for tag in tags}
        if len(given) > quota(self, "tags"):
            raise ApiError("LimitExceededException", "Too many tags")
        super().put_tags(tunnel, tags)
