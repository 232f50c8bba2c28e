"""A request as a reader can send it again: one `curl` line and a few lines of Python.

Credentials are never written: both take them from the environment.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from tunnelspec.exchange import PLAIN, RawRequest, Wire
from tunnelspec.record import reproduce_signing

#: Longer bodies are cut in reports, and their reproduction reads them from a file.
LONGEST_BODY = 20_000
_CURL = "curl -sS "
_TOO_LONG = "  # too long for a line: write it with the Python below"


def curl_on_one_connection(calls: Sequence[RawRequest], url: str, region: str, signing_name: str) -> str:
    """One `curl` command that sends these one after another, which reuses the connection."""
    lines = [curl(sent, url, region, signing_name) for sent in calls]
    note = _TOO_LONG if any(_TOO_LONG in line for line in lines) else ""
    return _CURL + " --next ".join(line.replace(_TOO_LONG, "").removeprefix(_CURL) for line in lines) + note


def python_on_one_connection(calls: Sequence[RawRequest], url: str, region: str, signing_name: str) -> str:
    """Python lines that send these one after another through one session of requests."""
    programs = [python(sent, url, region, signing_name) for sent in calls]
    head = "import requests\nsession = requests.Session()\n"
    return head + "\n".join(program.replace("requests.request(", "session.request(") for program in programs)


def curl(sent: RawRequest, url: str, region: str, signing_name: str) -> str:
    """A `curl` command that sends the same bytes, signed with the environment's credentials."""
    if sent.signing is not None:
        return reproduce_signing.curl(sent, sent.signing, url, region, signing_name)
    parts = ["curl", "-sS", "-i", "-X", sent.method, _target(sent, url)]
    if sent.sign:
        parts += ["--aws-sigv4", f"aws:amz:{region}:{signing_name}"]
    words = [shlex.quote(part) for part in parts]
    if sent.sign:
        # In double quotes, so that the shell fills them in.
        words += ["--user", '"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"']
    present = {name.lower() for name, _ in sent.headers}
    headers = [f"{name}: {value}" for name, value in sent.headers]
    if "content-type" not in present and sent.method == "POST":
        headers.append("Content-Type:")
    words += _curl_wire(sent.wire, _target(sent, url))
    for header in [*headers, *_wire_fields(sent.wire)]:
        words += ["-H", shlex.quote(header)]
    return " ".join([*words, "--data-binary", _shell_bytes(sent.body)])


def python(sent: RawRequest, url: str, region: str, signing_name: str) -> str:
    """Python lines that send the same bytes with requests, signed by requests-aws4auth."""
    if sent.signing is not None:
        return reproduce_signing.python(sent, sent.signing, url, region, signing_name)
    auth = ""
    lines = ["import os, requests"]
    if sent.wire != PLAIN:
        lines.append("# The case writes this request in another form of HTTP, which requests cannot write.")
    if sent.sign:
        lines += [
            "from requests_aws4auth import AWS4Auth",
            "auth = AWS4Auth(os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SECRET_ACCESS_KEY'],"
            f" {region!r}, {signing_name!r},"
            " session_token=os.environ.get('AWS_SESSION_TOKEN'))",
        ]
        auth = ", auth=auth"
    body = sent.body
    data = repr(body) if len(body) <= LONGEST_BODY else _python_fill(body)
    lines += [
        f"r = requests.request({sent.method!r}, {_target(sent, url)!r}, data={data},"
        f" headers={dict(sent.headers)!r}{auth}, allow_redirects=False)",
        "print(r.status_code, r.text)",
    ]
    return "\n".join(lines)


def _curl_wire(wire: Wire, target: str) -> list[str]:
    return ["--request-target", shlex.quote(target)] if wire.absolute_target else []


def _wire_fields(wire: Wire) -> list[str]:
    """The header fields that make curl write a request so; it cannot vary white space, chunks and pieces."""
    fields = {
        "Transfer-Encoding: chunked": wire.chunk_sizes is not None,
        "Expect: 100-continue": wire.expect_continue,
        "Connection: close": wire.close,
    }
    return [field for field, is_needed in fields.items() if is_needed]


def _target(sent: RawRequest, url: str) -> str:
    return url.rstrip("/") + sent.path


def _shell_bytes(body: bytes) -> str:
    if len(body) > LONGEST_BODY:
        return "@body.json" + _TOO_LONG
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and text.isprintable() and not text.startswith("@"):
        return shlex.quote(text)
    escaped = "".join(chr(b) if 32 <= b < 127 and b not in (39, 92) else f"\\x{b:02x}" for b in body)
    return f"$'{escaped}'"


def _python_fill(body: bytes) -> str:
    """Long bodies here are a short head, one repeated byte, and a short tail."""
    middle = body[len(body) // 2 : len(body) // 2 + 1]
    start = body.find(middle * 64)
    end = body.rfind(middle * 64) + 64
    if start < 0 or end - start < len(body) - 2 * LONGEST_BODY:
        return repr(body[:200]) + f"  # … {len(body)} bytes in all"
    return f"{body[:start]!r} + {middle!r} * {end - start} + {body[end:]!r}"
