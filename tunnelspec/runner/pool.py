"""The live resources that cases share: opened when a case needs one, deleted as soon as none does."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import full_body
from tunnelspec.contract.resources import Resource

#: By resource and the marks that it lacks.
_Key: TypeAlias = tuple[str, frozenset[str]]
#: Creates one with this body: what the creation returned, or why there is none.
Create: TypeAlias = Callable[[Resource, Mapping[str, object]], "Created | str"]
Delete: TypeAlias = Callable[[Resource, Mapping[str, str], bool], None]


@dataclass(frozen=True, slots=True)
class Created:
    """What a creation returned: identifiers by name, and secrets. `has_tag`: it was given the run's tag."""

    identifiers: dict[str, str]
    secrets: tuple[str, ...]
    has_tag: bool = False


@dataclass(frozen=True, slots=True)
class _Shared:
    created: Created
    renew_at: float


class ResourcePool:
    """The live resources of one session. Not thread-safe. `run` is the id that they are marked with."""

    def __init__(self, contract: Contract, run: str, create: Create, delete: Delete) -> None:
        self._contract = contract
        self._run = run
        self._create = create
        self._delete = delete
        self._live: dict[_Key, _Shared] = {}
        self._last_used: dict[str, _Key] = {}
        #: How many of a resource's bodies this target was seen to refuse.
        self._refused: dict[str, int] = {}

    @property
    def secrets(self) -> Iterator[str]:
        """The secrets of what is live, which are looked for as long as it lives."""
        return (secret for shared in self._live.values() for secret in shared.created.secrets)

    def acquire(self, name: str, members: Collection[str]) -> dict[str, str] | str:
        """The identifiers of a live resource, or why there is none.

        It lacks the marks that are among `members`: a call that adds tags must not find a tag of ours where the
        number of tags is bounded.
        """
        resource = self._contract.resources[name]
        key = self._last_used[name] = (name, frozenset(resource.marks).intersection(members))
        shared = self._live.get(key)
        if shared is not None and time.monotonic() < shared.renew_at:
            return shared.created.identifiers
        self._drop(key)
        created: Created | str = "nothing was tried"
        for number, body in islice(enumerate(self._bodies(resource, members)), self._refused.get(name, 0), None):
            created = self._create(resource, body)
            if isinstance(created, Created):
                # It may be the marks that this target refuses, or a body without any member.
                self._refused[name] = number
                lasts_s = resource.lasts_s if number == 0 else None
                renew_at = math.inf if lasts_s is None else time.monotonic() + lasts_s / 2
                self._live[key] = _Shared(created, renew_at)
                return created.identifiers
        return str(created)

    def drop(self, name: str) -> None:
        """Delete the live resource that was used last, so that the next case gets another."""
        key = self._last_used.pop(name, None)
        if key is not None:
            self._drop(key)

    def drop_spare(self) -> None:
        """Leave one live resource of a kind: the next case only meets them in lists."""
        for key in [key for key in self._live if key[1]]:
            self._drop(key)

    @property
    def live(self) -> list[_Key]:
        """The keys of what is live."""
        return list(self._live)

    def close(self, key: _Key) -> None:
        """Delete one live resource."""
        self._drop(key)

    def _bodies(self, resource: Resource, members: Collection[str]) -> Iterator[Mapping[str, object]]:
        """Bodies to create one with, the best first: with our marks, plain, and with every member."""
        yield resource.marked(self._run, members)
        yield dict(resource.create_body)
        yield full_body(self._contract, resource.create)

    def _drop(self, key: _Key) -> None:
        shared = self._live.pop(key, None)
        if shared is not None:
            self._delete(self._contract.resources[key[0]], shared.created.identifiers, shared.created.has_tag)
