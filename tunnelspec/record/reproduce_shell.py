"""A finding as a shell script for `sh`: `curl`, and `jq` where a call needs what an earlier one returned.

curl cannot send everything: what it cannot, the Python program sends.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tunnelspec.contract import Contract
from tunnelspec.edits import EDITS
from tunnelspec.exchange import PLAIN, Live, RawRequest
from tunnelspec.record.steps import LONGEST_ROW, CallToSend, deletion, long_row, steps, written
from tunnelspec.runner.case import Evidence

#: Stands where curl cannot send a request as it was sent.
NO_CURL = "# curl cannot send this as it was sent: the Python program does"
#: curl signs as SDKs do, without a header that is omitted.
_SIGNED_OTHERWISE = ("unknown_key", "wrong_secret", "region", "service", "authorization", "omitted")
_TOKEN = '${AWS_SESSION_TOKEN:+-H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"}'


class _NoCurl(Exception):
    """curl cannot send a request as it was sent."""


#: Long bodies by the name of the file that a script reads them from.
Bodies: TypeAlias = dict[str, str]


def curl(evidence: Evidence, url: str, region: str, contract: Contract) -> str:
    """The call as one line to paste, or a script where it needs other calls before it."""
    calls = steps(evidence, contract)
    if len(calls) > 1 or calls[0].uses:
        return script(evidence, url, region, contract)
    try:
        source, words = _command(calls[0], url, region, contract)
    except _NoCurl:
        return NO_CURL
    return f"{source}curl -sS -i {words}"


def script(evidence: Evidence, url: str, region: str, contract: Contract, bodies: Bodies | None = None) -> str:
    """The lines of a script: the set-up, the calls, each response, and the deletion of what they opened.

    Calls whose responses no other needs go over one connection, as they did. Long bodies are added to `bodies`, if it
    is given, and read from the files that it names.
    """
    calls = steps(evidence, contract)
    lines, together = [], list[str]()
    try:
        for step in calls:
            source, words = _command(step, url, region, contract, bodies)
            if not step.returns and not source:
                together.append(words)
                continue
            lines += _together(together)
            together = []
            if step.returns:
                # The status goes to the error output, so that the variable holds the body alone.
                shown = (
                    f"{step.returns}=$({source}curl -sS -w '%{{stderr}}%{{http_code}} %{{content_type}}\\n' {words})"
                )
                lines += [shown, f"printf '%s\\n' \"${step.returns}\""]
            else:
                lines.append(f"{source}curl -sS -i {words}")
    except _NoCurl:
        return NO_CURL
    lines += _together(together)
    for step in calls:
        if step.deletes:
            lines.append(_deletion(step, url, region, contract))
    return "\n".join(lines)


def _together(commands: Sequence[str]) -> list[str]:
    return ["curl -sS -i " + " --next -sS -i ".join(commands)] if commands else []


def _deletion(step: CallToSend, url: str, region: str, contract: Contract) -> str:
    assert step.deletes is not None
    identifier = next(value.member for value in deletion(step).values() if isinstance(value, Live))
    delete = step.deletes.delete
    words = _words(RawRequest(b"", delete, contract.headers(delete)), url, region, contract)
    has = f"printf '%s' \"${step.returns}\" | jq -e '.{identifier}?' >/dev/null 2>&1"
    return f"if {has}; then curl -sS {words} --data-binary {_jq(deletion(step), [step.returns])}; fi"


def _command(
    step: CallToSend, url: str, region: str, contract: Contract, bodies: Bodies | None = None
) -> tuple[str, str]:
    """What feeds standard input, with its pipe, and the words after `curl`. Raises _NoCurl."""
    words = _words(step.sent, url, region, contract)
    if step.request is not None and step.uses:
        return "", f"{words} --data-binary {_jq(step.request.body, step.uses, bodies)}"
    body = step.sent.body
    text = body.decode("utf-8", "replace")
    if len(body) <= LONGEST_ROW and text.encode() == body and text.isprintable() and not text.startswith("@"):
        return "", f"{words} --data-binary {shlex.quote(text)}"
    row = long_row(body)
    if bodies is not None and row is None and len(body) > LONGEST_ROW and text.encode() == body:
        return "", f"{words} --data-binary @{_file(text, 'json', bodies)}"
    return f"{_bytes(body, row)} | ", f"{words} --data-binary @-"


def _words(sent: RawRequest, url: str, region: str, contract: Contract) -> str:
    """The options of a request but for its body. Raises _NoCurl."""
    names = [name.lower() for name, _ in sent.headers]
    texts = [sent.path, *(f"{name}{value}" for name, value in sent.headers)]
    if sent.wire != PLAIN or sent.method == "HEAD" or not all(text.isprintable() for text in texts):
        raise _NoCurl
    if len(set(names)) < len(names) or {"content-length", "transfer-encoding"} & set(names):
        raise _NoCurl
    words = ["-X", sent.method, "--path-as-is", "-g"] if set(sent.path) & set("[]{}.") else ["-X", sent.method]
    words.append(shlex.quote(url.rstrip("/") + sent.path))
    words += _signature(sent, region, contract.service.signing_name)
    if "content-type" not in names:
        words += ["-H", "Content-Type:"]
    for name, value in sent.headers:
        words += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    return " ".join(words)


def _signature(sent: RawRequest, region: str, signing_name: str) -> list[str]:
    """The options that sign, correctly or as the request says. Raises _NoCurl."""
    if not sent.sign:
        return []
    plan = sent.signing
    if plan is not None and any(
        getattr(plan, name) for name in plan.__dataclass_fields__ if name not in _SIGNED_OTHERWISE
    ):
        raise _NoCurl
    if plan is not None and (plan.token is not None or plan.altered_body is not None):
        raise _NoCurl
    if plan is not None and plan.authorization is not None:
        return ["-H", shlex.quote(f"Authorization: {plan.authorization}")] if plan.authorization else []
    key, secret = "$AWS_ACCESS_KEY_ID", "$AWS_SECRET_ACCESS_KEY"
    if plan is not None:
        key = "AKIDNOBODYHASTHISKEY" if plan.unknown_key else key
        secret = "a-secret-of-nobody" if plan.unknown_key or plan.wrong_secret else secret
        region, signing_name = plan.region or region, plan.service or signing_name
    # In double quotes, so that the shell fills them in.
    return ["--aws-sigv4", shlex.quote(f"aws:amz:{region}:{signing_name}"), "--user", f'"{key}:{secret}"', _TOKEN]


def _bytes(body: bytes, row: tuple[int, int] | None) -> str:
    """Shell words that print the bytes, a long row of one byte by a loop. `sh` has no escapes but those of printf."""
    if row is None:
        return f"printf '{_octal(body)}'"
    start, end = row
    fill = f"head -c {end - start} /dev/zero | tr '\\000' '{_octal(body[start : start + 1])}'"
    return f"{{ printf '{_octal(body[:start])}'; {fill}; printf '{_octal(body[end:])}'; }}"


def _octal(data: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and b not in b"'\\%" else f"\\{b:03o}" for b in data)


def _jq(body: Mapping[str, object], wanted: Sequence[str], bodies: Bodies | None = None) -> str:
    given = " ".join(f'--argjson {name} "${name}"' for name in wanted)
    expression = written(body, _identifier)
    if bodies is not None and len(expression) > LONGEST_ROW:
        return f'"$(jq -nc {given} -f {_file(expression, "jq", bodies)})"'
    return f'"$(jq -nc {given} {shlex.quote(expression)})"'


def _file(text: str, suffix: str, bodies: Bodies) -> str:
    """The name of a file with this text, which is added to the bodies."""
    name = f"body-{hashlib.sha256(text.encode()).hexdigest()[:8]}.{suffix}"
    bodies[name] = text
    return name


def _identifier(live: Live) -> str:
    """A jq expression."""
    identifier = f"${live.resource}.{live.member}"
    return EDITS[live.edit].jq(identifier) if live.edit else identifier
