"""Page tokens that no target issued: made up, and made of one that was issued."""

from __future__ import annotations

from collections.abc import Callable

#: A page token that no response contained.
UNISSUED_TOKEN = "not-a-token-of-this-service"
#: Ways to alter a page token.
ALTERATIONS: dict[str, Callable[[str], str]] = {
    "cut": lambda token: token[:-2],
    "reversed": lambda token: token[::-1],
    "doubled": lambda token: token * 2,
    "spoilt": lambda token: token[:1] + "-" + token[2:],
}
