"""Loads the suite under one name: a test file below `tests/conformance` shall not import a second copy of it."""

from __future__ import annotations

import sys

import tunnelspec.suite

# pytest imports the packages above a test file by their paths; the registries would then hold each scenario twice.
sys.modules["conformance"] = tunnelspec.suite
