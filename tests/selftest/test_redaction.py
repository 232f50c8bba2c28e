"""Secrets and control characters are taken out of every text, in every form, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tunnelspec.client import Redactor
from tunnelspec.client.redaction import KEPT
from tunnelspec.contract import Contract
from tunnelspec.printable import safe

from .secret_forms import ENCODINGS, SECRET, SESSION, leaks, token

_KNOWN = (token(7), SECRET, SESSION)


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    """One that has learnt these secrets after thousands of others."""
    redactor = Redactor()
    for number in range(2000):
        redactor.learn(token(1000 + number), "another")
    for secret in _KNOWN:
        redactor.learn(secret, "label")
    return redactor


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=list(ENCODINGS))
@pytest.mark.parametrize("secret", _KNOWN, ids=["token", "secret", "session"])
def test_a_secret_goes_in_every_form(encode: Callable[[str], str], secret: str, redactor: Redactor) -> None:
    """Between other text, in whatever way it is written, whole or cut; the text around it stays."""
    text = redactor.text(f'zz "{encode(secret)}" zz')
    assert leaks(text, set()) == []
    assert text.startswith('zz "')
    assert text.endswith('" zz')
    assert "<redacted:" in text
    assert len(text) < 70, "less than four characters of each end may stay"


def test_memory_is_bounded_and_the_last_tokens_are_known() -> None:
    """Of each kind the last ones are held; credentials stay, whatever else is learnt."""
    redactor = Redactor()
    redactor.learn(SECRET, "secret-key")
    for number in range(3 * KEPT):
        redactor.learn(token(number), "sourceAccessToken")
    assert "Canary" not in redactor.text(f"{SECRET} {token(3 * KEPT - 1)} {token(2 * KEPT)}")
    assert sum(map(len, redactor._secrets.values())) == KEPT + 1
    assert len(redactor._windows) <= 15 * (KEPT + 1)


def test_names_of_members_and_parts_of_secrets_are_no_secrets(contract: Contract) -> None:
    """A token that holds the name of its member does not make that name one; only a whole secret seals."""
    redactor = Redactor(contract.sensitive)
    redactor.learn("mock-0123-sourceAccessToken", "sourceAccessToken")
    assert redactor.text("the member sourceAccessToken") == "the member sourceAccessToken"
    redactor.learn("0000aaaa-1111-4222-8333-444455556666-source", "sourceAccessToken")
    assert not redactor.holds_secret("0000aaaa-1111-4222-8333-444455556666")
    assert redactor.holds_secret("x-0000AAAA-1111-4222-8333-444455556666-source")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: text, äöü 漢字", "plain: text, äöü 漢字"),
        ("\x1b[31m\r\n\0", "\\u{1B}[31m\\u{D}\\u{A}\\u{0}"),
        ("a\u202eb\u200dc\ufeff", "a\\u{202E}b\\u{200D}c\\u{FEFF}"),
        ("::add-mask::x", ":\\u{3A}add-mask:\\u{3A}x"),
        ("##vso[x] ##[y] ###", "#\\u{23}vso[x] #\\u{23}[y] #\\u{23}\\u{23}"),
        ("\\u{1B}", "\\u{5C}u{1B}"),
        ("\ud800", "\\u{D800}"),
    ],
)
def test_text_from_outside_neither_acts_nor_hides(text: str, shown: str) -> None:
    """On one line, every character visible, and no command of a continuous-integration system at any place."""
    assert safe(text) == shown


def test_members_are_redacted_before_they_are_known(contract: Contract) -> None:
    """Wherever a sensitive member occurs, also where the text ends in the middle of it."""
    redactor = Redactor(contract.sensitive)
    for text in (
        '{"a": [{"destinationAccessToken": "abc/def+1234567890"}]}',
        '{"sourceAccessToken":"abc/def+12345',
        "{'sourceAccessToken': 'abc/def+1234567890'}",
        '"{\\"sourceAccessToken\\":\\"abc/def+1234567890\\"}"',
    ):
        assert "abc/def" not in redactor.text(text)


def test_what_is_no_secret_stays(contract: Contract) -> None:
    """Tags whose keys look like secrets, digests, and reproductions stay as they are."""
    redactor = Redactor(contract.sensitive)
    redactor.learn(SECRET, "secret-key")
    text = json.dumps(
        {
            "tags": [{"key": "sourceAccessToken", "value": "yes"}, {"key": "password", "value": "Signature"}],
            "digest": "ab" * 32,
            "curl": 'curl --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "X-Amz-Target: a.B"',
        }
    )
    assert redactor.text(text) == text


def test_reprs_hold_neither_bodies_nor_secrets() -> None:
    """Test runners print the reprs of what they hold."""
    from tunnelspec.client import Credentials, Endpoint
    from tunnelspec.exchange import Exchange, RawRequest, Response

    raw = RawRequest(b"Canary", "A", (("Authorization", "Canary"),))
    answer = Response(200, (("X", "Canary"),), b"Canary")
    target = Endpoint("https://x", "r", Credentials("Canary", "Canary", "Canary"), False, False)
    assert "Canary" not in repr((Exchange(raw, raw, answer, secrets=frozenset({"Canary"})), target))
