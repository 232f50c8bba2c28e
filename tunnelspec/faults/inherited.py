"""Faults of maps that are objects of a language: names that every object has are found in each of them."""

from __future__ import annotations

from tunnelspec.emulator import HttpRequest, HttpResponse, Params, Tunnel
from tunnelspec.faults.base import Fault
from tunnelspec.faults.defect_classes import CRASH, DISPATCH, IDENTITY, NOT_ENFORCED

#: What a JavaScript object has from the beginning.
_INHERITED = frozenset({"constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"})


class CrashOnArgumentName(Fault, killer="protocol/*/inherited-members", defect_class=CRASH):
    """An unknown member that has the name of an argument causes status 500."""

    def validate(self, operation: str, body: Params) -> Params:
        if not body.keys().isdisjoint({"self", "context"}):
            raise TypeError("got multiple values for argument 'self'")
        return super().validate(operation, body)


class CrashOnEmptyName(Fault, killer="protocol/*/inherited-members", defect_class=CRASH):
    """A member with an empty name causes status 500."""

    def validate(self, operation: str, body: Params) -> Params:
        if "" in body:
            raise IndexError("string index out of range")
        return super().validate(operation, body)


class CrashOnInheritedOperation(Fault, killer="protocol/*/target-inherited", defect_class=CRASH):
    """A target that names a method of every JavaScript object causes status 500."""

    def operation_of(self, request: HttpRequest) -> str:
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if name in _INHERITED:
            raise TypeError(f"{name} is no operation")
        return super().operation_of(request)


class InheritedOperation(Fault, killer="protocol/*/target-inherited", defect_class=DISPATCH):
    """A target that names a method of every JavaScript object calls it."""

    def handle(self, request: HttpRequest) -> HttpResponse:
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
        return self.response(200, b"{}") if name in _INHERITED else super().handle(request)


class PrivateOperation(Fault, killer="protocol/*/target-private", defect_class=CRASH):
    """A target may name any attribute of a Python object, and calling it causes status 500."""

    def operation_of(self, request: HttpRequest) -> str:
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
        if name not in self.operations and hasattr(self, name):
            raise TypeError(f"{name} takes other arguments")
        return super().operation_of(request)


class CrashOnInheritedMember(Fault, killer="protocol/*/inherited-members", defect_class=CRASH):
    """An unknown member that every JavaScript object has causes status 500."""

    def validate(self, operation: str, body: Params) -> Params:
        if "__proto__" in body:
            raise TypeError("the schema of a member has no type")
        return super().validate(operation, body)


class CrashOnInheritedId(Fault, killer="identity/*/near-misses", defect_class=CRASH):
    """An id that every JavaScript object has causes status 500."""

    def find(self, tunnel_id: str) -> Tunnel:
        if tunnel_id in _INHERITED:
            raise TypeError("what was found is no tunnel")
        return super().find(tunnel_id)


class InheritedId(Fault, killer="identity/*/near-misses", defect_class=IDENTITY):
    """A tunnel is found by the name of what every JavaScript object has."""

    def find(self, tunnel_id: str) -> Tunnel:
        known = self.store.newest_first()
        return known[0] if known and tunnel_id in _INHERITED else super().find(tunnel_id)


class InheritedArn(Fault, killer="identity/*/near-misses", defect_class=IDENTITY):
    """The tags of a tunnel that every JavaScript object has are those of the newest tunnel."""

    def find_arn(self, arn: str) -> Tunnel:
        known = self.store.newest_first()
        return known[0] if known and arn.rpartition("/")[2] in _INHERITED else super().find_arn(arn)


class InheritedValue(Fault, killer="validation/*/enum/constructor", defect_class=NOT_ENFORCED):
    """A value that every JavaScript object has is taken for one of an enumeration."""

    def coerce(self, member: str, schema: Params, value: object) -> object:
        value = super().coerce(member, schema, value)
        is_inherited = isinstance(value, str) and value in _INHERITED
        return schema["enum"][0] if is_inherited and "enum" in schema else value
