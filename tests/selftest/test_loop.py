"""The transcript of docs/your-emulator.md: the loop from the first run to a green one, as the page shows it."""

from __future__ import annotations

import re

import pytest

from docs.loop import PAGE, Round, corrections, rounds, screen


@pytest.fixture(scope="module")
def loop() -> list[Round]:
    """The first run, and the last, which is compared with it."""
    return list(rounds((0, len(corrections())), port="0"))


def test_the_loop_ends_green(loop: list[Round]) -> None:
    """The first run fails, and with every correction nothing fails or warns."""
    assert [each.status for each in loop] == [1, 0]
    assert loop[-1].record["totals"]["warn"] == loop[-1].record["totals"]["inconclusive"] == 0
    assert loop[0].record["totals"]["fail"] > 300
    assert len(screen(loop[0].record).splitlines()) <= 60


def test_what_is_corrected_is_reported_as_fixed(loop: list[Round]) -> None:
    """The first run says what to fix first, the last one that all is fixed; `test_watch` has a run between."""
    assert "Content-Type must be" in loop[0].next
    assert re.match(r"[1-9]\d* fixed, 0 new, 0 left", loop[-1].since)
    assert loop[-1].next == "nothing"


def test_the_page_shows_this_loop(loop: list[Round]) -> None:
    """The page has a row for each correction, and the first titles. `python -m docs.loop` regenerates it."""
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| ([^|]+) \| \d+ fixed", text, re.MULTILINE) == corrections()
    first = [line for line in screen(loop[0].record).splitlines() if re.match(r". {2}[1-3] MUST ", line)]
    assert len(first) == 3
    assert [line[:40] for line in first if line[12:40] not in text] == []
