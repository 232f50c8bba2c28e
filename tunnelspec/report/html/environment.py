"""How values get into a template: as escaped, bounded text with hidden characters named, or not at all."""

from __future__ import annotations

import re

import markupsafe
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tunnelspec.report import escape
from tunnelspec.report.frame import MORE_STYLE, document
from tunnelspec.report.kinds import KINDS

#: `\u0000` in a JSON text is a hidden character too, and a pair of surrogates an ordinary one; a single letter
#: of another script is what a body is about, and not every font has it.
_TELLING = re.compile(
    r"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<backslash>\\\\)|\\u(?P<code>[0-9a-fA-F]{4})"
    r"|(?P<foreign>(?<![^\x00-\x7f])[^\x00-\x7f](?![^\x00-\x7f]))"
)
#: Words from this length on may be broken where their parts meet: after a dot or slash, or at a hump.
_LONG_WORD = 20
_JOINTS = re.compile(r"(?<=[./])(?=\w)|(?<=[a-z])(?=[A-Z])")


def finalize(value: object) -> object:
    """Every value that a template prints comes through here; only Markup is left alone."""
    return value if isinstance(value, Markup | int | float) else escape.plain(str(value))


def shown(value: object, longest: int = escape.LONGEST) -> Markup:
    """Text as HTML, in which the names of hidden characters look different from what is there."""
    return Markup("").join(
        Markup('<span class="cp">⟨{}⟩</span>').format(piece) if hidden else _breakable(piece)
        for piece, hidden in escape.pieces(escape.cut(str(value), longest))
    )


def _breakable(text: str) -> Markup:
    """Escaped text whose long names may be broken at their joints, which leaves what is copied as it is."""
    if len(text) < _LONG_WORD:
        return markupsafe.escape(text)
    words = [_JOINTS.sub("\0", word) if len(word) >= _LONG_WORD else word for word in text.split(" ")]
    return Markup(str(markupsafe.escape(" ".join(words))).replace("\0", "<wbr>"))


def body(value: object) -> Markup:
    """The text of a JSON body: as `shown`, and what `_TELLING` finds in it is named beside what is there."""
    text, parts, end = escape.cut(str(value)), [], 0
    for match in _TELLING.finditer(text):
        character = match["foreign"] or chr(int(match["code"], 16) if match["code"] else 0x20)
        if escape.is_hidden(character) is bool(match["foreign"]) or character == " ":
            continue
        mark = Markup('{}<span class="cp">⟨{}⟩</span>').format(match[0], escape.name(character))
        parts += [shown(text[end : match.start()]), mark]
        end = match.end()
    return Markup("").join([*parts, shown(text[end:])])


def copied(value: object) -> Markup:
    """Lines that are there to be copied: nothing named, since a shell would not take it for the character."""
    return markupsafe.escape(escape.printable(str(value)))


def link(url: object) -> Markup:
    """A source's address if it is one that may be followed, else nothing."""
    text = str(url)
    return markupsafe.escape(text) if text.startswith("https://") and text.isprintable() else Markup("")


def number(value: object) -> str:
    """`1,231`."""
    return f"{value:,}"


def moment(value: object) -> str:
    """A time of a record to the minute: `2026-01-31 04:00 UTC`."""
    return f"{str(value)[:16].replace('T', ' ')} UTC"


#: Undefined names are our mistakes and must not pass for nothing.
ENVIRONMENT = Environment(
    loader=PackageLoader("tunnelspec.report.html"),
    autoescape=True,
    finalize=finalize,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
ENVIRONMENT.filters.update(shown=shown, body=body, copied=copied, link=link, number=number, moment=moment)
ENVIRONMENT.globals["kinds"] = KINDS


def page(template: str, title: str, **values: object) -> str:
    """A page about several records: one file with nothing fetched and no script."""
    return document(title, ENVIRONMENT.get_template(template).render(values), more_style=MORE_STYLE)
