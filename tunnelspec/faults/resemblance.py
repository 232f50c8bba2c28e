"""Faults of resemblance: ids, ARNs and names of things that are only alike are taken for equal."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from tunnelspec.emulator import Emulator, Tunnel
from tunnelspec.faults.defect_classes import IDENTITY, LISTS
from tunnelspec.faults.params import thing_name
from tunnelspec.faults.rows import Faults

identity = Faults("resemblance", IDENTITY, "identity/")
lists = Faults("resemblance", LISTS, "listing/ListTunnels/")


def _ids(name: str, sentence: str, reduce: Callable[[str], str]) -> None:
    """Seed a fault: ids are equal if what is left of them is."""

    def find(call: Callable[[str], Tunnel], self: Emulator, tunnel_id: str) -> Tunnel:
        alike = [tunnel.id for tunnel in self.store.newest_first() if reduce(tunnel.id) == reduce(tunnel_id)]
        return call(alike[0] if alike and self.store.get(tunnel_id) is None else tunnel_id)

    identity(name, "*/near-misses", sentence).around(Emulator.find, find)


_ids("hyphens", "Hyphens in ids do not count.", lambda text: text.replace("-", ""))
_ids("padding", "Equals signs at the end of an id do not count.", lambda text: text.rstrip("="))
_ids("plus-dropped", "Plus signs in ids do not count.", lambda text: text.replace("+", ""))
_ids("colons-behind", "What follows a colon in an id does not count.", lambda text: text.partition(":")[0])
_ids("plus", "A plus sign in an id stands for a hyphen.", lambda text: text.replace("+", "-"))


def _arns(name: str, sentence: str, repaired: Callable[[str], str]) -> None:
    """Seed a fault: ARNs are altered before they are looked up."""
    identity(name, "*Resource/near-misses", sentence).around(
        Emulator.find_arn, lambda call, self, arn: call(repaired(arn))
    )


_arns("partitions", "The partition of an ARN does not count.", lambda arn: re.sub("^arn:[^:]*:", "arn:aws:", arn))
_arns("url-encoding", "ARNs are taken for URL-encoded.", unquote)
_arns("queries", "A query behind an ARN does not count.", lambda arn: arn.partition("?")[0])
_arns("fragments", "A fragment behind an ARN does not count.", lambda arn: arn.partition("#")[0])
_arns(
    "no-region",
    "An ARN without a region is one of the default region.",
    lambda arn: arn.replace("::", ":us-east-1:", 1),
)
_arns("slashes-behind", "Slashes behind an ARN do not count.", lambda arn: arn.rstrip("/"))
_arns("services-alike", "Services that begin with iot are alike.", lambda arn: re.sub(":iot[^:]*:", ":iot:", arn))
_arns(
    "model-service",
    "The service of an ARN may be the one that its model names.",
    lambda arn: arn.replace(":iotsecuredtunneling:", ":iot:", 1),
)
_arns("no-service", "An ARN without a service is one of IoT.", lambda arn: arn.replace("::", ":iot:", 1))
_arns("colons", "A colon in an ARN stands for its slash.", lambda arn: arn.replace(":tunnel:", ":tunnel/"))
_arns("paths", "A path behind the id of an ARN does not count.", lambda arn: "/".join(arn.split("/")[:2]))
_arns("versions", "A version behind the id of an ARN does not count.", lambda arn: ":".join(arn.split(":")[:6]))
_arns("slashes", "Two slashes in an ARN count as one.", lambda arn: arn.replace("//", "/"))


def _filters(name: str, sentence: str, is_alike: Callable[[Tunnel, str], bool]) -> None:
    """Seed a fault: a filter lists tunnels for which this is true as well."""

    def listed(call: Callable[[str | None], list[Tunnel]], self: Emulator, thing: str | None) -> list[Tunnel]:
        exact = call(thing)
        if thing is None:
            return exact
        alike = [tunnel for tunnel in call(None) if tunnel in exact or is_alike(tunnel, thing)]
        return sorted(alike, key=lambda tunnel: -tunnel.number)

    lists(name, "filter-alone", sentence).around(Emulator.listed, listed)


_filters(
    "any-mark",
    "A filter takes an underscore for any character, as LIKE does in SQL.",
    lambda tunnel, thing: re.fullmatch(re.escape(thing).replace("_", "."), thing_name(tunnel)) is not None,
)
_filters(
    "marks",
    "A filter takes underscores and hyphens for one another.",
    lambda tunnel, thing: thing_name(tunnel).replace("_", "-") == thing.replace("_", "-"),
)
_filters(
    "services", "A filter finds services as well.", lambda tunnel, thing: f"[{thing!r}" in repr(tunnel.destination)
)
_filters("descriptions", "A filter finds descriptions as well.", lambda tunnel, thing: thing == tunnel.description)
_filters(
    "beginnings",
    "A filter compares the first 64 characters of names.",
    lambda tunnel, thing: thing_name(tunnel)[:64] == thing[:64],
)
