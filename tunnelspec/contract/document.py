"""Reads the contract documents into frozen values; knows OpenAPI and our `x-` keywords, no service.

`load()` reads the document that ships with the package, `load(path)` any other AWS JSON document written the
same way. Everything that the suite knows about a service comes from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from tunnelspec.contract.constraints import Constraint, constraints_of
from tunnelspec.contract.errors import ContractError
from tunnelspec.contract.lines import Lines
from tunnelspec.contract.member import Member, MemberError, read_member
from tunnelspec.contract.oracle import ErrorRow, Situation, read_errors, read_situations
from tunnelspec.contract.reading import SourceFile, read
from tunnelspec.contract.references import inlined, resolved
from tunnelspec.contract.resources import Resource, read_resource

Schema: TypeAlias = dict[str, Any]
DOCUMENT = "iotsecuretunneling-2018-10-05.yaml"


@dataclass(frozen=True, slots=True)
class Service:
    """What a client must know of the service to speak to it (the document's `x-aws-service`).

    `clock_skew_minutes` is how far the clocks of both may be apart before a signature is rejected, None if not known.
    """

    target_prefix: str
    signing_name: str
    content_type: str
    sdk_id: str
    endpoint_variable: str
    clock_skew_minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A place where a rule can be read."""

    id: str
    title: str
    url: str


class Effect(StrEnum):
    """What an operation can do to the target: change nothing, change something, create something.

    An operation of which the document does not say may do anything.
    """

    READ = "read"
    WRITE = "write"
    CREATE = "create"


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation: its target header, its request and response, and its modelled errors.

    `input_schema` and `output_schema` are the JSON Schemas of which `input` and `output` are the parsed form,
    with every `$ref` replaced. `per_second` is the documented quota of calls, None where there is none.
    Compared by identity.
    """

    name: str
    target: str
    summary: str
    input: Member
    output: Member | None
    input_schema: Schema
    output_schema: Schema | None
    errors: tuple[str, ...]
    situation: str = "valid"
    spends: str | None = None
    cites: tuple[str, ...] = ()
    effect: Effect = Effect.CREATE
    per_second: float | None = None


@dataclass(frozen=True, eq=False)
class Contract:
    """The whole contract of a service. Values are read-only by convention; nothing mutates them.
    Compared by identity.

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
        return tuple(row for called in self.operations.values() for row in constraints_of(called.name, called.input))

    @cached_property
    def constraint(self) -> Mapping[str, Constraint]:
        """The constraints by name."""
        return MappingProxyType({row.name: row for row in self.constraints})

    @cached_property
    def denials(self) -> frozenset[str]:
        """The errors that report a wrong signature or wrong credentials."""
        rows = (row for row in self.situations.values() if row.authentication)
        return frozenset(code for row in rows for code in (*row.codes, *row.tolerated_codes))

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The names of all members that the document marks as sensitive, at any depth."""
        members = (m for o in self.operations.values() for body in (o.input, o.output) if body for m in body.walk())
        return frozenset(name for m in members for name, inner in m.properties.items() if inner.sensitive)

    @cached_property
    def throttling(self) -> frozenset[str]:
        """The errors by which the service asks for a slower pace."""
        return frozenset(row.code for row in self.errors.values() if row.retryable and row.inconclusive)

    def headers(self, operation: str) -> tuple[tuple[str, str], ...]:
        """The header fields by which AWS JSON dispatches a call."""
        return (
            ("Content-Type", self.service.content_type),
            ("X-Amz-Target", self.operations[operation].target),
        )

    def cited(self, ids: Iterable[str]) -> list[Source]:
        """The sources of these ids, each once; what is no source of the document is left out."""
        return [self.sources[name] for name in dict.fromkeys(ids) if name in self.sources]

    def created_by(self, operation: str) -> Resource | None:
        """The resource that a success of this operation creates, or None."""
        return next((r for r in self.resources.values() if r.create == operation), None)


def load(path: Path | None = None, errors: Path | None = None) -> Contract:
    """The contract in `path` (default: the one shipped) with the error rows in `errors`.

    Raises ContractError with one sentence when a file cannot be read or is not such a document.
    """
    return _shipped() if path is None and errors is None else _loaded(path, errors)


@cache
def _shipped() -> Contract:
    """No file of a user: one contract for the whole process, and with it the cases that are made of a contract."""
    return _loaded(None, None)


def _loaded(path: Path | None, errors: Path | None) -> Contract:
    document, rows = read(path, DOCUMENT, "contract"), read(errors, "errors.yaml", "oracle")
    try:
        contract = _contract(document, rows)
        for problem, line in _inconsistencies(contract):
            raise ContractError(problem, line=line)
    except ContractError as problem:
        raise ContractError(problem.problem, problem.file or str(path or document.name), problem.line) from problem
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as problem:
        # What the schema of the documents does not rule out.
        reason = f"cannot be used as a contract ({type(problem).__name__}: {problem})"
        raise ContractError(reason, str(path or document.name)) from problem
    return contract


def _contract(document: SourceFile, rows: SourceFile) -> Contract:
    values = document.values
    described = values["x-aws-service"]
    service = Service(
        target_prefix=described["targetPrefix"],
        signing_name=described["signingName"],
        content_type=described["contentType"],
        sdk_id=described.get("sdkId", described["targetPrefix"]),
        endpoint_variable=described.get("endpointVariable", "AWS_ENDPOINT_URL"),
        clock_skew_minutes=described.get("clockSkewMinutes"),
    )
    lines = Lines(document.text, service.content_type)
    posts = (item["post"] for item in values["paths"].values() if "post" in item)
    operations: dict[str, Operation] = {}
    for post in posts:
        operation = _operation(values, post, service, lines)
        if operation.name in operations:
            raise ContractError(f"two operations are called {operation.name}", line=lines.operation(operation.name))
        operations[operation.name] = operation
    return Contract(
        service=service,
        operations=operations,
        resources={k: read_resource(k, v) for k, v in values.get("x-resources", {}).items()},
        errors=read_errors(rows.values),
        situations=read_situations(rows.values),
        sources={k: Source(k, v["title"], v["url"]) for k, v in values["x-sources"].items()},
        document=values,
        digest=_digest(_digest(document.text) + _digest(rows.text)),
        text=document.text,
        file=document.name,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _operation(document: Schema, raw: Schema, service: Service, lines: Lines) -> Operation:
    name = raw["operationId"]

    def schema(part: object) -> Schema | None:
        media = resolved(document, part).get("content", {}).get(service.content_type)
        inline_schema: Schema | None = inlined(document, media["schema"]) if media else None
        return inline_schema

    try:
        request, response = schema(raw["requestBody"]), schema(raw["responses"]["200"])
        if request is None:
            raise ContractError(f"its request body has no content of type {service.content_type}")
        return Operation(
            name=name,
            target=f"{service.target_prefix}.{name}",
            summary=raw.get("summary", ""),
            input=read_member(request),
            output=None if response is None else read_member(response),
            input_schema=request,
            output_schema=response,
            errors=tuple(raw.get("x-errors", ())),
            situation=raw.get("x-situation", "valid"),
            spends=raw.get("x-spends"),
            cites=tuple(raw.get("x-cites", ())),
            effect=Effect(raw.get("x-effect", Effect.CREATE)),
            per_second=raw.get("x-quota", {}).get("per-second"),
        )
    except MemberError as problem:
        line = lines.keyword(name, problem.path, problem.keyword)
        raise ContractError(f"{name}/{problem.problem}", line=line if line > 1 else lines.operation(name)) from problem
    except ContractError as problem:
        raise ContractError(f"{name}: {problem.problem}", line=lines.operation(name)) from problem


def _inconsistencies(contract: Contract) -> Iterator[tuple[str, int | None]]:
    """Names that lead nowhere in the document or the oracle's rows, each as a problem with its line."""
    lines = Lines(contract.text, contract.service.content_type)
    for row in contract.constraints:
        for cite in row.cites:
            if cite not in contract.sources:
                yield f"{row.name} cites '{cite}', which is not in x-sources", lines.constraint(row)
    for name, operation in contract.operations.items():
        if operation.situation not in contract.situations:
            yield (
                f"{name} has the situation '{operation.situation}', which is not in errors.yaml",
                lines.operation(name),
            )
        secrets = operation.output.properties if operation.output is not None else {}
        for member in operation.input.walk():
            for returned in {secret for names in member.returns.values() for secret in names} - secrets.keys():
                yield (
                    f"{name}/{member.path} returns '{returned}', which its response does not have",
                    lines.operation(name),
                )
            named = member.identifies
            if named is None:
                continue
            resource = contract.resources.get(named.resource)
            if resource is None or named.by not in resource.identifiers:
                problem = f"{name}/{member.path} identifies '{named.resource}' by '{named.by}', not in x-resources"
                yield problem, lines.operation(name)
    for resource in contract.resources.values():
        calls = [resource.create, resource.delete]
        calls += [resource.find.list, resource.find.tags, resource.find.describe] if resource.find else []
        for call in calls:
            if call not in contract.operations:
                yield f"x-resources.{resource.name} names '{call}', which is no operation of the document", None
