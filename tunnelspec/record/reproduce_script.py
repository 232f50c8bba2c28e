"""A script of calls as a reader can play it again: a shell script with `curl` and `jq`, and a Python program.

Both take credentials from the environment, delete what they opened, and show tokens by a digest only.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from tunnelspec.contract import Contract
from tunnelspec.edits import EDITS
from tunnelspec.exchange import Exchange, Live, Request
from tunnelspec.scenario.shrink import names
from tunnelspec.verdict import Finding


def curl(steps: Sequence[Exchange], url: str, region: str, contract: Contract) -> str:
    """Shell lines: each call as `curl`, identifiers of earlier responses inserted by `jq`."""
    service = contract.service
    call = [
        f"call() {{ curl -sS --aws-sigv4 aws:amz:{region}:{service.signing_name}",
        '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
        f"-H 'Content-Type: {service.content_type}' -H \"X-Amz-Target: {service.target_prefix}.$1\"",
        f'--data-binary "$2" {shlex.quote(url)}; }}',
    ]
    lines = [" ".join(call)]
    for index, request in enumerate(_requests(steps)):
        shown = f"call {request.operation} {_shell(request.body)}"
        last = index == len(steps) - 1
        lines.append(shown if last or not request.returns else f"{request.returns}=$({shown})")
    return "\n".join(lines)


def _shell(body: Mapping[str, Any]) -> str:
    wanted = sorted(names(body))
    if not wanted:
        return shlex.quote(json.dumps(body))
    given = " ".join(f'--argjson {name} "${name}"' for name in wanted)
    return f'"$(jq -nc {given} {shlex.quote(_jq(body))})"'


def _jq(value: Any) -> str:
    """A jq expression that makes the value."""
    if isinstance(value, Live):
        identifier = f"${value.resource}.{value.member}"
        return EDITS[value.edit].jq(identifier) if value.edit else identifier
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)}: {_jq(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_jq(inner) for inner in value) + "]"
    return json.dumps(value)


_HEAD = '''\
"""{title}"""
import hashlib, json, os, re
import requests
from requests_aws4auth import AWS4Auth

URL = {url!r}
AUTH = AWS4Auth(
    os.environ.get("AWS_ACCESS_KEY_ID", "test"), os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
    {region!r}, {signing_name!r}, session_token=os.environ.get("AWS_SESSION_TOKEN"),
)


def call(operation, body):
    headers = {{"Content-Type": {content_type!r}, "X-Amz-Target": {prefix!r} + operation}}
    response = requests.post(
        URL, data=json.dumps(body), headers=headers, auth=AUTH, allow_redirects=False, timeout=30)
    # A token is shown by its digest, which shows whether two are the same and gives no access.
    shown = re.sub({sensitive!r}, lambda m: m[1] + hashlib.sha256(m[2].encode()).hexdigest()[:8], response.text)
    print(operation, json.dumps(body), "->", response.status_code, shown)
    return json.loads(response.text or "{{}}")


'''


def python(steps: Sequence[Exchange], finding: Finding, url: str, region: str, contract: Contract) -> str:
    """A program that sends the calls with requests and prints every response, the wrong one last."""
    service = contract.service
    head = _HEAD.format(
        title=f"{finding.rule}: the response to the last of these {len(steps)} calls is wrong.",
        url=url,
        region=region,
        signing_name=service.signing_name,
        content_type=service.content_type,
        prefix=service.target_prefix + ".",
        sensitive=rf'("(?:{"|".join(sorted(_sensitive(contract)))})":\s*")([^"]*)',
    )
    body, opened = [], []
    for index, request in enumerate(_requests(steps)):
        if index == len(steps) - 1:
            body += [
                f"# Requirement: {_line(finding.requirement)}",
                f"# Observed: {_line(finding.observation)}",
            ]
        shown = f"call({request.operation!r}, {_literal(request.body)})"
        body.append(f"{request.returns} = {shown}" if request.returns else shown)
        if request.returns and contract.created_by(request.operation) is not None:
            opened.append(request.returns)
    lines = [*(f"{name} = {{}}" for name in opened), "try:", *(f"    {line}" for line in body), "finally:"]
    resource = next(iter(contract.resources.values()))
    ends = ", ".join(
        f"{key!r}: opened.get({resource.identifiers[value['$member']]!r})"
        if isinstance(value, Mapping)
        else f"{key!r}: {value!r}"
        for key, value in resource.delete_body.items()
    )
    lines.append(f"    for opened in ({''.join(name + ', ' for name in opened)}):")
    lines.append(f"        call({resource.delete!r}, {{{ends}}})")
    return head + "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return json.dumps(text)[1:-1]


def _literal(value: Any) -> str:
    """The value as a Python expression."""
    if isinstance(value, Live):
        identifier = f"{value.resource}[{value.member!r}]"
        return EDITS[value.edit].python(identifier) if value.edit else identifier
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!a}: {_literal(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(inner) for inner in value) + "]"
    return ascii(value)


def _requests(steps: Sequence[Exchange]) -> list[Request]:
    return [step.request for step in steps if isinstance(step.request, Request)]


def _sensitive(contract: Contract) -> set[str]:
    found = {
        name
        for operation in contract.operations.values()
        for name, member in (operation.output.properties.items() if operation.output else ())
        if member.sensitive
    }
    return found or {"(?!)"}


def call_line(step: Exchange) -> str:
    """A call in one line, by the names of what earlier calls returned: `t1 = Operation {}`."""
    if isinstance(step.request, Request):
        return line(step.request)
    return f"{step.sent.method} {step.operation or 'no operation'}, {len(step.sent.body)} bytes"


def line(request: Request) -> str:
    """A request in one line."""
    name = f"{request.returns} = " if request.returns else ""
    return f"{name}{request.operation} {_value(request.body)}"


def _value(value: Any) -> str:
    if isinstance(value, Live):
        edit = f" {EDITS[value.edit].words}" if value.edit else ""
        return f"{value.resource}.{value.member}{edit}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)}: {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    return json.dumps(value)
