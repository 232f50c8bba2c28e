"""The suite under pytest: one item per case, named by the case."""

from __future__ import annotations

import pytest

from tunnelspec import pytest_suite
from tunnelspec.runner.case import Case
from tunnelspec.suite import enabled


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per case, one per entry of the baseline; options say which document, depth and seed."""
    cases = pytest_suite.all_cases(metafunc.config)
    if "tunnelspec_outdated" in metafunc.fixturenames:
        sentences = pytest_suite.outdated(metafunc.config, (case.id for case in cases))
        metafunc.parametrize("tunnelspec_outdated", sentences.values(), ids=sentences)
        return
    chosen = enabled(cases)
    metafunc.parametrize("tunnelspec_case", chosen, ids=[case.id for case in chosen])


def test_conformance(tunnelspec_case: Case, tunnelspec_run_case: pytest_suite.CaseRunner) -> None:
    """The target conforms to this part of the contract."""
    tunnelspec_run_case(tunnelspec_case)


def test_baseline(tunnelspec_outdated: list[str]) -> None:
    """An entry of the baseline names a case that exists, and has not expired."""
    if tunnelspec_outdated:
        pytest.fail("\n".join(tunnelspec_outdated), pytrace=False)
