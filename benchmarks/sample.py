"""Regenerates the sample report: a run against an emulator with five seeded faults, and its pictures.

    python -m benchmarks.sample [CHROMIUM]

writes `reports/sample/report.html` and `summary.md`, and with a Chromium `docs/images/report*.png`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.running import DIRECTORY, run
from tunnelspec.contract import load
from tunnelspec.emulator import serve
from tunnelspec.faults import seeded

ROOT = Path(__file__).parents[1]
#: Five faults of five sorts, none of which brings others with it.
FAULTS = (
    "derived/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/maximum/loosened",
    "validation/joiner-in-description",
    "errors/status-480",
    "listing/pages-skip",
    "tokens/ends-exchanged",
)
SEED = 7
PORT = 8099
PICTURES = {
    "report.png": (1280, 1060, "light"),
    "report-dark.png": (1280, 1060, "dark"),
    "report-phone.png": (390, 844, "light"),
}


def pictures(report: Path, chromium: str, directory: Path) -> None:
    """The first screen, as a desk and a phone show it."""
    from playwright.sync_api import sync_playwright

    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, (width, height, scheme) in PICTURES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.goto(report.as_uri())
            page.screenshot(path=directory / name)
        browser.close()


def main() -> None:
    """Make all of it."""
    sample = ROOT / "reports" / "sample"
    contract = load()
    with tempfile.TemporaryDirectory() as scratch, serve(seeded(contract, FAULTS)(contract), port=PORT) as server:
        run("--endpoint-url", server.url, "--seed", SEED, folder=Path(scratch))
        for name in ("report.html", "summary.md"):
            shutil.copy(Path(scratch, DIRECTORY, name), sample / name)
    chromium = sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium")
    if chromium:
        pictures(sample / "report.html", chromium, ROOT / "docs" / "images")


if __name__ == "__main__":
    main()
