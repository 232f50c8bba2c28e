"""What all tests share: the suite under one name, and workers where pytest-xdist is installed."""

from __future__ import annotations

import os
import sys

import pytest

import tunnelspec.suite

# pytest imports the packages above a test file by their paths; the registries would then hold each scenario twice.
sys.modules["conformance"] = tunnelspec.suite


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the whole suite on all cores, unless `-n` says otherwise.

    `addopts` cannot say so: without pytest-xdist the option does not exist.
    """
    if "PYTEST_XDIST_WORKER" in os.environ or hasattr(config, "workerinput"):
        return  # a worker calls this hook as well
    everything = config.args_source is not pytest.Config.ArgsSource.ARGS
    asks_for_one = config.getoption("usepdb") or config.getoption("collectonly")
    if not config.pluginmanager.hasplugin("xdist") or asks_for_one or not everything:
        return
    if config.option.numprocesses is None and config.option.dist == "no":
        config.option.numprocesses = config.hook.pytest_xdist_auto_num_workers(config=config)
        config.option.dist = "loadgroup"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that share an expensive result in one worker, so that it is computed once."""
    for item in items:
        if "caught" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("caught"))
