"""The commands that README and documentation show are run, and every option is described with its default."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.selftest.test_docs import commands
from tunnelspec import suite
from tunnelspec.cli import group, main
from tunnelspec.contract import Contract
from tunnelspec.emulator import serve
from tunnelspec.faults import seeded

#: Pages about AWS, and about a folder that only AWS Emulator writes: test_aws_emulator.py has the commands of that.
_ELSEWHERE = ("docs/targets/aws.md", "docs/targets/aws-emulator.md")
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:\d+")
#: Cases that stand for all where a command names none, so that one run takes a second.
_FEW = ("--select", "protocol/ListTunnels/plain", "--select", "validation/OpenTunnel/description/type/*")
#: By command: options of ours in place of a depth, a port, or every seeded fault.
_SHORTER = {"selfcheck": ("--select", "tags/value-cut"), "compare": _FEW}
#: What a command chooses, as a few of the same; test_fleet.py has runs by several workers.
_FEWER = {"OpenTunnel": "ListTagsForResource", "8": "1", "4": "1", "standard": "quick", "deep": "quick"}


def _shown() -> list[list[str]]:
    """The commands of Markdown pages, each once whatever its port, but for those that serve until they are
    interrupted, and those that need a cluster, which test_cluster.py has."""
    found = [words for page, words in commands() if page.endswith(".md") and page not in _ELSEWHERE]
    alike = {tuple(_LOOPBACK.sub("", word) for word in words): words for words in reversed(found)}
    return [words for words in alike.values() if words[1] != "emulator" and "--scheduler" not in words]


@pytest.fixture(scope="module")
def place(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A directory with what the commands read, and the URL of an emulator with a fault that a search finds."""
    directory = tmp_path_factory.mktemp("place")
    emulator = seeded(contract, ["derived/OpenTunnel/description/type/dropped"])
    with serve(emulator(contract)) as server, pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        arguments = ["run", "--endpoint-url", server.url, *_FEW, "--select", "search/OpenTunnel/*", "--seed", "7"]
        CliRunner().invoke(main, arguments)
        for name in ("yesterday", "nights/1", "first"):
            shutil.copytree("tunnelspec-report", name)
        CliRunner().invoke(main, ["promote", "first/record.json", "search/*", "--file", "mine.json"])
        draft = ["--baseline", "mine.yaml", "--update-baseline", "--seed", "7", "--report-dir", "drafted"]
        CliRunner().invoke(main, ["run", "--endpoint-url", server.url, *_FEW, *draft])
        for number in (1, 2):
            shard = ["--seed", "7", "--shard", f"{number}/2", "--report-dir", f"shard-{number}"]
            CliRunner().invoke(main, ["run", "--endpoint-url", server.url, *_FEW, *shard])
        yield directory, server.url


def _shortened(words: list[str], url: str) -> list[str]:
    """The command's arguments, to the emulator at hand and about few cases."""
    command = words[1]
    arguments = [_LOOPBACK.sub(url, word) for word in words[1:]]
    if command == "run" and "--dry-run" not in words:
        arguments = [_FEWER.get(word, word) for word in arguments]
        is_chosen = {"--failed", "--select", "--operation", "--level"} & set(words)
        arguments += ["--endpoint-url", url] if url not in arguments else []
        arguments += [] if is_chosen else [*_FEW]
        arguments += ["--select", "examples/*"] if "--examples" in words else []
    if command == "selfcheck":
        arguments = ["tags/value-c*" if word == "tags/*" else word for word in arguments] + ["--workers", "1"]
    return arguments + list(_SHORTER.get(command, ()) if "--select" not in words else ())


@pytest.mark.parametrize("words", _shown(), ids=lambda words: " ".join(words[1:])[:70])
def test_a_command_of_the_documentation_runs(
    words: list[str], place: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with a verdict, and says nothing of wrong usage."""
    directory, url = place
    monkeypatch.chdir(directory)
    if {"--failed", "promote"} & set(words):
        shutil.copytree("first", "tunnelspec-report", dirs_exist_ok=True)
    done = CliRunner().invoke(main, _shortened(words, url), catch_exceptions=False)
    assert done.exit_code in (0, 1), done.output
    assert done.stderr == ""


def _options(command: click.Command, name: str) -> Iterator[tuple[str, click.Option]]:
    with click.Context(command, info_name=name) as context:
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                yield from _options(found, f"{name} {inner}")
        for option in command.get_params(context):
            if isinstance(option, click.Option) and not option.hidden:
                yield name, option


def test_every_option_is_described_with_its_default() -> None:
    """An option that takes a value says what it is without one; a flag is off, and a repeated option is empty."""
    options = list(_options(main, "tunnelspec"))
    assert len(options) > 100
    assert [f"{name} {option.opts[-1]}" for name, option in options if not option.help] == []
    valued = [pair for pair in options if not (pair[1].is_flag or pair[1].multiple or pair[1].required)]
    without = [f"{name} {o.opts[-1]}" for name, o in valued if not o.show_default and "[default: " not in str(o.help)]
    assert without == []


def test_the_depths_of_the_options_are_those_of_the_suite() -> None:
    """`--help` names them without loading the suite."""
    assert tuple(suite.DEPTHS) == group.DEPTHS
