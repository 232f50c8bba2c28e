"""The base classes of seeded faults and conforming variants: emulators that differ in one respect.

Methods override the emulator's and call `super()`, so that several compose by inheriting from all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import ClassVar, TypeVar

from tunnelspec.emulator import Emulator
from tunnelspec.verdict import Level

_T = TypeVar("_T")
#: Why a variant conforms that no source speaks of.
UNSPECIFIED = "AWS's sources do not specify it."

#: The catalogue: the classes of this package that have a `killer` or a `why`, by id.
FAULTS: dict[str, type[Fault]] = {}
VARIANTS: dict[str, type[Variant]] = {}


class Change(Emulator):
    """An emulator with one change. `verifying`: the change shows only where signatures are verified; `served`:
    only over HTTP, since it is one of `Connection`.
    """

    id: ClassVar[str] = ""
    sentence: ClassVar[str] = ""
    verifying: ClassVar[bool] = False
    served: ClassVar[bool] = False


class Fault(Change):
    """An emulator that violates the contract. The docstring is the fault's sentence.

    The class keyword `killer` enters the class in the catalogue: a glob of the names of the cases that must
    detect it. Its id is made of `prefix` (its module's name, where neither it nor a base has one) and class name;
    `name` replaces the id, `sentence` the docstring. `level` is that of the violated rule.
    """

    prefix: ClassVar[str] = ""
    killer: ClassVar[str] = ""
    defect_class: ClassVar[str] = ""
    level: ClassVar[Level] = Level.MUST

    def __init_subclass__(
        cls,
        *,
        killer: str = "",
        name: str = "",
        sentence: str = "",
        defect_class: str = "",
        level: Level | None = None,
        prefix: str = "",
    ) -> None:
        super().__init_subclass__()
        cls.prefix = prefix or cls.prefix
        cls.defect_class = defect_class or cls.defect_class
        cls.level = level or cls.level
        if killer:
            cls.killer = killer
            cls.id = name or f"{cls.prefix or cls.__module__.rpartition('.')[2]}/{kebab_case(cls.__name__)}"
            cls.sentence = sentence or " ".join((cls.__doc__ or "").split())
            _enter(cls, FAULTS)


class Variant(Change):
    """An emulator that conforms, though it differs from the reference. The docstring is its sentence.

    The class keyword `why` enters the class in the catalogue. `may_warn`: it departs from a SHOULD;
    `may_skip`: it rejects what it is free to reject, and cases that need it cannot be tested.
    """

    why: ClassVar[str] = ""
    may_warn: ClassVar[bool] = False
    may_skip: ClassVar[bool] = False
    #: Whether it shows only where it is served, or only with options of its own: the self-check leaves it out.
    needs_own_run: ClassVar[bool] = False

    def __init_subclass__(
        cls, *, why: str = "", name: str = "", sentence: str = "", may_warn: bool = False, may_skip: bool = False
    ) -> None:
        super().__init_subclass__()
        if why:
            cls.why, cls.may_warn, cls.may_skip = why, may_warn, may_skip
            cls.id = name or kebab_case(cls.__name__)
            cls.sentence = sentence or " ".join((cls.__doc__ or "").split())
            _enter(cls, VARIANTS)


def remembered(make: Callable[[], _T]) -> cached_property[_T]:
    """What each emulator of a class remembers for itself, from the first use on: `seen = remembered(set[str])`."""
    return cached_property(lambda self: make())


_Change = TypeVar("_Change", bound=Change)


def _enter(cls: type[_Change], catalogue: dict[str, type[_Change]]) -> None:
    if cls.id in catalogue:
        raise ValueError(f"two classes are named {cls.id}")
    catalogue[cls.id] = cls


def kebab_case(name: str) -> str:
    """`ErrorsWithStatus200` as `errors-with-status-200`."""
    return "-".join(re.findall(r"[A-Z][a-z]*|\d+", name)).lower()
