"""Lines of output: wrapped on a terminal, whole where output is piped, and in what its encoding has."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace

from rich.console import Console
from rich.text import Text

from tunnelspec.printable import encodable


@dataclass(frozen=True, slots=True)
class Line:
    """A line of output. A command is never wrapped or cut.

    On a terminal the text is wrapped, goes on at column `indent`, and is cut after `most_lines` lines (0: never);
    `tail` then stands at the right edge of the last one.
    """

    text: str
    style: str = ""
    indent: int = 2
    is_command: bool = False
    most_lines: int = 0
    tail: str = ""


def print_line(line: Line, console: Console) -> None:
    """Print a line: wrapped on a terminal, whole where output is piped, and in what its encoding has."""
    line = _with_tail(line, console)
    parts = wrapped(line, console.width, console.encoding) if console.is_terminal else [line.text]
    for part in parts:
        console.print(Text(encodable(part, console.encoding), style=line.style), soft_wrap=True)


def wrapped(line: Line, width: int, encoding: str = "utf-8") -> list[str]:
    """The line on as many as it takes."""
    text = encodable(line.text, encoding)
    if line.is_command or len(text) <= width:
        return [text]
    # A mark of our own begins each further line; what it stands before may be a target's words.
    mark = encodable("│ ", encoding)
    indent = " " * max(0, line.indent - len(mark)) + mark
    wrapped = textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)
    if line.most_lines and len(wrapped) > line.most_lines:
        end = encodable(" …", encoding)
        # A single line is cut anywhere: a long name would leave it empty otherwise.
        last = text if line.most_lines == 1 else wrapped[line.most_lines - 1]
        wrapped = [*wrapped[: line.most_lines - 1], last[: width - len(end)] + end]
    return wrapped or [""]


def _with_tail(line: Line, console: Console) -> Line:
    """The line with its tail: at the right edge of a terminal, after a colon where output is piped."""
    if not line.tail:
        return line
    if not console.is_terminal or not line.most_lines:
        return replace(line, text=f"{line.text}: {line.tail}", tail="")
    room = max(20, console.width - len(line.tail) - 2)
    text = line.text if len(line.text) <= room else f"{line.text[: room - 1]}…"
    return replace(line, text=f"{text:<{room}}  {line.tail}", tail="")
