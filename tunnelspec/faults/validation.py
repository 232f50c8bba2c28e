"""Faults of validation that people really make, beyond the mechanical ones in `derived`.

A catalogue: its entries are small, stand by themselves, and are looked up by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from tunnelspec.emulator import ApiError, Emulator
from tunnelspec.emulator.validation import fits
from tunnelspec.faults.registry import fault

UNICODE = "Unicode handling"
LOOSE = "constraint not enforced"


def _rewritten(emulator: Emulator, shape: str, rewrite: Callable[[str], str]) -> None:
    """Run texts of a shape by what they become under `rewrite`."""

    def walk(schema: dict[str, object]) -> None:
        if schema.get("x-shape") == shape:
            plain = {"pattern": schema["pattern"]}
            schema["matcher"] = lambda text: fits(plain, rewrite(text))
        for inner in (*_dicts(schema.get("properties")), schema.get("items")):
            if isinstance(inner, dict):
                walk(inner)

    for schema in emulator.schemas.values():
        walk(schema)


def _dicts(value: object) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else []


@fault(
    "validation/joiner-in-description",
    sentence="A zero width joiner is taken in a description.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/description/pattern/excludes-Cf-U+200D",
)
def joiner_in_description(emulator: Emulator) -> None:
    _rewritten(emulator, "Description", lambda text: text.replace("\u200d", "a"))


@fault(
    "validation/unassigned-in-description",
    sentence="A noncharacter is taken in a description.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/description/pattern/excludes-Cn-*",
)
def unassigned_in_description(emulator: Emulator) -> None:
    _rewritten(emulator, "Description", lambda text: re.sub("[\ufdd0-\ufdef\ufffe\uffff]", "a", text))


@fault(
    "validation/private-use-in-description",
    sentence="Private use characters are taken in a description.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/description/pattern/excludes-Co-*",
)
def private_use_in_description(emulator: Emulator) -> None:
    _rewritten(
        emulator,
        "Description",
        lambda text: re.sub("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]", "a", text),
    )


@fault(
    "validation/combining-mark-in-tag",
    sentence="A combining mark is taken in a tag.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/tags[].key/pattern/excludes-Mn-*",
)
def combining_mark_in_tag(emulator: Emulator) -> None:
    for shape in ("TagKey", "TagValue"):
        _rewritten(
            emulator,
            shape,
            lambda text: "".join(c for c in text if unicodedata.category(c) != "Mn"),
        )


@fault(
    "validation/astral-letter-refused",
    sentence="Letters beyond the basic plane are refused in tags.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/tags[].key/pattern/admits-L*",
)
def astral_letter_refused(emulator: Emulator) -> None:
    for shape in ("TagKey", "TagValue"):
        _rewritten(emulator, shape, lambda text: re.sub("[^\0-\uffff]", "\0", text))


@fault(
    "validation/latin-only-tags",
    sentence="Only Latin letters are taken in tags.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/tags[].key/pattern/admits-L*",
)
def latin_only_tags(emulator: Emulator) -> None:
    for shape in ("TagKey", "TagValue"):
        _rewritten(emulator, shape, lambda text: re.sub("[^\0-\u024f]", "\0", text))


@fault(
    "validation/ascii-digits-only",
    sentence="Only the digits 0 to 9 count as numbers in tags.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/tags[].key/pattern/admits-N*",
)
def ascii_digits_only(emulator: Emulator) -> None:
    for shape in ("TagKey", "TagValue"):
        _rewritten(
            emulator,
            shape,
            lambda text: "".join("\0" if unicodedata.category(c)[0] == "N" and not c.isascii() else c for c in text),
        )


@fault(
    "validation/bytes-counted",
    sentence="The description's length is counted in bytes of UTF-8.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/description/pattern/longest-astral",
)
def bytes_counted(emulator: Emulator) -> None:
    _rewritten(emulator, "Description", lambda text: text if text.isascii() else text + "a" * 3 * len(text))


@fault(
    "validation/tags-normalised",
    sentence="Tags are normalised before they are judged, so that decomposed letters pass.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/tags[].key/pattern/excludes-Mn-*",
)
def tags_normalised(emulator: Emulator) -> None:
    for shape in ("TagKey", "TagValue"):
        _rewritten(emulator, shape, lambda text: unicodedata.normalize("NFC", text))


@fault(
    "validation/description-trimmed",
    sentence="The description is trimmed before it is judged.",
    defect_class=UNICODE,
    killer="validation/OpenTunnel/description/pattern/newline-at-the-end",
)
def description_trimmed(emulator: Emulator) -> None:
    _rewritten(emulator, "Description", lambda text: text.strip() or text)


@fault(
    "validation/digits-for-integer",
    sentence="A string of digits is taken for an integer.",
    defect_class=LOOSE,
    killer="validation/OpenTunnel/timeoutConfig.maxLifetimeTimeoutMinutes/type/as-digits",
)
def digits_for_integer(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, object]) -> dict[str, object]:
        timeout = body.get("timeoutConfig")
        if isinstance(timeout, dict):
            for key, value in timeout.items():
                if isinstance(value, str) and value.isdigit():
                    timeout[key] = int(value)
        return validate(operation, body)

    emulator.validate = changed  # type: ignore[method-assign]


@fault(
    "validation/client-mode-any-case",
    sentence="The client mode is taken in lower case too.",
    defect_class=LOOSE,
    killer="validation/RotateTunnelAccessToken/clientMode/enum/lower-case",
)
def client_mode_any_case(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, object]) -> dict[str, object]:
        mode = body.get("clientMode")
        return validate(operation, {**body, "clientMode": mode.upper()} if isinstance(mode, str) else body)

    emulator.validate = changed  # type: ignore[method-assign]


@fault(
    "validation/empty-tag-keys-refused",
    sentence="An empty list of tag keys is refused.",
    defect_class="valid input refused",
    killer="validation/UntagResource/tagKeys/minItems/at",
)
def empty_tag_keys_refused(emulator: Emulator) -> None:
    untag = emulator.operations["UntagResource"]

    def changed(params: dict[str, object]) -> dict[str, object]:
        if not params["tagKeys"]:
            raise ApiError("ValidationException", "empty")
        return untag(params)

    emulator.operations["UntagResource"] = changed


@fault(
    "validation/unknown-members-refused",
    sentence="A member that the service does not know is refused: against a SHOULD.",
    defect_class="valid input refused",
    killer="protocol/*/unknown-member",
)
def unknown_members_refused(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, object]) -> dict[str, object]:
        if not set(body) <= set(emulator.schemas[operation]["properties"]):
            raise ApiError("ValidationException", "unknown member")
        return validate(operation, body)

    emulator.validate = changed  # type: ignore[method-assign]


def _read_by(emulator: Emulator, kind: str, convert: Callable[[object], object]) -> None:
    """Read every value whose schema has this JSON type by `convert` first."""

    def walk(schema: dict[str, object]) -> None:
        if schema.get("type") == kind:
            schema["converter"] = convert
        for inner in (*_dicts(schema.get("properties")), schema.get("items")):
            if isinstance(inner, dict):
                walk(inner)

    for schema in emulator.schemas.values():
        walk(schema)


@fault(
    "validation/true-is-one",
    sentence="true is taken for the integer 1.",
    defect_class=LOOSE,
    killer="validation/*/maxResults/type/as-boolean",
)
def true_is_one(emulator: Emulator) -> None:
    _read_by(emulator, "integer", lambda value: int(value) if isinstance(value, bool) else value)


@fault(
    "validation/numbers-are-texts",
    sentence="A number is taken for the text of its digits.",
    defect_class=LOOSE,
    killer="validation/OpenTunnel/description/type/as-number",
)
def numbers_are_texts(emulator: Emulator) -> None:
    _read_by(
        emulator,
        "string",
        lambda value: str(value) if isinstance(value, int) and not isinstance(value, bool) else value,
    )


@fault(
    "validation/anything-printed",
    sentence="Whatever is no string is printed into one.",
    defect_class=LOOSE,
    killer="validation/OpenTunnel/description/type/as-list",
)
def anything_printed(emulator: Emulator) -> None:
    _read_by(emulator, "string", lambda value: value if isinstance(value, str) or value is None else repr(value))


@fault(
    "validation/one-is-a-list",
    sentence="A single element is taken for a list of it.",
    defect_class=LOOSE,
    killer="validation/UntagResource/tagKeys/type/as-string",
)
def one_is_a_list(emulator: Emulator) -> None:
    _read_by(emulator, "array", lambda value: value if isinstance(value, list) or value is None else [value])


@fault(
    "validation/integers-wrap",
    sentence="Integers keep their last 32 bits only.",
    defect_class=LOOSE,
    killer="validation/*/maxResults/maximum/around-32-bits",
)
def integers_wrap(emulator: Emulator) -> None:
    _read_by(
        emulator,
        "integer",
        lambda value: value % 2**32 if isinstance(value, int) and not isinstance(value, bool) else value,
    )


@fault(
    "validation/token-of-any-type",
    sentence="A page token that is no string is ignored.",
    defect_class=LOOSE,
    killer="validation/ListTunnels/nextToken/type/as-number",
)
def token_of_any_type(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, object]) -> dict[str, object]:
        token = body.get("nextToken")
        return validate(operation, body if isinstance(token, str) else {**body, "nextToken": None})

    emulator.validate = changed  # type: ignore[method-assign]


@fault(
    "validation/first-element-only",
    sentence="Of a list of tags only the first element is judged.",
    defect_class=LOOSE,
    killer="validation/*[]/type/second-*",
)
def first_element_only(emulator: Emulator) -> None:
    validate = emulator.validate

    def changed(operation: str, body: dict[str, object]) -> dict[str, object]:
        tags = body.get("tags")
        if not isinstance(tags, list):
            return validate(operation, body)
        return {**validate(operation, {**body, "tags": tags[:1] * len(tags)}), "tags": tags}

    emulator.validate = changed  # type: ignore[method-assign]
