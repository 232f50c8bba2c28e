"""What overrides any method of the emulator in one expression, and composes with others that override it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.faults.base import Change

_P = ParamSpec("_P")
_R = TypeVar("_R")
#: The code of an error that a bug causes; its status is 500.
CRASHED = "InternalFailure"


class Override:
    """A fault or variant without its change. Each method gives it one, and enters it in the catalogue."""

    def __init__(self, base: type[Change], name: str, **entry: object) -> None:
        self._base, self._entry = base, {"name": name, **entry}

    def enter(self, attributes: dict[str, object]) -> type[Change]:
        """Enter the class with these attributes in the catalogue."""
        entered: type[Change] = type(str(self._entry["name"]), (self._base,), attributes, **self._entry)
        return entered

    def around(
        self,
        method: Callable[Concatenate[Emulator, _P], _R],
        instead: Callable[Concatenate[Callable[_P, _R], Emulator, _P], _R],
    ) -> None:
        """`instead` is called in a method's place, with that method, the emulator and the arguments."""
        name = method.__name__

        def override(emulator: Emulator, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            return instead(getattr(super(entered, emulator), name), emulator, *args, **kwargs)

        entered = self.enter({name: override})

    def after(
        self, method: Callable[Concatenate[Emulator, _P], _R], alter: Callable[Concatenate[_R, Emulator, _P], _R]
    ) -> None:
        """A method returns what `alter` makes of its result, with the emulator and the arguments."""

        def instead(call: Callable[_P, _R], emulator: Emulator, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            return alter(call(*args, **kwargs), emulator, *args, **kwargs)

        self.around(method, instead)

    def refusing(
        self,
        method: Callable[Concatenate[Emulator, _P], _R],
        when: Callable[Concatenate[Emulator, _P], object],
        code: str = "ValidationException",
        status: int = 400,
    ) -> None:
        """A method raises an error where `when` is true of the emulator and the arguments."""

        def instead(call: Callable[_P, _R], emulator: Emulator, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            if when(emulator, *args, **kwargs):
                raise ApiError(code, "refused", 500 if code == CRASHED else status)
            return call(*args, **kwargs)

        self.around(method, instead)

    def rescuing(
        self,
        method: Callable[Concatenate[Emulator, _P], _R],
        instead: Callable[Concatenate[ApiError, Emulator, _P], _R],
    ) -> None:
        """Where a method raises an error, it returns what `instead` makes of it, the emulator and the arguments."""

        def rescue(call: Callable[_P, _R], emulator: Emulator, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            try:
                return call(*args, **kwargs)
            except ApiError as error:
                return instead(error, emulator, *args, **kwargs)

        self.around(method, rescue)
