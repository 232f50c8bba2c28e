"""Takes away each check and each rule in turn, and shows which seeded faults are no longer caught without it.

Runs `tunnelspec selfcheck --without CHECK`; ends with status 1 if some check can go unnoticed. Give a number to
draw that many at random: `python -m benchmarks.removals 10`.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.running import tunnelspec
from tunnelspec.checks import CHECKS
from tunnelspec.model import RULES

SEED = 41


def lost(check: str) -> list[str]:
    """The faults that are not caught by the case that they name without this check."""
    with tempfile.TemporaryDirectory() as folder:
        # Without a check a variant is flagged less, never more: the faults are enough.
        tunnelspec("selfcheck", "--without", check, "--select", "*/*", "--report-dir", folder)
        result = json.loads((Path(folder) / "selfcheck.json").read_text(encoding="utf-8"))
    return [kill["fault"] for kill in result["faults"] if kill["verdict"] != "killed"]


def main() -> int:
    """Print a line for each check that was taken away."""
    names = [*CHECKS, *RULES]
    if len(sys.argv) > 1:
        names = random.Random(SEED).sample(names, int(sys.argv[1]))
    unnoticed = 0
    for name in names:
        found = lost(name)
        unnoticed += not found
        shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        print(f"without {name}: {len(found)} no longer caught: {shown or 'NONE'}", flush=True)
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
