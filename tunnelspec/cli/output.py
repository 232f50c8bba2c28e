"""Standard output: characters that its encoding lacks, and a reader that has gone away."""

from __future__ import annotations

import codecs
import io
from typing import TextIO

from tunnelspec.printable import encodable

_HANDLER = "tunnelspec-ascii"


def escape_unencodable(*streams: TextIO | None) -> None:
    """Replace what a stream's encoding cannot write, rather than end the program over it."""
    codecs.register_error(_HANDLER, _replace)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _replace(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    return encodable(problem.object[problem.start : problem.end], "ascii"), problem.end
