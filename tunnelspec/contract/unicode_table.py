"""Writes `categories.json`, the characters whose category has not changed since Unicode 3.2, from Python's tables.

Run it with the newest Python: `python -m tunnelspec.contract.unicode_table`.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

from tunnelspec.contract.characters import CATEGORIES, NONCHARACTERS

#: A dash until Unicode 4.0 (2003); no runtime in use is older, and servers often treat it specially.
_SOFT_HYPHEN = "\u00ad"
#: Both were spaces once; Python's table of Unicode 3.2 does not say so.
_ONCE_SPACES = "\u180e\u200b"


def stable_table() -> dict[str, str]:
    """The ranges of each category, in hexadecimal, as `categories.json` holds them; takes half a second."""
    found: dict[str, list[tuple[int, int]]] = {name: [] for name in CATEGORIES}
    for point in range(sys.maxunicode + 1):
        char = chr(point)
        name = unicodedata.category(char)
        is_stable = name == unicodedata.ucd_3_2_0.category(char) and name != "Cn" and char not in _ONCE_SPACES
        if is_stable or char in NONCHARACTERS or char == _SOFT_HYPHEN:
            ranges = found[name]
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1] = (ranges[-1][0], point)
            else:
                ranges.append((point, point))
    return {
        name: " ".join(f"{low:X}" if low == high else f"{low:X}-{high:X}" for low, high in ranges)
        for name, ranges in found.items()
    }


if __name__ == "__main__":
    table = {"unicode": unicodedata.unidata_version, "categories": stable_table()}
    Path(__file__).with_name("categories.json").write_text(json.dumps(table, indent=1) + "\n", encoding="ascii")
