"""The style and the script of every page, and the frame that allows these two and nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

import markupsafe
from markupsafe import Markup

from tunnelspec.report import escape


def _read(name: str) -> str:
    return (files("tunnelspec.report") / "assets" / name).read_text(encoding="utf-8")


#: Of every page: light and dark, on wide screens and on phones.
STYLE = _read("style.css")
SCRIPT = _read("page.js")
#: Of the pages about several records.
MORE_STYLE = _read("pages.css")


def policy(style: str = STYLE, *, script: bool = False) -> str:
    """A Content-Security-Policy under which the page fetches nothing and runs only what it came with."""
    allowed = ["default-src 'none'", f"style-src {_digest(style)}"]
    if script:
        allowed.append(f"script-src {_digest(SCRIPT)}")
    return "; ".join([*allowed, "base-uri 'none'", "form-action 'none'"])


def document(title: str, body: str, *, more_style: str = "", script: bool = False) -> str:
    """A whole page. `body` is HTML that the caller has escaped; `title` is text; `more_style` adds to STYLE."""
    style = STYLE + more_style
    return Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        "<title>{title}</title>\n<style>{style}</style></head>\n<body>\n{body}\n{script}</body></html>\n"
    ).format(
        policy=Markup(policy(style, script=script)),
        title=markupsafe.escape(escape.plain(title, 200)),
        style=Markup(style),
        body=Markup(body),
        script=Markup("<script>{}</script>\n").format(Markup(SCRIPT)) if script else "",
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
