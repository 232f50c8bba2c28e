"""The HTML report in a browser: what a reader sees, clicks and copies, on a desk and on a phone.

Needs a Chromium on this machine (`CHROMIUM` names it). Where there is none the tests are skipped, or fail
if TUNNELSPEC_BROWSER is `required`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from tunnelspec.contract import Contract
from tunnelspec.record.document import Record
from tunnelspec.report import html
from tunnelspec.report.causes import causes
from tunnelspec.runner.case import Case
from tunnelspec.text_file import write_text

from .reporting import FIVE, few, made, poisoned, with_faults

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
Scheme = Literal["light", "dark"]

#: Contrast of every text on the page with what is behind it, by WCAG 2.2, 1.4.3; large text may have less.
CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [R, G, B] = [r, g, b].map((c) => linear(c / 255));
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const low = new Map();
  let seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest("script, option")) continue;
    const style = getComputedStyle(element);
    const front = element instanceof SVGElement ? style.fill : style.color;
    const [one, two] = [luminance(rgba(front)), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    seen += 1;
    if (ratio < (large ? 3 : 4.5)) low.set(`${element.tagName}.${element.className}`, ratio.toFixed(2));
  }
  return { seen, low: [...low] };
}
"""


def _chromium() -> str | None:
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium that this machine has; none is downloaded."""
    path = _chromium()
    if path is None:
        if os.environ.get("TUNNELSPEC_BROWSER") == "required":
            pytest.fail("TUNNELSPEC_BROWSER is 'required' and there is no Chromium; CHROMIUM can name one.")
        pytest.skip("there is no Chromium on this machine; CHROMIUM can name one")
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def five(contract: Contract, cases: list[Case]) -> Record:
    """A run against five seeded faults."""
    return made(contract, cases, with_faults(contract, *FIVE, "wire/operation-missing"))


class Opened:
    """A report in a tab, and whatever it complained of or asked for beside itself."""

    def __init__(
        self,
        browser: Any,
        file: Path,
        size: str,
        scheme: Scheme,
        *,
        script: bool = True,
        complains: bool = False,
    ) -> None:
        width, height = WIDTHS[size]
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            java_script_enabled=script,
            permissions=["clipboard-read", "clipboard-write"],
        )
        self._complains = complains
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())

    def __enter__(self) -> Any:
        return self.page

    def __exit__(self, *_: object) -> None:
        address = self.page.url.split("#")[0]
        self.context.close()
        assert bool(self.complaints) is self._complains, self.complaints
        assert set(self.requests) == {address}


@pytest.fixture
def report(five: Record, tmp_path: Path) -> Path:
    """The report of the run with faults."""
    write_text(tmp_path / "report.html", html.render(five))
    return tmp_path / "report.html"


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_it_can_be_read(browser: Any, report: Path, size: str, scheme: Scheme) -> None:
    """Text has the contrast that WCAG AA asks for with everything unfolded; nothing is too wide."""
    with Opened(browser, report, size, scheme) as page:
        page.screenshot(path=report.with_name(f"{size}-{scheme}.png"))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        contrast = page.evaluate(CONTRAST)
        assert contrast["seen"] > 3000
        assert contrast["low"] == []
    assert report.with_name(f"{size}-{scheme}.png").stat().st_size > 20_000


def test_the_first_screen_shows_every_fault(browser: Any, report: Path, five: Record) -> None:
    """The verdict and all five defects are seen before anything is clicked or scrolled."""
    with Opened(browser, report, "desktop", "light") as page:
        assert "tested cases failed" in page.locator(".verdict").inner_text()
        for item in (".defects li:nth-child(5)", ".levels li:last-child"):
            box = page.locator(item).bounding_box()
            assert box["y"] + box["height"] <= WIDTHS["desktop"][1]
        assert page.locator(".defects li").count() == len(causes(five)) == 5


def test_filters_choose_cases_and_findings(browser: Any, report: Path, five: Record) -> None:
    """By outcome, operation, area and text; the count is shown and the address keeps the choice."""
    failing = [case for case in five["cases"] if case["outcome"] == "fail"]
    with Opened(browser, report, "desktop", "light") as page:
        seen = "tr[data-kind]:not([hidden])"
        count = page.locator("form.filters output")
        everything = count.inner_text()
        assert f"{len(five['cases']):,} of {len(five['cases']):,} cases, 5 of 5 defects" == everything
        page.locator("select[name=kind]").select_option("fail")
        page.locator("select[name=operation]").select_option("OpenTunnel")
        chosen = page.locator(seen).evaluate_all("rows => rows.map((row) => row.id)")
        wanted = [c["id"] for c in failing if c["operation"] == "OpenTunnel" and "480" not in c["observed"]]
        assert sorted(chosen) == sorted(wanted)
        mine = [cause for cause in causes(five) if {case["operation"] for case in cause.cases} >= {"OpenTunnel"}]
        assert page.locator("details.defect:visible").count() == sum(cause.kind == "fail" for cause in mine) > 0
        page.get_by_role("searchbox").fill("joiner")
        assert page.locator("details.defect:visible").count() == 1
        assert "operation=OpenTunnel" in page.url
        again = page.url
        page.get_by_role("button", name="Clear").click()
        # Without evaluating text in the page, which its policy forbids.
        playwright.expect(page.locator("details.defect[hidden]")).to_have_count(0)
        assert count.inner_text() == everything
        page.goto("about:blank")
        page.goto(again)
        assert page.locator("details.defect:visible").count() == 1
        page.locator(".matrix a[data-operation=ListTunnels][data-area=listing]").click()
        assert page.locator("details.defect:visible").count() == 1
        listed = [c for c in five["cases"] if c["area"] == "listing" and c["operation"] == "ListTunnels"]
        assert page.locator(seen).count() == len(listed)


def test_lines_are_copied(browser: Any, report: Path, five: Record) -> None:
    """The button copies the lines as the record has them, and says so."""
    with Opened(browser, report, "desktop", "dark") as page:
        button = page.locator("details.defect").nth(1).get_by_role("button", name="Copy curl")
        button.click()
        page.get_by_text("Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
    finding = causes(five)[1].finding
    assert copied == finding["reproduce"]["curl"]


def test_every_case_has_an_address(browser: Any, report: Path, five: Record) -> None:
    """`#` and a case's name unfolds what it stands in and brings it into view."""
    name = next(case["id"] for case in reversed(five["cases"]) if "tags[].key" in case["id"])
    with Opened(browser, report, "desktop", "light") as page:
        page.goto(f"{report.as_uri()}#{name}")
        row = page.locator(f'[id="{name}"]')
        row.wait_for(state="visible")
        assert row.evaluate("(row) => { const y = row.getBoundingClientRect().y; return y > 0 && y < innerHeight; }")
        page.locator(".defects a").first.click()
        assert page.locator("#defect-1 pre").first.is_visible()


