"""The suite under pytest: one item per case, named by the case."""

from __future__ import annotations

import pytest

from tunnelspec import plugin
from tunnelspec.engine import Case
from tunnelspec.suite import DEPTHS, build


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per case; the options of the plugin say which document, depth and seed."""
    depth = plugin.option(metafunc.config, "depth") or "quick"
    if depth not in DEPTHS:
        raise pytest.UsageError(f"--tunnelspec-depth is one of {', '.join(DEPTHS)}, not '{depth}'.")
    cases = build(plugin.contract(metafunc.config), depth=depth, seed=plugin.seed(metafunc.config))
    metafunc.parametrize("tunnelspec_case", cases, ids=[case.id for case in cases])


def test_conformance(tunnelspec_case: Case, tunnelspec_judged: plugin.Judged) -> None:
    """The target keeps this part of the contract."""
    tunnelspec_judged(tunnelspec_case)
