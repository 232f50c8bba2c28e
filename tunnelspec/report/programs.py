"""The programs that play a finding's script again: one file for each, beside the other reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write(record: Mapping[str, Any], directory: Path) -> list[Path]:
    """Write the program of the first finding of every case that is a script. Raises OSError."""
    written = []
    for case in record["cases"]:
        for finding in case["findings"][:1]:
            if "script" in finding:
                path = directory / f"{re.sub('[^A-Za-z0-9_-]+', '-', case['id'])}.py"
                directory.mkdir(parents=True, exist_ok=True)
                path.write_text(finding["reproduce"]["python"], encoding="utf-8")
                written.append(path)
    return written
