"""What the tests of ourselves share."""

from __future__ import annotations

import pytest

from tunnelspec.contract import Contract, load
from tunnelspec.engine import Case
from tunnelspec.suite import build


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The shipped contract."""
    return load()


@pytest.fixture(scope="session")
def cases(contract: Contract) -> list[Case]:
    """The whole suite at the first depth."""
    return build(contract, seed=7)
