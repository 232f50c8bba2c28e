"""A finding as a Python program of one file: its calls byte for byte on one connection, and the clean-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from tunnelspec.contract import Contract
from tunnelspec.edits import EDITS
from tunnelspec.exchange import PLAIN, Live, Signing, Wire
from tunnelspec.record.steps import CallToSend, deletion, long_row, not_reproducing, steps, written
from tunnelspec.runner.case import Evidence

_IMPORT = "import re\nimport sys\nfrom tunnelspec.record.standalone_client import Any, Client"


def python(evidence: Evidence, url: str, region: str, contract: Contract) -> str:
    """The program, which needs this package, or `standalone`.

    It prints every request and response; only the clean-up follows the one that shows the finding. The endpoint
    may be given as its argument. What it opens, it deletes.
    """
    service, calls = contract.service, steps(evidence, contract)
    finding = evidence.finding
    sensitive = "|".join(sorted(_sensitive(contract)))
    lines = [
        f"TYPE, TARGET = {service.content_type!a}, {service.target_prefix + '.'!a}",
        f"url = sys.argv[1] if len(sys.argv) > 1 else {url!a}",
        f"client = Client(url, {region!a}, {service.signing_name!a}, {sensitive!a})",
        *(f"{step.returns}: dict[str, object] = {{}}" for step in calls if step.returns),
        "try:",
    ]
    for number, step in enumerate(calls, 1):
        if number == len(calls):
            lines += [f"    # Expected: {_line(finding.requirement)}", f"    # Observed: {_line(finding.observation)}"]
        lines.append(f"    {step.returns} = {_call(step)}" if step.returns else f"    {_call(step)}")
    lines += [
        "except KeyError as missing:",
        "    print(f'A call before did not return {missing}, which the next one needs.')",
        "finally:",
    ]
    closing = [step for step in calls if step.deletes]
    for step in closing:
        assert step.deletes is not None
        identifiers = [value for value in deletion(step).values() if isinstance(value, Live)]
        present = " and ".join(f"{value.member!a} in {value.resource}" for value in identifiers) or "True"
        lines.append(f"    if {present}:")
        lines.append(f"        client.call(TARGET + {step.deletes.delete!a}, {_literal(deletion(step))}, TYPE)")
    if not closing:
        lines.append("    pass  # nothing was opened")
    note = not_reproducing(evidence)
    title = f'"""{_line(finding.rule)}{f": {note}" if note else ""}"""'
    return "\n".join([title, _IMPORT, *lines, ""])


def standalone(program: str) -> str:
    """The program with the client's source in place of its import, so that it needs the standard library alone."""
    text = Path(__file__).with_name("standalone_client.py").read_text(encoding="utf-8")
    imports, source = text.split('"""\n', 1)[1].split("\n\nSIGNED", 1)
    future = "from __future__ import annotations\n"
    title, _, calls = program.partition(f"\n{_IMPORT}\n")
    return f"{title}\n\n{future}{imports.split(future, 1)[1]}\nimport sys\n\nSIGNED{source}\n\n{calls}"


def _call(step: CallToSend) -> str:
    if step.request is not None and step.uses:
        return f"client.call(TARGET + {step.request.operation!a}, {_literal(step.request.body)}, TYPE)"
    sent = step.sent
    words = [f"{sent.method!a}", f"{sent.path!a}", f"{list(sent.headers)!a}", _bytes(sent.body)]
    words += [] if sent.sign else ["sign=False"]
    words += ["fresh=True"] if sent.fresh_connection else []
    words += [f"signing={differences(sent.signing, Signing())!a}"] if sent.signing else []
    words += [f"wire={differences(sent.wire, PLAIN)!a}"] if sent.wire != PLAIN else []
    return f"client.send({', '.join(words)})"


def differences(value: Signing | Wire, usual: Signing | Wire) -> dict[str, object]:
    """The fields in which one differs from the usual one, as a program's client takes them."""
    pairs = ((field.name, getattr(value, field.name), getattr(usual, field.name)) for field in fields(value))
    return {name: here for name, here, there in pairs if here != there}


def _bytes(body: bytes) -> str:
    """The bytes as an expression, a long row of one byte as a product."""
    row = long_row(body)
    if row is None:
        return repr(body)
    start, end = row
    return f"{body[:start]!r} + {body[start : start + 1]!r} * {end - start} + {body[end:]!r}"


def _literal(body: Mapping[str, object]) -> str:
    return written(body, _identifier, ascii)


def _identifier(live: Live) -> str:
    identifier = f"{live.resource}[{live.member!a}]"
    return EDITS[live.edit].python(identifier) if live.edit else identifier


def _line(text: str) -> str:
    """The text on one line, in ASCII, for a comment or a docstring."""
    return ascii(text)[1:-1].replace('"', "'")


def _sensitive(contract: Contract) -> set[str]:
    return {
        name
        for operation in contract.operations.values()
        for name, member in (operation.output.properties.items() if operation.output else ())
        if member.sensitive
    }
