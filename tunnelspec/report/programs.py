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
from tunnelspec.report.facts import sensitive
from tunnelspec.report.summary import title, where

#: Defects with programs of their own; of a target with more, the first ones are to be fixed first.
MOST_DEFECTS = 100
#: What this folder has of an earlier run.
_OWN = ("[0-9]*-*.sh", "[0-9]*-*.py", "body-*")
_SHELL = """\
#!/bin/sh
# {title}
# {where}
cd "$(dirname "$0")" || exit
: "${{AWS_ACCESS_KEY_ID:=test}}" "${{AWS_SECRET_ACCESS_KEY:=test}}"

calls() {{
set -eu
{calls}
}}

# Of each secret in a response its number is printed, the same for the same secret.
numbered() {{ awk '{{
  rest = $0; shown = ""
  while (match(rest, /"({sensitive})"[ \t]*:[ \t]*"([^"\\\\]|\\\\.)*/)) {{
    member = secret = substr(rest, RSTART, RLENGTH)
    sub(/^"[^"]*"[ \t]*:[ \t]*"/, "", secret)
    if (!(secret in numbers)) numbers[secret] = ++count
    name = substr(member, 1, length(member) - length(secret))
    shown = shown substr(rest, 1, RSTART - 1) name "<secret " numbers[secret] ">"
    rest = substr(rest, RSTART + RLENGTH)
  }}
  print shown rest
}}'; }}

exec 4>&1
exit "$({{ {{ (calls 2>&1); echo "$?" >&3; }} | numbered >&4; }} 3>&1)"
"""


def write(record: Record, directory: Path) -> list[Path]:
    """Write the programs of every defect, numbered as in the reports, and remove earlier ones. Raises OSError."""
    for old in (path for glob in _OWN for path in directory.glob(glob)):
        old.unlink()
    written = []
    for number, cause in enumerate(causes(record)[:MOST_DEFECTS], 1):
        directory.mkdir(parents=True, exist_ok=True)
        programs = cause.finding["reproduce"]
        files = {
            **programs.get("bodies", {}),
            program(number, cause, ".sh"): _shell(record, cause, program(number, cause, ".py")),
            program(number, cause, ".py"): standalone(programs["python"]),
        }
        for name, text in files.items():
            path = directory / Path(name).name
            path.write_bytes(text.encode("utf-8", "backslashreplace"))
            written.append(path)
        (directory / program(number, cause, ".sh")).chmod(0o755)
    return written


def _shell(record: Record, cause: Cause, other: str) -> str:
    """The shell script of a defect. `other` is the program that sends what curl cannot."""
    programs = cause.finding["reproduce"]
    calls = programs.get("shell", programs["curl"])
    if calls.endswith(NO_CURL):
        calls += f"\nexec python3 {other}"
    return _SHELL.format(
        title=escape.one_line(title(cause)),
        where=escape.one_line(where(cause)),
        calls=calls,
        sensitive="|".join(sensitive(record)) or "no member",
    )


def program(number: int, cause: Cause, suffix: str) -> str:
    """The name of a defect's file: its number and its rule."""
    return f"{number:02}-{re.sub('[^A-Za-z0-9_-]+', '-', cause.rule)[:60]}{suffix}"
