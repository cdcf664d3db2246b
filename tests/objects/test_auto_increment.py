"""AutoIncrement fields: their settings, and the numbers in their values."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.fields.auto_increment import AutoIncrement
from dmc_widgets.objects.fields.field_rules import FieldRules, compile_check
from tests.objects.memory_documents import MemoryDocuments, text_field, ticket

SETTINGS = {"prefix": "A-", "suffix": "/x", "initialValue": "0010"}


def refusal(**settings: Any) -> str | None:
    """Store a definition with a field of these settings; say why it is refused."""
    listed = [{"name": k, "value": v} for k, v in settings.items()]
    field = text_field(businessType="AutoIncrement", objectFieldSettings=listed)
    decision = MemoryDocuments().change(ticket(objectFields=[field]))
    return decision.message if isinstance(decision, Problem) else None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (SETTINGS, None),
        ({"initialValue": 7}, None),
        ({"initialValue": "1", "prefix": "aZ9 -/:,.()[]{}#$%+"}, None),
        ({}, "The settings initialValue are required for object field title"),
        (
            {"initialValue": "one"},
            "The value one of setting initialValue is invalid for object field title",
        ),
        (
            {"initialValue": "1", "prefix": "a_b"},
            "The value a_b of setting prefix is invalid for object field title",
        ),
        (
            {"initialValue": "1", "suffix": "é"},
            "The value é of setting suffix is invalid for object field title",
        ),
    ],
)
def test_settings_are_checked_with_the_definition(
    settings: dict[str, Any], message: str | None
) -> None:
    assert refusal(**settings) == message


def test_affix_has_fifty_characters_at_most() -> None:
    assert refusal(initialValue="1", prefix="a" * 50) is None
    assert refusal(initialValue="1", prefix="a" * 51) is not None


def test_numbers_have_the_width_of_the_initial_value() -> None:
    numbering = AutoIncrement.of("code", SETTINGS)

    assert numbering.text(10) == "A-0010/x"
    assert numbering.text(12345) == "A-12345/x"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("A-0010/x", 10),
        ("A-99/x", 99),
        ("A-9/x", None),
        ("B-0010/x", None),
        ("A-0010", None),
        ("A-/x", None),
        ("A-1٣/x", None),
        ("A-+12/x", None),
        ("A-" + "9" * 18 + "/x", 999_999_999_999_999_999),
        ("A-" + "9" * 19 + "/x", None),
        (10, None),
    ],
)
def test_value_keeps_prefix_suffix_and_the_least_number(
    value: Any, number: int | None
) -> None:
    assert AutoIncrement.of("code", SETTINGS).number(value) == number


def test_prefix_and_suffix_do_not_overlap() -> None:
    numbering = AutoIncrement.of("code", {"prefix": "1", "suffix": "1"})

    assert numbering.number("1") is None
    assert numbering.number("11") is None
    assert numbering.number("121") == 2


def test_value_without_the_fields_format_is_invalid() -> None:
    rules = FieldRules(name="code", type="AutoIncrement", settings=SETTINGS)

    assert compile_check(rules)("B-1") == Problem(
        "invalid-value",
        '"B-1" is not a number of the field "code", whose first one is "A-0010/x". '
        'The value is invalid for object field "code"',
        "code",
        '"B-1"',
        'The value is invalid for object field "code"',
    )
