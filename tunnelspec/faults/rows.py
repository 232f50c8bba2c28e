"""Faults and variants of one expression: `fault("id", "GLOB", "Sentence.").encode(lambda data: ...)`.

What takes more than an expression, or a memory, is a class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from tunnelspec.emulator import ApiError, Emulator, HttpConnection, Params, Tunnel
from tunnelspec.faults.base import Change, Fault, Variant
from tunnelspec.verdict import Level

_P = ParamSpec("_P")
_A = TypeVar("_A")
_R = TypeVar("_R")
#: The code of an error that a bug causes; its status is 500.
CRASHED = "InternalFailure"


class Row:
    """A fault or variant without its change. Each method gives it one, and enters it in the catalogue."""

    def __init__(self, base: type[Change], name: str, **entry: object) -> None:
        self._base, self._entry = base, {"name": name, **entry}

    def _enter(self, attributes: dict[str, object]) -> type[Change]:
        entered: type[Change] = type(str(self._entry["name"]), (self._base,), attributes, **self._entry)
        return entered

    # Any method of the emulator.

    def around(
        self,
        method: Callable[Concatenate[Emulator, _P], _R],
        instead: Callable[Concatenate[Callable[_P, _R], Emulator, _P], _R],
    ) -> None:
        """`instead` is called in a method's place, with that method, the emulator and the arguments."""
        name = method.__name__

        def override(emulator: Emulator, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            return instead(getattr(super(entered, emulator), name), emulator, *args, **kwargs)

        entered = self._enter({name: override})

    def after(
        self,
        method: Callable[Concatenate[Emulator, _P], _R],
        alter: Callable[Concatenate[_R, Emulator, _P], _R],
    ) -> None:
        """A method returns what `alter` makes of its result, with the emulator and the arguments."""

        def instead(call: Callable[_P, _R], emulator: Emulator, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
            return alter(call(*args, **kwargs), emulator, *args, **kwargs)

        self.around(method, instead)

    def before(self, method: Callable[[Emulator, _A], _R], alter: Callable[[_A, Emulator], _A]) -> None:
        """A method of one argument is given what `alter` makes of it and the emulator."""

        def instead(call: Callable[[_A], _R], emulator: Emulator, argument: _A, /) -> _R:
            return call(alter(argument, emulator))

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

    # What many rows change.

    def output(self, operation: str, alter: Callable[[Params], Params]) -> None:
        """An operation returns what `alter` makes of its output."""
        wanted = operation
        self.after(
            Emulator.perform,
            lambda output, self, operation, params: alter(output) if operation == wanted else output,
        )

    def description(self, alter: Callable[[Params], Params]) -> None:
        """DescribeTunnel returns what `alter` makes of a tunnel."""
        self.after(Emulator.description, lambda described, self, tunnel: alter(described))

    def summary(self, alter: Callable[[Params], Params]) -> None:
        """ListTunnels returns what `alter` makes of a tunnel."""
        self.after(Emulator.summary, lambda summary, self, tunnel: alter(summary))

    def listed(self, alter: Callable[[list[Tunnel]], list[Tunnel]]) -> None:
        """ListTunnels lists what `alter` makes of the tunnels."""
        self.after(Emulator.listed, lambda tunnels, self, thing: alter(tunnels))

    def parse(self, edit: Callable[[bytes], bytes]) -> None:
        """A body is parsed after `edit`."""
        self.before(Emulator.parse, lambda body, self: edit(body))

    def encode(self, alter: Callable[[bytes], bytes]) -> None:
        """A response's body is what `alter` makes of it."""
        self.after(Emulator.encode, lambda data, self, value: alter(data))

    def header(self, name: str, value: str | None) -> None:
        """Every response has this value in this header field, or no such field."""
        self.after(Emulator.response, lambda response, self, status, body: response.set_header(name, value))

    def error_body(self, alter: Callable[[Params, ApiError], Params]) -> None:
        """The JSON object of an error is what `alter` makes of it."""
        self.after(Emulator.error_body, lambda body, self, error: alter(body, error))

    def recoded(self, old: str, new: str | None = None, status: int | None = None) -> None:
        """An error of one code has another code or status."""
        self.before(Emulator.render_error, lambda error, self: error.recoded(old, new, status))

    def connection(self, connection: type[HttpConnection]) -> None:
        """Connections are served by this class."""
        self._enter({"Connection": connection, "served": True})


class Faults:
    """Makes the rows of faults whose ids begin with `prefix` and whose killers begin with `cases`."""

    def __init__(
        self,
        prefix: str,
        defect_class: str,
        cases: str = "",
        *,
        level: Level = Level.MUST,
        base: type[Fault] = Fault,
    ) -> None:
        self._prefix, self._defect_class, self._cases, self._level, self._base = (
            prefix,
            defect_class,
            cases,
            level,
            base,
        )

    def __call__(
        self, name: str, case: str, sentence: str, defect_class: str = "", *, level: Level | None = None
    ) -> Row:
        """The row of one fault."""
        return Row(
            self._base,
            f"{self._prefix}/{name}",
            killer=self._cases + case,
            sentence=sentence,
            defect_class=defect_class or self._defect_class,
            level=level or self._level,
        )


def variant(
    name: str,
    why: str,
    sentence: str,
    *,
    base: type[Variant] = Variant,
    may_warn: bool = False,
    may_skip: bool = False,
) -> Row:
    """The row of one conforming variant."""
    return Row(base, name, why=why, sentence=sentence, may_warn=may_warn, may_skip=may_skip)
