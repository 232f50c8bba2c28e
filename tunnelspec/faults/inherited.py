"""Faults of maps that are objects of a language: names that every object has are found in each of them."""

from __future__ import annotations

from tunnelspec.emulator import Emulator
from tunnelspec.faults.defect_classes import CRASH, DISPATCH, IDENTITY, NOT_ENFORCED
from tunnelspec.faults.override import CRASHED
from tunnelspec.faults.rows import Faults

#: What a JavaScript object has from the beginning.
_INHERITED = frozenset({"constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"})
crash = Faults("inherited", CRASH)
found = Faults("inherited", IDENTITY, "identity/*/")


crash(
    "crash-on-argument-name",
    "protocol/*/inherited-members",
    "An unknown member named self or context causes status 500.",
).refusing(Emulator.validate, lambda self, operation, body: not body.keys().isdisjoint({"self", "context"}), CRASHED)
crash("crash-on-empty-name", "protocol/*/inherited-members", "A member with an empty name causes status 500.").refusing(
    Emulator.validate, lambda self, operation, body: "" in body, CRASHED
)
crash(
    "crash-on-inherited-member", "protocol/*/inherited-members", "A member named __proto__ causes status 500."
).refusing(Emulator.validate, lambda self, operation, body: "__proto__" in body, CRASHED)
crash(
    "crash-on-inherited-id",
    "identity/*/near-misses",
    "An id that is the name of a JavaScript method causes status 500.",
).refusing(Emulator.find, lambda self, tunnel_id: tunnel_id in _INHERITED, CRASHED)
crash(
    "crash-on-inherited-operation",
    "protocol/*/target-inherited",
    "A target that ends in the name of a JavaScript method causes status 500.",
).refusing(Emulator.operation_of, lambda self, request: request.operation in _INHERITED, CRASHED)
crash(
    "private-operation", "protocol/*/target-private", "A target that names a Python attribute causes status 500."
).refusing(
    Emulator.operation_of,
    lambda self, request: request.operation not in self.operations and hasattr(self, request.operation),
    CRASHED,
)
crash(
    "inherited-operation",
    "protocol/*/target-inherited",
    "A target that ends in the name of a JavaScript method calls it.",
    DISPATCH,
).around(
    Emulator.handle,
    lambda call, self, request: self.response(200, b"{}") if request.operation in _INHERITED else call(request),
)
found("inherited-id", "near-misses", "A tunnel is found by the name of what every JavaScript object has.").around(
    Emulator.find,
    lambda call, self, tunnel_id: (
        known[0] if (known := self.store.newest_first()) and tunnel_id in _INHERITED else call(tunnel_id)
    ),
)
found("inherited-arn", "near-misses", "The name of a JavaScript method in an ARN stands for the newest tunnel.").around(
    Emulator.find_arn,
    lambda call, self, arn: (
        known[0] if (known := self.store.newest_first()) and arn.rpartition("/")[2] in _INHERITED else call(arn)
    ),
)
crash(
    "inherited-value",
    "validation/*/enum/constructor",
    "A value that every JavaScript object has is taken for one of an enumeration.",
    NOT_ENFORCED,
).after(
    Emulator.coerce,
    lambda known, self, member, schema, value: (
        schema["enum"][0] if "enum" in schema and isinstance(known, str) and known in _INHERITED else known
    ),
)
