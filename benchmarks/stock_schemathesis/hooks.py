"""The hooks that a user of Schemathesis could write by hand for this API; they import nothing of tunnelspec.

Loaded by `st run`. They add AWS JSON 1.1 and SigV4, pin the dispatch header and record every
failure with its time. With `BENCHMARK_TUNED` set, an exact validator filters the generated bodies, so that valid
ones are valid and invalid ones invalid, and unspecified behaviour is not tested.
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

TUNED = os.environ.get("BENCHMARK_TUNED", "")
MEDIA_TYPE = "application/x-amz-json-1.1"


@schemathesis.serializer(MEDIA_TYPE)
def _serialized(_: Any, value: Any) -> bytes:
    return json.dumps(value).encode()


@schemathesis.deserializer(MEDIA_TYPE)
def _deserialized(_: Any, response: Any) -> Any:
    return json.loads(response.content) if response.content else {}


schemathesis.auth.set_from_requests(  # type: ignore[attr-defined]
    AWS4Auth("AKIDBENCHMARK", "secret-of-the-benchmark", "us-east-1", "IoTSecuredTunneling")
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
    with open(os.environ["BENCHMARK_FAILURES"], "a", encoding="utf-8") as file:
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
