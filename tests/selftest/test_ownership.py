"""A run touches only what is provably its own, whatever identifiers the target returns."""

from __future__ import annotations

import pytest

from tunnelspec.ownership.owned import Foreign, Owned, Ownership
from tunnelspec.verdict import Level

from .accounts import RUN


def _names(name: str, arn: str | None = None, region: str = "us-east-1") -> dict[str, str]:
    return {"tunnelId": name, "tunnelArn": f"arn:aws:iot:{region}:123456789012:tunnel/{arn or name}"}


def _ownership() -> Ownership:
    ownership = Ownership(RUN, "us-east-1")
    ownership.before([_names("old-1"), _names("old-2")])
    return ownership


def test_what_a_creation_returned_once_is_owned() -> None:
    """By all its identifiers, by one of them, and still when it is closed."""
    ownership = _ownership()
    assert ownership.register(_names("a")) == Owned()
    assert ownership.may_touch(_names("a"))
    assert ownership.may_touch({"tunnelId": "a"})
    assert ownership.may_touch({"tunnelArn": _names("a")["tunnelArn"]})
    assert not ownership.may_touch(_names("b"))
    assert not ownership.may_touch({})


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (_names("old-1"), "existed before"),
        (_names("new", "old-2"), "existed before"),
        ({"tunnelId": "new", "tunnelArn": "arn:aws:iot:us-east-1:999999999999:tunnel/old-1"}, "two different"),
        (_names("old-1", "new"), "existed before"),
        (_names("new", region="eu-west-1"), "another region"),
        (_names("own"), "earlier response"),
        (_names("new", "own"), "earlier response"),
        ({"tunnelId": "new", "tunnelArn": "arn:aws:iot:us-east-1:999999999999:tunnel/own"}, "two different"),
    ],
)
def test_what_is_not_new_is_foreign(returned: dict[str, str], words: str) -> None:
    """Existing, closed, of another region, or the identifiers of two: never touched, and a MUST finding."""
    ownership = _ownership()
    ownership.register(_names("own"))
    verdict = ownership.register(returned)
    assert isinstance(verdict, Foreign)
    assert words in verdict.reason
    assert verdict.finding("OpenTunnel").level is Level.MUST
    assert not ownership.may_touch(returned)
    for name in ("old-1", "old-2"):
        assert not ownership.may_touch(_names(name))


@pytest.mark.parametrize(
    "returned", [_names("OLD-1"), _names("new", "Old-2"), _names("new", "%6Fld-1"), _names("old-1/")]
)
def test_what_a_lenient_target_takes_for_the_same_is_not_touched(returned: dict[str, str]) -> None:
    """Some ignore the case of an identifier, or decode it. Others may call two tunnels `a` and `A`: no finding."""
    ownership = _ownership()
    verdict = ownership.register(returned)
    assert isinstance(verdict, Foreign)
    assert not verdict.is_finding
    assert not ownership.may_touch(returned)
    assert isinstance(ownership.confirm(returned, RUN), Foreign)
    assert ownership.is_foreign([returned["tunnelArn"]])
    assert ownership.register(_names("a")) == ownership.register(_names("A")) == Owned(), "both are the run's"


def test_an_identifier_that_is_returned_twice_is_nobodys() -> None:
    """Neither response proves anything then: not the first one either, also by its ARN alone."""
    ownership = _ownership()
    assert ownership.register(_names("a")) == Owned()
    assert isinstance(ownership.register(_names("a", "b")), Foreign)
    assert not ownership.may_touch(_names("a"))
    assert not ownership.may_touch({"tunnelArn": _names("a")["tunnelArn"]})
    assert isinstance(ownership.register(_names("b")), Foreign)


def test_once_in_three_and_later() -> None:
    """The others stay the run's."""
    ownership = _ownership()
    verdicts = [ownership.register(_names("old-1" if number % 3 == 2 else f"n{number}")) for number in range(12)]
    assert [isinstance(verdict, Owned) for verdict in verdicts] == [number % 3 != 2 for number in range(12)]
    assert all(ownership.may_touch(_names(f"n{number}")) for number in range(12) if number % 3 != 2)
    assert not ownership.may_touch(_names("old-1"))


def test_the_tag_decides_where_tags_are_kept() -> None:
    """The run's tag removes doubts from within the run; a missing one or another's creates them."""
    ownership = _ownership()
    for name in "abcd":
        ownership.register(_names(name))
    assert ownership.confirm(_names("a"), "") == Owned(), "this target keeps no tags, so far"
    assert ownership.confirm(_names("a"), RUN) == Owned()
    assert isinstance(ownership.confirm(_names("b"), ""), Foreign)
    assert isinstance(ownership.confirm(_names("c"), "f" * 16), Foreign)
    assert not ownership.may_touch(_names("b"))
    assert not ownership.may_touch(_names("c"))
    assert isinstance(ownership.register(_names("d")), Foreign)
    assert ownership.confirm(_names("d"), RUN) == Owned()
    assert ownership.may_touch(_names("d"))
    assert isinstance(ownership.confirm(_names("old-1"), RUN), Foreign), "what existed before is never the run's"
    assert isinstance(ownership.confirm(_names("never"), RUN), Foreign)
    assert not ownership.may_touch(_names("never"))
