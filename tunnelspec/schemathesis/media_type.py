"""AWS JSON 1.1 as a media type: how bodies are written and responses read."""

from __future__ import annotations

import json

import schemathesis

from tunnelspec.schemathesis.document import CONTRACT


@schemathesis.serializer(CONTRACT.service.content_type)
def serialize(_: schemathesis.SerializationContext, value: object) -> bytes:
    """The body as UTF-8, or with JSON escapes where half a surrogate pair cannot be."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


@schemathesis.deserializer(CONTRACT.service.content_type)
def deserialize(_: schemathesis.DeserializationContext, response: schemathesis.Response) -> object:
    """The response; an empty body, which AWS JSON allows where there is no output, is an empty object."""
    return json.loads(response.content) if response.content else {}
