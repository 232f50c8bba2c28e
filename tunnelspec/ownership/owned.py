"""Decides whether a resource is provably this run's, so that the run may change or delete it. No I/O.

A target may return the identifiers of anything in response to a creation. A resource is this run's if all of
these hold:

* it was not there before the first creation of the run;
* exactly one response to a creation of this run returned its identifiers;
* its identifiers belong together: none of them names another resource that is known;
* an ARN among them is of the region that the run sends to;
* where the target keeps tags, it carries the run's tag, if it was created with one.

Whatever fails one of them is never closed, deleted, tagged or rotated. A tag with the run's id is proof by
itself against the doubts that do not come from before the run: nobody else knows that id.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tunnelspec.client.fingerprint import alike
from tunnelspec.model.rules import NEW
from tunnelspec.ownership.digest_set import DigestSet
from tunnelspec.verdict import Axis, Finding, Kind


@dataclass(frozen=True, slots=True)
class Owned:
    """The resource is this run's."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """The resource may be somebody else's. `reason` is a clause about what the call that creates one returned.

    `is_finding` is false where a target that conforms may have returned it.
    """

    reason: str
    is_finding: bool = True

    def finding(self, operation: str) -> Finding:
        """The violated requirement, as a finding about the response to a creation."""
        return Finding(
            rule=NEW.id,
            level=NEW.level,
            axis=Axis.BEHAVIOUR,
            kind=Kind.WRONG_VALUE,
            requirement=f"{operation} must return the identifiers of a new resource",
            observation=self.reason,
            cites=NEW.cites,
        )


class Ownership:
    """What existed before the run, and what the run's creations returned; thread-safe.

    Identifiers are mappings of names to values, as the contract's resources have them. Values are held as hashes of
    64 bits.
    """

    def __init__(self, run: str = "", region: str = "", *, strict: bool = False) -> None:
        #: The id that the run's resources are marked with, empty for none.
        self.run = run
        #: Whether nothing may be created before a list has shown what exists.
        self.strict = strict
        #: Held while what exists is listed, so that nobody creates anything meanwhile.
        self.listing = threading.Lock()
        #: The kinds of resources that were listed, or cannot be.
        self.listed: set[str] = set()
        #: Why a kind cannot be listed: sentences for the user.
        self.notes: list[str] = []
        self._regions = {region} - {""}
        self._confirmed: set[str] = set()
        self._before: set[int] = set()
        #: The same for those targets that read an identifier in other letters, or percent-encoded, as the same.
        self._like_before: set[int] = set()
        self._returned = DigestSet()
        self._foreign: set[int] = set()
        self._keeps_tags = False
        self._lock = threading.Lock()

    def before(self, identifiers: Iterable[Mapping[str, str]]) -> None:
        """Resources that exist before the first creation, from all pages of a list."""
        with self._lock:
            for names in identifiers:
                self._before.update(map(hash, names.values()))
                self._like_before.update(hash(alike(value)) for value in names.values())

    def register(self, identifiers: Mapping[str, str]) -> Owned | Foreign:
        """Decide about what a creation of this run returned. Called once for each response."""
        values = list(identifiers.values())
        with self._lock:
            reason = self._doubt(values)
            hashes = set(map(hash, values))
            is_like = any(self._existed(value) for value in values)
            if reason or is_like:
                # Where two responses name one resource, neither of them proves anything.
                self._foreign |= hashes
            for value in hashes:
                self._returned.add(value)
        if is_like and not reason:
            return Foreign("it returned an identifier that an existing resource has in other letters", False)
        return Foreign(reason) if reason else Owned()

    def refuse(self, identifiers: Mapping[str, str]) -> None:
        """Never touch what has these identifiers, whoever created it."""
        with self._lock:
            self._foreign.update(map(hash, identifiers.values()))

    def is_first(self, kind: str) -> bool:
        """Whether this is the first resource of a kind of which the tag is to be confirmed."""
        with self._lock:
            if kind in self._confirmed:
                return False
            self._confirmed.add(kind)
            return True

    def confirm(self, identifiers: Mapping[str, str], tag: str) -> Owned | Foreign:
        """Decide again, now that the resource's tag of a run is known; empty for a resource without one.

        To be called only for resources that were created with the run's tag.
        """
        hashes = set(map(hash, identifiers.values()))
        with self._lock:
            if tag == self.run != "":
                self._keeps_tags = True
                # Whatever region this target writes into its ARNs, it is the target's own.
                self._regions |= set(map(_region, identifiers.values())) if self._regions else set()
                is_returned = all(value in self._returned for value in hashes)
                if is_returned and not any(map(self._existed, identifiers.values())):
                    self._foreign -= hashes
            elif tag:
                self._foreign |= hashes
                return Foreign("it returned a resource that carries the tag of another run")
            elif self._keeps_tags:
                self._foreign |= hashes
                return Foreign("it returned a resource without the tag that the request gave it")
        return Owned() if self.may_touch(identifiers) else Foreign("it returned a resource that is not new")

    def may_touch(self, identifiers: Mapping[str, str]) -> bool:
        """Whether these identifiers, or this one of several, name a resource that is provably this run's."""
        with self._lock:
            return bool(identifiers) and all(self._is_own(value) for value in identifiers.values())

    def is_foreign(self, values: Iterable[str]) -> bool:
        """Whether one of these names what was there before the run, or is not provably the run's."""
        with self._lock:
            return any(
                self._existed(value) or not self._foreign.isdisjoint((hash(value), hash(_last_part(value))))
                for value in values
            )

    def existed_before(self, identifiers: Mapping[str, str]) -> bool:
        """Whether one of these names something that was there before the run, for some targets at least."""
        with self._lock:
            return any(map(self._existed, identifiers.values()))

    def is_doubtful(self, identifiers: Mapping[str, str]) -> bool:
        """Whether these name something that existed before the run, or that it must not touch."""
        return self.existed_before(identifiers) or (self.is_known(identifiers) and not self.may_touch(identifiers))

    def is_known(self, identifiers: Mapping[str, str]) -> bool:
        """Whether one of these was there before the run, or was returned to it."""
        with self._lock:
            values = identifiers.values()
            return any(self._existed(value) or hash(value) in self._returned for value in values)

    def _existed(self, value: str) -> bool:
        return not self._like_before.isdisjoint((hash(alike(value)), hash(alike(_last_part(value)))))

    def _is_own(self, value: str) -> bool:
        if hash(value) not in self._returned or self._existed(value):
            return False
        return self._foreign.isdisjoint((hash(value), hash(_last_part(value))))

    def _doubt(self, values: list[str]) -> str:
        """Why these identifiers are not provably those of a new resource; empty if they are."""
        for value in values:
            if hash(value) in self._before:
                return "it returned the identifier of a resource that existed before the run"
            if hash(value) in self._returned:
                return "it returned an identifier that an earlier response returned"
            last = _last_part(value)
            if last not in values and (hash(last) in self._before or hash(last) in self._returned):
                return "it returned identifiers of two different resources"
        if self._regions and any(_region(value) not in ("", *self._regions) for value in values):
            return "it returned an ARN of another region"
        return ""


def _last_part(value: str) -> str:
    """What an ARN names: `…:tunnel/ID` is the resource ID, which may hold colons. A plain identifier names itself."""
    return value.rsplit("/" if "/" in value else ":", 1)[-1] if value.startswith("arn:") else value


def _region(value: str) -> str:
    """The region of an ARN; empty for what is no ARN or has none."""
    parts = value.split(":", 5)
    return parts[3] if len(parts) == 6 and parts[0] == "arn" else ""
