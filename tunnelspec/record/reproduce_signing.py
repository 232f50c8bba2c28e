"""A request with a wrong signature, as a reader can send it again.

curl signs rightly or not at all, so that it shows only what its options can say; Python shows the rest.
"""

from __future__ import annotations

import shlex

from tunnelspec.client.signing import SIGNED
from tunnelspec.exchange import RawRequest, Signing

_KEYS = "os.environ['AWS_ACCESS_KEY_ID'], os.environ['AWS_SECRET_ACCESS_KEY']"
_NOBODY = "'AKIDNOBODYHASTHISKEY', 'a-secret-that-belongs-to-nobody-at-all'"


def curl(sent: RawRequest, plan: Signing, url: str, region: str, signing_name: str) -> str:
    """A `curl` command, or one line that says why there is none."""
    words = ["curl", "-sS", "-i", "-X", sent.method, url.rstrip("/") + sent.path]
    if plan.authorization is not None:
        words += ["-H", f"Authorization: {plan.authorization}"] if plan.authorization else []
    elif plan.unknown_key or plan.wrong_secret or plan.region or plan.service:
        scope = f"aws:amz:{plan.region or region}:{plan.service or signing_name}"
        words += ["--aws-sigv4", scope, "--user"]
    else:
        return "# curl cannot sign a request in this way: see the Python lines"
    command = " ".join(shlex.quote(word) for word in words)
    if words[-1] == "--user":
        key = "AKIDNOBODYHASTHISKEY" if plan.unknown_key else "$AWS_ACCESS_KEY_ID"
        secret = "a-secret-of-nobody" if plan.unknown_key or plan.wrong_secret else "$AWS_SECRET_ACCESS_KEY"
        command += f' "{key}:{secret}"'
    headers = " ".join(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in sent.headers)
    return f"{command} {headers} --data-binary {shlex.quote(sent.body.decode())}"


def python(sent: RawRequest, plan: Signing, url: str, region: str, signing_name: str) -> str:
    """Python lines that sign with requests-aws4auth, or botocore, and then do what is wrong."""
    target = url.rstrip("/") + sent.path
    lines = ["import os, requests"]
    if plan.in_query:
        return "# the request is signed in the query string, as botocore.auth.SigV4QueryAuth does it"
    lines += ["from datetime import datetime, timedelta, timezone", "from requests_aws4auth import AWS4Auth"]
    keys = _NOBODY if plan.unknown_key else _KEYS
    if plan.wrong_secret:
        keys = "os.environ['AWS_ACCESS_KEY_ID'], 'a-secret-that-belongs-to-nobody-at-all'"
    token = "os.environ.get('AWS_SESSION_TOKEN')"
    if plan.token is not None:
        token = repr(plan.token or None)
    scope = f"{plan.region or region!r}, {plan.service or signing_name!r}"
    lines += [
        f"auth = AWS4Auth({keys}, {scope}, session_token={token})",
        f"r = requests.Request({sent.method!r}, {target!r}, data={sent.body!r}, headers={dict(sent.headers)!r})",
        "p = r.prepare()",
    ]
    if plan.unsigned:
        lines.append(f"auth.include_hdrs = {sorted(SIGNED - set(plan.unsigned))!r}")
    if plan.skew_s:
        lines += [
            f"when = datetime.now(timezone.utc) + timedelta(seconds={plan.skew_s})",
            "p.headers['x-amz-date'] = when.strftime('%Y%m%dT%H%M%SZ')",
        ]
    lines.append("auth(p)")
    if plan.cut is not None:
        lines.append(f"p.headers['Authorization'] = p.headers['Authorization'].split({plan.cut!r})[0]")
    if plan.authorization:
        lines.append(f"p.headers['Authorization'] = {plan.authorization!r}")
    elif plan.authorization is not None:
        lines.append("del p.headers['Authorization']")
    lines += [f"p.headers[{name!r}] = {value!r}" for name, value in plan.altered_headers]
    if plan.altered_body is not None:
        lines += [f"p.body = {plan.altered_body!r}", "p.headers['Content-Length'] = str(len(p.body))"]
    lines += ["r = requests.Session().send(p, allow_redirects=False)", "print(r.status_code, r.text)"]
    return "\n".join(lines)
