"""The folder `reproduce/`: a shell script and a Python program for each defect.

Both take credentials from the environment, set up what they need and delete what they opened. Shell scripts need curl
and, where a call needs what another returned, jq; the Python programs need the standard library alone.
"""

from __future__ import annotations

import re
from pathlib import Path

from tunnelspec.record.document import Record
from tunnelspec.record.reproduce_python import standalone
from tunnelspec.record.reproduce_shell import NO_CURL
from tunnelspec.report import escape
from tunnelspec.report.causes import Cause, causes
from tunnelspec.report.summary import title, where

#: Defects with programs of their own; a worse target has its first ones mended first.
MOST_DEFECTS = 100
_SHELL = """\
#!/bin/sh
# {title}
# {where}
set -eu
cd "$(dirname "$0")"
: "${{AWS_ACCESS_KEY_ID:=test}}" "${{AWS_SECRET_ACCESS_KEY:=test}}"
"""


def write(record: Record, directory: Path) -> list[Path]:
    """Write the programs of every defect, numbered as in the reports, and remove earlier ones. Raises OSError."""
    if directory.is_dir():
        for old in (*directory.glob("[0-9]*-*.sh"), *directory.glob("[0-9]*-*.py")):
            old.unlink()
    written = []
    for number, cause in enumerate(causes(record)[:MOST_DEFECTS], 1):
        directory.mkdir(parents=True, exist_ok=True)
        programs = cause.finding["reproduce"]
        shell = _SHELL.format(title=_comment(title(cause)), where=_comment(where(cause)))
        shell += programs.get("shell", programs["curl"])
        if shell.endswith(NO_CURL):
            shell += f"\nexec python3 {program(number, cause, '.py')}"
        for suffix, text in ((".sh", shell + "\n"), (".py", standalone(programs["python"]))):
            path = directory / program(number, cause, suffix)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            written.append(path)
        (directory / program(number, cause, ".sh")).chmod(0o755)
    return written


def program(number: int, cause: Cause, suffix: str) -> str:
    """The name of a defect's file: its number and its rule."""
    return f"{number:02}-{re.sub('[^A-Za-z0-9_-]+', '-', cause.rule)[:60]}{suffix}"


def _comment(text: str) -> str:
    return escape.one_line(text)
