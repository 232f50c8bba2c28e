"""The live resources that cases share: opened when a case needs one, deleted as soon as none does."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from tunnelspec.checks import inconclusive_reason
from tunnelspec.contract import Contract
from tunnelspec.contract.minimal import full_body
from tunnelspec.contract.resources import Resource
from tunnelspec.contract.sensitive import secrets_in
from tunnelspec.exchange import Request
from tunnelspec.ownership.identifiers import created_identifiers
from tunnelspec.ownership.inventory import Send
from tunnelspec.ownership.owned import Ownership
from tunnelspec.runner.errors import NotSent, SetupFailed

#: By resource and the marks that it lacks.
_Key: TypeAlias = tuple[str, frozenset[str]]
#: Deletes one with these identifiers, of which it is known whether it was given the run's tag.
Delete: TypeAlias = Callable[[Resource, Mapping[str, str], bool], None]


@dataclass(frozen=True, slots=True)
class _Shared:
    """A live resource. `has_tag`: it was given the run's tag. After `renew_at` another one takes its place."""

    identifiers: dict[str, str]
    secrets: tuple[str, ...]
    has_tag: bool
    renew_at: float = math.inf


class ResourcePool:
    """The live resources of one session. Not thread-safe."""

    def __init__(self, contract: Contract, ownership: Ownership, send: Send, delete: Delete) -> None:
        self._contract = contract
        self._ownership = ownership
        self._send = send
        self._delete = delete
        self._live: dict[_Key, _Shared] = {}
        self._last_used: dict[str, _Key] = {}
        #: How many of a resource's bodies this target was seen to refuse.
        self._refused: dict[str, int] = {}
        #: Resources of which none could be created for a list.
        self._barren: set[str] = set()

    @property
    def secrets(self) -> Iterator[str]:
        """The secrets of what is live, which are looked for as long as it lives."""
        return (secret for shared in self._live.values() for secret in shared.secrets)

    def acquire(self, name: str, members: Collection[str] = ()) -> dict[str, str]:
        """The identifiers of a live resource. Raises NotSent, SetupFailed among them where there is none.

        It lacks the marks that are among `members`: a call that adds tags must not find a tag of ours where the
        number of tags is bounded.
        """
        resource = self._contract.resources[name]
        key = self._last_used[name] = (name, frozenset(resource.marks).intersection(members))
        shared = self._live.get(key)
        # Where another response named it as well, it is not provably ours any more.
        if shared and time.monotonic() < shared.renew_at and self._ownership.may_touch(shared.identifiers):
            return shared.identifiers
        self._drop(key)
        problem = "nothing was tried"
        for number, body in islice(enumerate(self._bodies(resource, members)), self._refused.get(name, 0), None):
            created = self._created(resource, body)
            if isinstance(created, _Shared):
                # It may be the marks that this target refuses, or a body without any member.
                self._refused[name] = number
                lasts_s = resource.lasts_s if number == 0 else None
                renew_at = math.inf if lasts_s is None else time.monotonic() + lasts_s / 2
                self._live[key] = replace(created, renew_at=renew_at)
                return created.identifiers
            problem = created
        raise SetupFailed(problem)

    def fill_list(self, operation: str) -> None:
        """Have one live resource of each kind that an operation lists, if the target lets us create one.

        An empty list shows little, and what others have open in the account must not decide what a case finds.
        Raises what ends a run.
        """
        for resource in self._contract.resources.values():
            is_listed = resource.find is not None and resource.find.list == operation
            if is_listed and resource.name not in self._barren:
                try:
                    self.acquire(resource.name)
                except NotSent as problem:
                    if problem.ends_run:
                        raise
                    self._barren.add(resource.name)

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
        yield resource.marked(self._ownership.run, members)
        yield dict(resource.create_body)
        yield full_body(self._contract, resource.create)

    def _created(self, resource: Resource, body: Mapping[str, object]) -> _Shared | str:
        """One that is created with this body, or why there is none."""
        exchange = self._send(Request(resource.create, body))
        identifiers = created_identifiers(exchange, resource)
        if identifiers is not None and self._ownership.may_touch(identifiers):
            has_tag = body == resource.marked(self._ownership.run, ()) and bool(resource.tag)
            return _Shared(identifiers, tuple(value for _, value in secrets_in(exchange, self._contract)), has_tag)
        if identifiers is not None:
            doubt = exchange.not_new or "it is not provably new, or has identifiers that cannot be used"
            return f"{resource.create} returned a {resource.name} that is not touched: {doubt}"
        said = exchange.response.summary if exchange.response else f"no response ({exchange.failure})"
        reason = inconclusive_reason(exchange, self._contract)
        return reason or f"could not open a {resource.name}: {resource.create} returned {said}"

    def _drop(self, key: _Key) -> None:
        shared = self._live.pop(key, None)
        if shared is not None:
            self._delete(self._contract.resources[key[0]], shared.identifiers, shared.has_tag)
