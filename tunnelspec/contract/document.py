"""Reads the contract documents into frozen values; knows OpenAPI and our `x-` keywords, no service.

`load()` reads the document that ships with the package; `load(path)` any other AWS JSON document
written the same way. Everything that the suite knows about a service comes from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import yaml

from tunnelspec.contract.constraints import Constraint, constraints_of
from tunnelspec.contract.errors import ContractError
from tunnelspec.contract.oracle import ErrorRow, Situation, read_errors, read_situations
from tunnelspec.contract.resources import Resource, read_resource

Schema: TypeAlias = dict[str, Any]
DOCUMENT = "iotsecuretunneling-2018-10-05.yaml"
#: libyaml parses the document some ten times faster than the pure Python loader.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Service:
    """What a client must know of the service to speak to it (the document's `x-aws-service`)."""

    target_prefix: str
    signing_name: str
    content_type: str
    sdk_id: str
    endpoint_variable: str


@dataclass(frozen=True, slots=True)
class Source:
    """A place where a rule can be read."""

    id: str
    title: str
    url: str


class Effect(StrEnum):
    """What an operation can do to the target: change nothing, change something, make something new.

    One of which the document does not say it may do anything.
    """

    READ = "read"
    WRITE = "write"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its target header, shapes with every `$ref` inlined, and modelled errors.

    `per_second` is the documented quota of calls, None where there is none.
    """

    name: str
    target: str
    summary: str
    input: Schema
    output: Schema | None
    errors: tuple[str, ...]
    situation: str = "valid"
    spends: str | None = None
    cites: tuple[str, ...] = ()
    effect: Effect = Effect.CREATE
    per_second: float | None = None


@dataclass(frozen=True)
class Contract:
    """A service's contract, whole. Values are read-only by convention; nothing mutates them.

    `text` is the document as it was read, and `file` the name under which reports point at its lines.
    """

    service: Service
    operations: Mapping[str, Operation]
    resources: Mapping[str, Resource]
    errors: Mapping[str, ErrorRow]
    situations: Mapping[str, Situation]
    sources: Mapping[str, Source]
    document: Mapping[str, Any] = field(repr=False)
    digest: str = ""
    text: str = field(default="", repr=False)
    file: str = ""

    @cached_property
    def constraints(self) -> tuple[Constraint, ...]:
        """Every constraint on every request member, in the document's order."""
        return tuple(
            row for operation in self.operations.values() for row in constraints_of(operation.name, operation.input)
        )

    @cached_property
    def constraint(self) -> Mapping[str, Constraint]:
        """The constraints by name."""
        return MappingProxyType({row.name: row for row in self.constraints})

    @cached_property
    def denials(self) -> frozenset[str]:
        """The errors that say that a request's signature or credentials are wrong."""
        rows = (row for row in self.situations.values() if row.authentication)
        return frozenset(code for row in rows for code in (*row.codes, *row.tolerated_codes))

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The names of all members that the document marks as sensitive, at any depth."""
        schemas = [schema for o in self.operations.values() for schema in (o.input, o.output) if schema]
        return frozenset(name for schema in schemas for name in _sensitive(schema))

    def created_by(self, operation: str) -> Resource | None:
        """The resource that a success of this operation creates, or None."""
        return next((r for r in self.resources.values() if r.create == operation), None)


def _sensitive(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        if inner.get("x-sensitive"):
            yield name
        yield from _sensitive(inner)
    if isinstance(schema.get("items"), Mapping):
        yield from _sensitive(schema["items"])


def load(path: Path | None = None, errors: Path | None = None) -> Contract:
    """The contract in `path` (default: the one shipped) with the error rows in `errors`.

    Raises ContractError with one sentence when a file cannot be read or is no such document.
    """
    text, document = _read(path, DOCUMENT)
    rows_text, rows = _read(errors, "errors.yaml")
    where = str(path or DOCUMENT)
    for key in ("openapi", "paths", "x-aws-service", "x-sources"):
        if key not in document:
            raise ContractError(f"{where} is not a contract document: it has no '{key}'.")
    try:
        return _contract(document, rows, text, _digest(_digest(text) + _digest(rows_text)), _file(path))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as problem:
        raise ContractError(f"{where} cannot be used as a contract: {type(problem).__name__}: {problem}.") from problem


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _file(path: Path | None) -> str:
    """The document's name in reports, which never tell where on this machine it lies."""
    if path is None:
        return f"openapi/{DOCUMENT}"
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()


def _read(path: Path | None, default: str) -> tuple[str, dict[str, Any]]:
    source: Any = path if path is not None else files("tunnelspec.openapi") / default
    try:
        text = source.read_text(encoding="utf-8")
        value = yaml.load(text, Loader=_Loader)
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise ContractError(f"Cannot read {source}: {reason}.") from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise ContractError(f"{source} is not valid YAML{line}.") from problem
    if not isinstance(value, dict):
        raise ContractError(f"{source} is not a contract document: it is not a mapping.")
    return text, value


def _contract(document: dict[str, Any], rows: dict[str, Any], text: str, digest: str, file: str) -> Contract:
    described = document["x-aws-service"]
    sources = {k: Source(k, v["title"], v["url"]) for k, v in document["x-sources"].items()}
    operations: dict[str, Operation] = {}
    for item in document["paths"].values():
        for method, raw in item.items():
            if method == "post":
                operation = _operation(document, raw, described)
                operations[operation.name] = operation
    contract = Contract(
        service=Service(
            target_prefix=described["targetPrefix"],
            signing_name=described["signingName"],
            content_type=described["contentType"],
            sdk_id=described.get("sdkId", described["targetPrefix"]),
            endpoint_variable=described.get("endpointVariable", "AWS_ENDPOINT_URL"),
        ),
        operations=operations,
        resources={k: read_resource(k, v) for k, v in document.get("x-resources", {}).items()},
        errors=read_errors(rows),
        situations=read_situations(rows),
        sources=sources,
        document=document,
        digest=digest,
        text=text,
        file=file,
    )
    for row in contract.constraints:
        missing = [cite for cite in row.cites if cite not in sources]
        if missing:
            raise ContractError(f"{row.name} cites '{missing[0]}', which is not in x-sources.")
    return contract


def _operation(document: dict[str, Any], raw: dict[str, Any], service: dict[str, Any]) -> Operation:
    name = raw["operationId"]
    media = raw["requestBody"]["content"][service["contentType"]]
    answer = raw["responses"]["200"].get("content", {}).get(service["contentType"])
    return Operation(
        name=name,
        target=f"{service['targetPrefix']}.{name}",
        summary=raw.get("summary", ""),
        input=inlined(document, media["schema"]),
        output=inlined(document, answer["schema"]) if answer else None,
        errors=tuple(raw.get("x-errors", ())),
        situation=raw.get("x-situation", "valid"),
        spends=raw.get("x-spends"),
        cites=tuple(raw.get("x-cites", ())),
        effect=Effect(raw.get("x-effect", Effect.CREATE)),
        per_second=raw.get("x-quota", {}).get("per-second"),
    )


def inlined(document: Mapping[str, Any], schema: Any, open_refs: tuple[str, ...] = ()) -> Any:
    """The schema with every local `$ref` replaced by what it names; siblings of `$ref` win.

    A recursive shape is cut where it meets itself again: there, anything is accepted.
    Raises ContractError for a reference that leads nowhere or outside the document.
    """
    if isinstance(schema, list):
        return [inlined(document, item, open_refs) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" not in schema:
        return {key: inlined(document, value, open_refs) for key, value in schema.items()}
    reference = schema["$ref"]
    if reference in open_refs:
        return {}
    target: Any = document
    if not reference.startswith("#/"):
        raise ContractError(f"$ref '{reference}' leads outside the document.")
    for part in reference[2:].split("/"):
        try:
            target = target[part.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError) as problem:
            raise ContractError(f"$ref '{reference}' leads nowhere.") from problem
    found: dict[str, Any] = inlined(document, target, (*open_refs, reference))
    siblings = {k: inlined(document, v, open_refs) for k, v in schema.items() if k != "$ref"}
    return {**found, **siblings}
