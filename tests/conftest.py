"""What all tests share: the suite under one name, and workers where pytest-xdist is installed."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

import tunnelspec.suite

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

#: What is shared, by a part of the names of the tests that share it: the findings of all faults (the fixture `caught`),
#: a directory in which one command reads what another has written, a cluster, records, and what the fixtures of a
#: module run.
SHARING = {
    "test_claims.py": "caught",
    "test_fault_is_caught_by_the_case_it_names": "caught",
    "test_every_check_alone_catches_something": "caught",
    "test_removing_a_check_is_noticed": "caught",
    "test_a_command_of_the_documentation_runs": "commands",
    "test_cluster.py": "cluster",
    "test_compare.py": "compare",
    "test_loop.py": "loop",
    "test_page.py": "page",
    "test_report_texts.py": "records",
    "test_reports.py": "records",
    "test_reproduce.py": "reproduce",
}
# pytest imports the packages above a test file by their paths; the registries would then hold each scenario twice.
sys.modules["conformance"] = tunnelspec.suite


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the whole suite on all cores, unless `-n` says otherwise; one worker more, since many tests wait for servers
    that are slow or silent.

    `addopts` cannot say so: without pytest-xdist the option does not exist.
    """
    if "PYTEST_XDIST_WORKER" in os.environ or hasattr(config, "workerinput"):
        return  # a worker calls this hook as well
    everything = config.args_source is not pytest.Config.ArgsSource.ARGS
    asks_for_one = config.getoption("usepdb") or config.getoption("collectonly")
    if not config.pluginmanager.hasplugin("xdist") or asks_for_one or not everything:
        return
    if config.option.numprocesses is None and config.option.dist == "no":
        config.option.numprocesses = config.hook.pytest_xdist_auto_num_workers(config=config) + 1
        config.option.dist = "loadgroup"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Keep tests that share an expensive result in one worker, so that it is computed once.

    pytest-xdist's own marks of groups have no effect under pytest 9.2, which names tests another way.
    """
    if config.option.dist != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Grouped(LoadScopeScheduling):  # type: ignore[misc]  # its package ships no types
        def _split_scope(self, nodeid: str) -> str:
            return next((group for test, group in SHARING.items() if test in nodeid), nodeid)

    return Grouped(config, log)