def test_it_can_be_used_from_the_keyboard(browser: Any, report: Path) -> None:
    """The first stop skips to the defects; every stop can be seen; a fold opens by Enter."""
    with Opened(browser, report, "desktop", "light") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the defects"
        for _ in range(8):
            page.keyboard.press("Tab")
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        page.locator("#defect-5 summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("#defect-5").evaluate("(fold) => fold.open")


def test_a_screen_reader_can_read_it(browser: Any, report: Path) -> None:
    """Landmarks, one main heading, names for every field and button, unique ids, and a count that speaks."""
    with Opened(browser, report, "desktop", "light") as page:
        assert page.get_by_role("main").count() == page.get_by_role("banner").count() == 1
        assert page.get_by_role("contentinfo").count() == page.get_by_role("search").count() == 1
        assert page.locator("h1").count() == 1
        assert page.locator("output[aria-live=polite]").count() == 1
        assert page.evaluate("document.documentElement.lang") == "en"
        unnamed = "e => e.filter((f) => !f.labels?.length && !f.ariaLabel && !f.textContent.trim()).length"
        assert page.locator("input, select, button").evaluate_all(unnamed) == 0
        ids = page.locator("[id]").evaluate_all("e => e.map((one) => one.id)")
        assert len(ids) == len(set(ids))


def test_it_is_whole_without_script(browser: Any, report: Path, five: Record) -> None:
    """Findings and cases are there to unfold; what would need the script is not shown."""
    with Opened(browser, report, "phone", "light", script=False) as page:
        assert page.locator("form.filters").is_hidden()
        assert page.get_by_role("button", name="Copy curl").first.is_hidden()
        page.locator("#defect-5 summary").first.click()
        assert page.locator("#defect-5 pre").first.is_visible()
        assert page.locator("tr[data-kind]").count() == len(five["cases"])


def test_what_a_target_sent_is_never_executed(browser: Any, five: Record, tmp_path: Path) -> None:
    """Script in every field of the record stays text under a policy that would stop it anyway."""
    write_text(tmp_path / "report.html", html.render(poisoned(few(five))))
    with Opened(browser, tmp_path / "report.html", "desktop", "light") as page:
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        assert page.evaluate("window.pwned") is None
        policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    with Opened(browser, tmp_path / "report.html", "desktop", "light", complains=True) as page:
        blocked = """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.violatedDirective));
          const script = document.createElement("script");
          script.textContent = "window.pwned = 1";
          document.head.append(script);
        })"""
        assert page.evaluate(blocked) == "script-src-elem"
        assert page.evaluate("window.pwned") is None
