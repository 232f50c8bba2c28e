"""The suite under pytest: one item per case, named by the case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunnelspec import plugin
from tunnelspec.runner.case import Case
from tunnelspec.suite import DEPTHS, ExampleError, build, enabled


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per case; the options of the plugin say which document, depth and seed."""
    depth = plugin.option(metafunc.config, "depth") or "quick"
    if depth not in DEPTHS:
        raise pytest.UsageError(f"--tunnelspec-depth is one of {', '.join(DEPTHS)}, not '{depth}'.")
    given = plugin.option(metafunc.config, "examples")
    try:
        cases = build(
            plugin.contract(metafunc.config),
            depth=depth,
            seed=plugin.seed(metafunc.config),
            examples=[Path(given)] if given else [],
        )
    except ExampleError as problem:
        raise pytest.UsageError(str(problem)) from problem
    if "tunnelspec_outdated" in metafunc.fixturenames:
        told = plugin.outdated(metafunc.config, (case.id for case in cases))
        metafunc.parametrize("tunnelspec_outdated", told.values(), ids=told)
        return
    chosen = enabled(cases)
    metafunc.parametrize("tunnelspec_case", chosen, ids=[case.id for case in chosen])


def test_conformance(tunnelspec_case: Case, tunnelspec_judged: plugin.Judged) -> None:
    """The target keeps this part of the contract."""
    tunnelspec_judged(tunnelspec_case)


def test_baseline(tunnelspec_outdated: list[str]) -> None:
    """An entry of the baseline names a case that there is, and its time is not over."""
    if tunnelspec_outdated:
        pytest.fail("\n".join(tunnelspec_outdated), pytrace=False)
