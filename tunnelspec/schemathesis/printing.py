"""Gives back to Hypothesis the printing that Schemathesis takes from the whole process."""

from __future__ import annotations

import hypothesis.core
import hypothesis.vendor.pretty
import schemathesis.generation.hypothesis.builder  # noqa: F401  (what blanks the printing)


def restore_printing() -> None:
    """Print drawn values again: with the blank printer a plain test fails with `test(n=,)`.

    Schemathesis replaces the printer once, when its builder is imported, to save time on large cases;
    its own cases print as nothing either way. The names are private, so a self-test holds them.
    """
    hypothesis.core.RepresentationPrinter = hypothesis.vendor.pretty.RepresentationPrinter  # type: ignore[attr-defined]
