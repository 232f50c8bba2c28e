"""The documentation is true: generated pages are current, examples run, commands and links exist, the site builds."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from tunnelspec.cli import main
from tunnelspec.contract import Contract
from tunnelspec.emulator import Emulator, serve
from tunnelspec.suite import SCENARIOS, build

from . import forked

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.joinpath("docs").rglob("*.md"), *ROOT.joinpath("openapi").glob("*.md")])
#: What a page may have at most, in bytes, so that browsers and GitHub show it whole.
LARGEST = 200_000


def named(path: Path) -> str:
    """A page's name in a test's id."""
    return str(path.relative_to(ROOT))


def blocks(path: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in these languages."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w+)[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [body for language, body in found if language in languages]


def test_the_reference_is_fresh() -> None:
    """The committed pages of `docs/reference/` are those that the generators write."""
    done = forked.run("docs.generate", "--check", cwd=ROOT)
    assert done.returncode == 0, done.stderr + "Run `python -m docs.generate` (or `nox -s reference`)."


def test_a_stale_page_is_reported(tmp_path: Path) -> None:
    """A changed page is reported, and the message names the command to run."""
    copy = tmp_path / "docs"
    copy.joinpath("generate").mkdir(parents=True)
    for path in [ROOT / "docs/__init__.py", *ROOT.glob("docs/generate/*.py")]:
        copy.joinpath(path.relative_to(ROOT / "docs")).write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "docs.generate"]
    subprocess.run(command, cwd=tmp_path, timeout=120, check=True, capture_output=True)
    page = copy / "reference" / "lifecycle.md"
    page.write_text(page.read_text(encoding="utf-8") + "One more line.\n", encoding="utf-8")
    done = subprocess.run([*command, "--check"], cwd=tmp_path, timeout=120, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "lifecycle.md" in done.stderr
    assert "python -m docs.generate" in done.stderr


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_is_too_long(page: Path) -> None:
    """Every page can be shown whole."""
    assert page.stat().st_size < LARGEST


def test_every_case_is_in_the_reference(contract: Contract) -> None:
    """The page of cases lists every area, every constraint and every scenario."""
    text = (ROOT / "docs/reference/cases.md").read_text(encoding="utf-8")
    assert {case.area for case in build(contract)} == set(re.findall(r"^## (.+)$", text, re.MULTILINE))
    assert [name for name in SCENARIOS if f'id="case-{name.replace("/", "-")}"' not in text] == []
    lines = [line for line in text.splitlines() if line.startswith('| <span id="case-validation-')]
    for row in contract.constraints:
        assert any(f"| `{row.keyword}` |" in line and f"`{row.path}`" in line for line in lines), row.name


@pytest.fixture(scope="module")
def emulator(contract: Contract) -> Iterator[str]:
    """The address of the reference emulator."""
    server = serve(Emulator(contract))
    yield server.url
    server.close()


def test_examples_in_python_run(emulator: str, tmp_path: Path) -> None:
    """Every Python block of a page is a whole module; those with tests pass under plain pytest."""
    # Examples that do not set `max_examples` run fewer than by default.
    tmp_path.joinpath("conftest.py").write_text(
        "from hypothesis import settings\n"
        "settings.register_profile('few', max_examples=8)\nsettings.load_profile('few')\n"
    )
    modules = []
    for page in PAGES:
        for number, body in enumerate(blocks(page, "python")):
            modules.append(f"test_{re.sub(r'[^a-z]', '_', named(page).lower())}_{number}.py")
            tmp_path.joinpath(modules[-1]).write_text(body, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-v", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**os.environ, "EMULATOR": emulator},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert set(re.findall(r"^(test_\w+\.py)::.* PASSED", done.stdout, re.MULTILINE)) == set(modules)


def commands() -> list[tuple[str, list[str]]]:
    """Every call of `tunnelspec` in the documentation and its examples, with where it stands."""
    scripts = [p for p in ROOT.joinpath("docs/ci").iterdir() if p.suffix in (".sh", ".yml")]
    found = []
    for path in [*PAGES, *scripts]:
        texts = blocks(path, "sh", "console", "yaml") if path.suffix == ".md" else [path.read_text("utf-8")]
        for text in texts:
            for line in text.replace("\\\n", " ").splitlines():
                call = re.search(r"(?:^\s*|&& |\$ |- |: )(tunnelspec .*)", line)
                if call and not line.lstrip().startswith("#"):
                    found.append((named(path), shlex.split(call[1], comments=True)))
    return found


@pytest.mark.parametrize(("page", "words"), commands(), ids=lambda value: " ".join(value)[:70])
def test_commands_exist(page: str, words: list[str]) -> None:
    """Every command and option that a page names is in the command line."""
    command: click.Command = main
    rest = words[1:]
    with click.Context(main) as context:
        while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            name, inner, rest = command.resolve_command(context, rest)
            assert inner is not None, f"{page}: there is no command {name}"
            command = inner
        options = {name for option in command.get_params(context) for name in (*option.opts, *option.secondary_opts)}
    used = {word.split("=", 1)[0] for word in rest if re.match(r"--?[a-z]", word)}
    assert used <= options, f"{page}: {command.name} has no {', '.join(sorted(used - options))}"


def test_the_readme_has_the_two_commands() -> None:
    """The README has the command that runs the suite, and the one that CI runs."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\npip install . && tunnelspec run\n" in text
    assert "\npip install -e '.[dev]' && pytest\n" in text


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), ROOT / "openapi/README.md"], ids=named)
def test_links_and_paths_of_pages_outside_the_site_exist(page: Path) -> None:
    """What these pages link to or name as a path is in the tree; the site's build checks its own."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    linked = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    paths = re.findall(r"`((?:docs|openapi|reports|strategies|tests|tunnelspec|benchmarks)/[\w./-]*)`", text)
    missing = [path for path in {*linked, *paths} if path and not (page.parent / path).exists()]
    missing = [path for path in missing if not (ROOT / path).exists()]
    assert missing == []


class _Assets(HTMLParser):
    """Collects what a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "video", "audio"):
            self.loaded.append(values.get("src") or "")
        elif tag == "link" and values.get("rel") not in ("canonical", "next", "prev", "alternate"):
            self.loaded.append(values.get("href") or "")


@pytest.mark.skipif(
    importlib.util.find_spec("material") is None,
    reason="mkdocs-material is not installed: pip install '.[docs]'",
)
def test_the_site_builds_strictly_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    """No broken link or anchor, no page left out, no asset of another host."""
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--site-dir",
        str(tmp_path / "site"),
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = sorted(tmp_path.rglob("*.html"))
    assert len(built) > 15
    for path in built:
        assets = _Assets()
        assets.feed(path.read_text(encoding="utf-8"))
        assert [url for url in assets.loaded if re.match(r"(https?:)?//", url)] == [], path
