"""Wrong usage of the command line gets one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tunnelspec.cli import main

from .command import tunnelspec


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--rate", "fast"), "no number of calls per second"),
        (("run", "--dry-run", "--rate", "Nothing=1"), "no operation 'Nothing'"),
        (("run", "--examples", "other.json"), "no file of examples"),
        (("sweep", "--run-id", "x"), "no id of a run"),
        (("sweep", "--older-than", "soon"), "no time such as"),
        (("replay", "other.json"), "not a run record"),
        (("promote", "missing.json"), "Cannot read"),
        (("run", "--endpoint-url", "nonsense"), "must begin with http"),
        (("run", "--endpoint-url", "http://[::1"), "no valid host and port"),
        (("run", "--report-dir", "broken.yaml/reports"), "Cannot write broken.yaml/reports"),
        (("run", "--select", "no/such/case"), "No case is named 'no/such/case'"),
        (("run", "--document", "missing.yaml"), "missing.yaml: cannot be read"),
        (("cases", "--document", "broken.yaml"), "broken.yaml, line 2: is not valid YAML"),
        (("cases", "--document", "other.yaml"), "the document must have 'openapi'"),
        (("emulator", "--fault", "no-such"), "There is no fault 'no-such'"),
        (("emulator", "--credentials", "x"), "--credentials takes KEY:SECRET"),
        (("report", "broken.yaml"), "is not JSON"),
        (("run", "--endpoint-url", "https://api.tunneling.iot.us-east-1.amazonaws.com"), "AWS"),
        (("run", "--depth", "abyss"), "abyss"),
    ],
)
def test_wrong_usage_gets_a_sentence(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    """Exit 2, and no traceback."""
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "broken.yaml").write_text("a: [1,\nb: }")
    (tmp_path / "other.yaml").write_text("a: 1")
    done = tunnelspec(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--select"),
        ("run", "--rate"),
        ("run", "--region"),
        ("run", "--endpoint-url"),
        ("run", "--baseline"),
        ("run", "--profile"),
        ("sweep", "--journal"),
        ("sweep", "--older-than"),
        ("report",),
        ("replay",),
    ],
)
def test_wrong_usage_neither_acts_on_a_terminal_nor_commands_a_ci_system(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names may come from a pull request. Nor is the query of a URL shown, which may hold a token."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, [*arguments, "http://h/?SECRET=\x1b[2J\n::error::x"], color=True)
    assert done.exit_code == 2, done.output
    assert "\x1b" not in done.output
    assert not any(line.startswith("::") for line in done.output.splitlines())
    assert arguments != ("run", "--endpoint-url") or "SECRET" not in done.output
