"""Generated text against two independent engines: the `regex` package and Rust's ECMA translation."""

from __future__ import annotations

import json
import sys
import unicodedata
from functools import cache
from importlib.resources import files

import jsonschema_rs
import pytest
import regex
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tunnelspec.contract import Contract, ContractError
from tunnelspec.contract.characters import CATEGORIES, CodePoints, category, code_points, parsed, stable
from tunnelspec.contract.patterns import Pattern
from tunnelspec.contract.unicode_table import stable_table
from tunnelspec.strategies import alphabets, text_matching, text_violating

_ENOUGH = 1_200
_PATTERNS = [
    r"^[^\p{C}]{1,2048}$",
    r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
    r"^[a-zA-Z0-9:_-]+$",
    r"^[a-zA-Z0-9_\-+=:]{1,128}$",
    r"^[a-zA-Z0-9_=-]{1,4096}$",
]


def test_these_are_the_documents_patterns(contract: Contract) -> None:
    """No pattern of the document is left out below."""
    assert {row.bound for row in contract.constraints if row.keyword == "pattern"} == set(_PATTERNS)


@given(st.sets(st.characters(max_codepoint=90)), st.sets(st.characters(max_codepoint=90)))
def test_sets_of_code_points_are_sets(one: set[str], other: set[str]) -> None:
    """What two sets share, and what one has beyond the other, is what Python's sets say, in sorted ranges."""
    ours, theirs = code_points("".join(one)), code_points("".join(other))
    for found, expected in ((ours & theirs, one & other), (ours - theirs, one - other), (ours | theirs, one | other)):
        assert list(found) == sorted(expected)
        assert all(low <= high for low, high in found.ranges)
    everything = CodePoints(((0, sys.maxunicode),))
    assert (ours & everything) == ours == (everything & ours)


@cache
def _valid(source: str) -> list[str]:
    return _drawn(text_matching(source, 0, 256))


def _drawn(strategy: st.SearchStrategy[str]) -> list[str]:
    found: list[str] = []

    @settings(
        max_examples=_ENOUGH // 300 + 2,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(strategy, min_size=300, max_size=300))
    def collect(drawn: list[str]) -> None:
        found.extend(drawn)

    collect()
    return found


def _rust(source: str) -> jsonschema_rs.Validator:
    """The pattern in Rust's engine, whose size limit a class repeated 2,048 times exceeds."""
    return jsonschema_rs.validator_for({"pattern": source.replace("{1,2048}", "+")})


@pytest.mark.parametrize("source", _PATTERNS)
def test_valid_text_matches_by_two_engines(source: str) -> None:
    """More than a thousand texts that are called valid match, as a whole."""
    texts = _valid(source)
    rust = _rust(source)
    inner = regex.compile(source.removeprefix("^").removesuffix("$"))
    assert len(texts) >= _ENOUGH
    assert [one for one in texts if not inner.fullmatch(one)] == []
    assert [one for one in texts if not rust.is_valid(one)] == []


@pytest.mark.parametrize("source", _PATTERNS)
def test_invalid_text_fails_by_two_engines(source: str) -> None:
    """More than a thousand texts that are called invalid do not match."""
    texts = _drawn(text_violating(source, 1, 256))
    rust = _rust(source)
    inner = regex.compile(source.removeprefix("^").removesuffix("$"))
    assert len(texts) >= _ENOUGH
    assert [one for one in texts if inner.fullmatch(one)] == []
    assert [one for one in texts if rust.is_valid(one)] == []


@pytest.mark.parametrize("source", _PATTERNS)
def test_every_character_is_classed_as_by_two_engines(source: str) -> None:
    """Each character whose category is stable, alone: exhaustive where random text would need luck."""
    alphabet, rust = Pattern(source).alphabet, _rust(source)
    inner = regex.compile(source.removeprefix("^").removesuffix("$"))
    characters = list(stable() - category("Cs"))
    assert len(characters) > 90_000
    assert [char for char in characters if (inner.fullmatch(char) is not None) != (char in alphabet)] == []
    assert [char for char in characters if rust.is_valid(char) != (char in alphabet)] == []


@pytest.mark.parametrize("source", _PATTERNS[:2])
def test_every_admitted_category_and_both_planes_appear(source: str) -> None:
    """Nothing that the class admits is left out for good."""
    seen = set("".join(_valid(source)))
    sure = Pattern(source).alphabet & stable()
    for name in CATEGORIES:
        if name not in ("Cs", "Cn") and len(sure & category(name)):
            assert any(char in category(name) for char in seen), name
    assert any(char > "\uffff" for char in seen)


@pytest.mark.parametrize(
    ("source", "sample", "expected"),
    [
        ("^a$", "a\n", False),
        ("^a$", "a", True),
        ("a", "xax", True),
        (r"^[^\p{C}]$", "\u200d", False),
        (r"^[^\p{C}]$", "\ud800", False),
        (r"^\p{Lu}{2}$", "ÄÖ", True),
        (r"^(a|b)c$", "bc", True),
    ],
)
def test_matching_follows_ecma(source: str, sample: str, expected: bool) -> None:
    """`$` is the end of the text, patterns search unless anchored, classes are Unicode's."""
    assert Pattern(source).matches(sample) is expected


@pytest.mark.parametrize("source", ["^(?=a)b$", r"^\1$", "^[a", r"^\p{Nonsense}$", "x" * 70_000, "(a|b)" * 60])
def test_what_cannot_be_read_is_refused_by_name(source: str) -> None:
    """An unknown construct is an error, not silence, and so is a pattern that would cost minutes."""
    with pytest.raises(ContractError):
        Pattern(source)


def test_changed_categories_are_never_called_sure() -> None:
    """U+180E and U+200B changed their category; emoji of after 2002 did not exist."""
    assert not any(char in stable() for char in "\u180e\u200b\U0001fae8")
    assert "\U0001f44d" not in alphabets.valid_characters(Pattern(_PATTERNS[0]).alphabet)


def test_the_table_of_categories_is_true() -> None:
    """What `categories.json` holds is stable by this Python's tables, and all of it where the version is the same."""
    shipped = json.loads((files("tunnelspec.contract") / "categories.json").read_text(encoding="ascii"))
    table = stable_table()
    if shipped["unicode"] == unicodedata.unidata_version:
        assert shipped["categories"] == table
    for name in CATEGORIES:
        assert len(category(name) - parsed(table[name])) == 0, name
