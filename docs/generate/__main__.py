"""`python -m docs.generate [--check]`, from the root of a checkout."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.generate import PAGES
from tunnelspec.contract import load

REFERENCE = Path(__file__).parents[1] / "reference"
HOW = "python -m docs.generate"


def main(arguments: list[str]) -> int:
    """Write every page that is not current, or with --check name them; returns the exit status."""
    if arguments not in ([], ["--check"]):
        print(f"usage: {HOW} [--check]", file=sys.stderr)
        return 2
    contract = load()
    stale = []
    for name, generate in PAGES.items():
        path, text = REFERENCE / name, generate(contract)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not arguments:
                REFERENCE.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    if arguments and stale:
        print(f"Stale in docs/reference: {', '.join(stale)}. Regenerate them: {HOW}", file=sys.stderr)
        return 1
    print(f"docs/reference: {', '.join(stale) + ' written' if stale else 'nothing to do'}")
    return 0


sys.exit(main(sys.argv[1:]))
