"""What a target sends is text in every report: it neither acts, nor hides, nor commands."""

from __future__ import annotations

import copy
import io
import re
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from rich.console import Console

from tunnelspec.record.document import Record
from tunnelspec.report import github, html, markdown, terminal
from tunnelspec.report.causes import causes
from tunnelspec.report.escape import plain

from .reporting import HOSTILE, few, poisoned, shown

#: Controls but the line feed, joiners and marks, bidi overrides and isolates, surrogates.
_DANGEROUS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class _Elements(HTMLParser):
    """The elements and attributes that a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] not in (["script"], ["style"]):
            self.text.append(data)


def test_hostile_text_stays_text(five: Record, lacking: Record) -> None:
    """Script, markup, escape sequences and bidi overrides in every field, in every form."""
    for record in (poisoned(few(five)), poisoned(few(lacking))):
        page = html.render(record)
        elements = _Elements()
        elements.feed(page)
        assert elements.tags.count("script") == 1
        assert "img" not in elements.tags
        assert not [name for name in elements.attributes if name.startswith("on") or name in ("style", "src")]
        assert all(a.startswith(("#", "https://")) for a in elements.addresses)
        summary = markdown.render(record)
        for text in ("".join(elements.text), summary, shown(record)):
            assert _DANGEROUS.findall(text) == []
        assert "RIGHT-TO-LEFT OVERRIDE U+202E" in page


def test_markdown_links_nothing_that_a_target_sent(five: Record) -> None:
    """As a Markdown parser reads it: every link's address is a source's, and there is no HTML and no image."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown.render(poisoned(five)))
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inline)}
    assert kinds & {"html_block", "html_inline", "image"} == set()
    links = {str(token.attrs["href"]) for token in inline if token.type == "link_open"}
    assert links
    assert links <= {cite["url"] for case in five["cases"] for f in case["findings"] for cite in f["cites"]}


def test_the_terminal_fits_eighty_columns(five: Record, lacking: Record, worst: list[Record]) -> None:
    """Whatever the record holds, and with an area more than there is."""
    wider = copy.deepcopy(five)
    for case in wider["cases"][::7]:
        case["area"] = "auth"
    for record in (five, lacking, wider, *worst):
        lines = [line for line in shown(record).splitlines() if not line.startswith("  reproduce")]
        assert max(map(len, lines)) <= 80


def test_github_commands_are_escaped(five: Record) -> None:
    """One line a command, whatever a target sent; each names a file, a line and a title."""
    for record in (five, poisoned(few(five))):
        lines = github.commands(record)
        assert len(lines) == len(causes(record))
        assert all(re.match(r"::(error|warning|notice) file=[^,]+,line=\d+,title=[^:]*::", line) for line in lines)
        assert not any("\n" in line or "\r" in line for line in lines)


def test_no_output_line_is_a_command_to_a_ci_system(five: Record) -> None:
    """Lines begin with our own words, and what Azure and TeamCity would read anywhere is broken up."""
    record: Any = copy.deepcopy(five)
    for case in record["cases"]:
        for finding in case["findings"]:
            finding["observed"] = "x " * 30 + "::stop-commands::x ##vso[task.x] ##[add-mask] ##teamcity[x] " * 3
    text = shown(record, verbosity=terminal.Verbosity.ALL)
    assert "stop-commands" in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith(("::", "##"))]
    assert not re.search(r"##[a-z]*\[", text)


def test_output_is_whole_when_piped_and_plain_in_ascii(five: Record) -> None:
    """No line is wrapped in a pipe; where the encoding has no sign for an outcome, ASCII stands for it."""
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    terminal.show(five, Console(file=out, width=80, highlight=False, force_terminal=False))
    out.flush()
    lines = raw.getvalue().decode("ascii").splitlines()
    assert lines[1].startswith("#  1 MUST")
    assert any(len(line) > 150 and "--data-binary" in line for line in lines)


def test_hidden_characters_are_named() -> None:
    """By name and code point, a run of the same once."""
    assert plain("a\u200db") == "a⟨ZERO WIDTH JOINER U+200D⟩b"
    assert plain("\x00\x1b") == "⟨NULL U+0000⟩⟨ESCAPE U+001B⟩"
    assert plain("\ue000" * 3) == "⟨PRIVATE USE U+E000 ×3⟩"
    assert plain("e\u0301") == "e⟨COMBINING ACUTE ACCENT U+0301⟩"
    assert plain("\ud800") == "⟨LONE SURROGATE U+D800⟩"
    assert plain("naïve, é") == "naïve, é"
    assert plain("x" * 50, 10) == "xxxxxxxxxx … 40 characters more, in record.json"
    assert HOSTILE not in plain(HOSTILE)
