"""Faults of tags that OpenTunnel is given: it has code of its own for what TagResource does right."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from functools import partial

from tunnelspec.emulator import Emulator, Params, Tunnel
from tunnelspec.faults.defect_classes import TAGGING
from tunnelspec.faults.rows import Faults

opening = Faults("opening_tags", TAGGING, "tags/OpenTunnel/")


def _altered(key: Callable[[str], str] = str, value: Callable[[str], str] = str) -> Callable[[Params], Params]:
    """Alters keys, values or both of the tags of a request."""

    def alter(params: Params) -> Params:
        tags = [{"key": key(tag["key"]), "value": value(tag["value"])} for tag in params.get("tags") or ()]
        return {**params, "tags": tags} if tags else params

    return alter


_composed = partial(unicodedata.normalize, "NFC")
_compatible = partial(unicodedata.normalize, "NFKC")

opening("trimmed", "stored", "OpenTunnel strips keys and values of tags.").given(
    "OpenTunnel", _altered(str.strip, str.strip)
)
opening("values-trimmed", "stored", "OpenTunnel strips values of tags.").given("OpenTunnel", _altered(value=str.strip))
opening("composed", "stored", "OpenTunnel normalises tags to NFC.").given("OpenTunnel", _altered(_composed, _composed))
opening("values-compatible", "stored", "OpenTunnel normalises values of tags to NFKC.").given(
    "OpenTunnel", _altered(value=_compatible)
)
opening("latin-1", "stored", "OpenTunnel stores ? for what Latin-1 lacks in values of tags.").given(
    "OpenTunnel", _altered(value=lambda text: text.encode("latin-1", "replace").decode("latin-1"))
)
opening("values-end-at-equals", "stored", "OpenTunnel ends a value of a tag before its first equals sign.").given(
    "OpenTunnel", _altered(value=lambda text: text.partition("=")[0])
)
opening("values-cut", "most", "OpenTunnel cuts values of tags at 255 characters.").given(
    "OpenTunnel", _altered(value=lambda text: text[:255])
)
opening("keys-cut-in-bytes", "most", "OpenTunnel keeps the last 255 bytes of a key in UTF-8.").given(
    "OpenTunnel", _altered(lambda text: text.encode()[-255:].decode("utf-8", "ignore"))
)
opening("empty-dropped", "stored", "OpenTunnel drops tags with an empty value.").given(
    "OpenTunnel",
    lambda params: {**params, "tags": [tag for tag in params["tags"] if tag["value"]]} if "tags" in params else params,
)


def _kept(stored: None, self: Emulator, tunnel: Tunnel, tags: list[Params]) -> None:
    while len(json.dumps(tunnel.tags)) > 65_535:
        tunnel.tags.popitem()


opening(
    "sixty-four-kibibytes", "most", "What does not fit into 64 KiB of JSON in ASCII is dropped from the tags."
).after(Emulator.put_tags, _kept)
