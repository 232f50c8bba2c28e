"""What an owner of a Schemathesis set-up would write by hand for this API, at their best: no line of ours.

Loaded by `st run` as its hooks. It teaches AWS JSON 1.1 and SigV4, pins the dispatch header and notes every
failure with its time. With `RACE_TUNED` set it also has an exact validator look at every generated body, so
that what Schemathesis takes for valid or invalid is, and what AWS's sources leave open is not sent.
"""

from __future__ import annotations

import json
import os
import time
from functools import cache
from typing import Any

import jsonschema
import regex
import schemathesis
from jsonschema.validators import extend
from requests_aws4auth import AWS4Auth

TUNED = os.environ.get("RACE_TUNED", "")
MEDIA_TYPE = "application/x-amz-json-1.1"


@schemathesis.serializer(MEDIA_TYPE)
def _serialized(_: Any, value: Any) -> bytes:
    return json.dumps(value).encode()


@schemathesis.deserializer(MEDIA_TYPE)
def _deserialized(_: Any, response: Any) -> Any:
    return json.loads(response.content) if response.content else {}


schemathesis.auth.set_from_requests(  # type: ignore[attr-defined]
    AWS4Auth("AKIDRACE", "secret-of-the-race", "us-east-1", "IoTSecuredTunneling")
)


@schemathesis.hook
def before_call(_: Any, case: Any, **kwargs: Any) -> None:
    """Dispatch by the header, and only by it."""
    case.headers["X-Amz-Target"] = case.operation.path.split("=", 1)[1]


@schemathesis.hook
def filter_failure(_: Any, failure: Any, case: Any, response: Any) -> bool:
    """Note each failure: when, where and of what kind. Tuned, one is dropped that is none for this API."""
    if TUNED and failure.title == "Schema-valid request rejected" and _names_nothing(case, response):
        return False
    line = {"at": time.time(), "where": case.operation.path, "what": failure.title}
    with open(os.environ["RACE_FAILURES"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return True


def _names_nothing(case: Any, response: Any) -> bool:
    """Whether a valid request was refused for want of what it names: AWS JSON answers 400 to that, not 404."""
    made_up = isinstance(case.body, dict) and "nextToken" in case.body
    return made_up or b"ResourceNotFoundException" in response.content


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Any:
    if isinstance(value, str) and not regex.search(pattern.replace("$", r"\Z"), value):
        yield jsonschema.ValidationError(f"does not match {pattern}")


_Validator: Any = extend(jsonschema.Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


@cache
def _validators() -> dict[str, Any]:
    with open(TUNED, encoding="utf-8") as file:
        document = json.load(file)
    return {
        path: _Validator(
            {
                **item["post"]["requestBody"]["content"][MEDIA_TYPE]["schema"],
                "components": document["components"],
            }
        )
        for path, item in document["paths"].items()
    }


def _undecided(value: Any) -> bool:
    """What AWS's sources leave open: fractions for integers, what resembles a boolean, nulls and duplicates."""
    if isinstance(value, dict):
        fraction = any(isinstance(value.get(name), float) for name in ("maxResults", "maxLifetimeTimeoutMinutes"))
        resembles = not isinstance(value.get("delete", False), bool | None)
        return fraction or resembles or any(map(_undecided, value.values()))
    if isinstance(value, list):
        keys = [repr(item.get("key")) for item in value if isinstance(item, dict)]
        return None in value or len(keys) > len(set(keys)) or any(map(_undecided, value))
    return False


if TUNED:

    @schemathesis.hook
    def filter_case(_: Any, case: Any) -> bool:
        """Valid bodies are valid and broken ones are broken, by an exact validator."""
        if case.meta is None or not isinstance(case.body, dict):
            return True
        valid = _validators()[case.operation.path].is_valid(case.body)
        return not _undecided(case.body) and valid != case.meta.generation.mode.is_negative
