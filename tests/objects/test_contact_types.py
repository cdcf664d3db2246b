"""EmailAddress and PhoneNumber fields."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.fields.field_rules import FieldRules, compile_check


def check(kind: str, value: Any, **settings: Any) -> Any:
    return compile_check(FieldRules(name="f", type=kind, settings=settings))(value)


def told(found: Any) -> tuple[str, str]:
    assert isinstance(found, Problem)
    return found.code, found.message


@pytest.mark.parametrize(
    "address",
    ["ada@example.com", "a.b+c@sub.example.co", "o'neil@localhost", "A_1@x-y.org"],
)
def test_address_is_stored_without_surrounding_blanks(address: str) -> None:
    assert check("EmailAddress", f"  {address}\t") == address


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "@example.com",
        "ada@",
        "a b@x.org",
        "a@@x.org",
        "a@-x.org",
        "a@x..org",
        "a..b@x.org",
        ".a@x.org",
        "ada@exämple.com",
        "a@x.org\nb@x.org",
    ],
)
def test_invalid_address_is_refused(address: str) -> None:
    assert told(check("EmailAddress", address)) == (
        "invalid-email-address",
        f'The email address "{address}" is invalid for object field "f"',
    )


@pytest.mark.parametrize("blocked", ["spam.org, junk.com", ["junk.com", "@Spam.org"]])
def test_address_of_a_blocked_domain_is_refused(blocked: Any) -> None:
    found = check("EmailAddress", "ada@SPAM.org", blockedDomains=blocked)

    assert told(found) == (
        "blocked-email-address-domain",
        'The domain of the email address "ada@SPAM.org" is blocked for object field '
        '"f"',
    )
    other = check("EmailAddress", "ada@no-spam.org", blockedDomains=blocked)
    assert other == "ada@no-spam.org"


def test_address_has_254_characters_at_most() -> None:
    domain = "x" * 60 + ".org"
    longest = "a" * (254 - len(domain) - 1) + f"@{domain}"

    assert check("EmailAddress", longest) == longest
    assert told(check("EmailAddress", f"a{longest}"))[0] == "exceeds-text-max-length"


@pytest.mark.parametrize(
    "number",
    ["+49 (0)30 123-456", "112", "030/1234.5", "+1 212 555 0100 ext. 12", "5550100x7"],
)
def test_phone_number_is_stored_as_written(number: str) -> None:
    assert check("PhoneNumber", number) == number


@pytest.mark.parametrize("number", ["call me", "12", "+", "()", "123; drop", "++4912"])
def test_invalid_phone_number_is_refused(number: str) -> None:
    assert told(check("PhoneNumber", number)) == (
        "invalid-phone-number",
        f'The phone number "{number}" is invalid for object field "f"',
    )


@pytest.mark.parametrize("kind", ["EmailAddress", "PhoneNumber"])
@pytest.mark.parametrize(
    ("value", "code"),
    [({"a": 1}, "invalid-value"), ("\ud800", "invalid-value")],
    ids=["object", "surrogate"],
)
def test_value_that_is_not_a_text_is_refused(kind: str, value: Any, code: str) -> None:
    assert told(check(kind, value))[0] == code


@pytest.mark.parametrize("kind", ["EmailAddress", "PhoneNumber"])
def test_blank_is_no_value(kind: str) -> None:
    assert check(kind, "  ") is None


@pytest.mark.parametrize("kind", ["EmailAddress", "PhoneNumber"])
@pytest.mark.parametrize("text", ["a@" + "x-" * 126, "1 " * 140 + "y", "a" * 254])
def test_texts_that_could_stall_a_pattern_are_refused(kind: str, text: str) -> None:
    """One that goes back and forth would take years, not fail."""
    assert isinstance(check(kind, text), Problem)
