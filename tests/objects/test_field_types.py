"""What each type of field takes, keeps and refuses, in Liferay's words."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.record import LargeText
from dmc_widgets.objects.fields.attachment import IncomingFile
from dmc_widgets.objects.fields.field_rules import (
    FieldRules,
    business_type_of,
    compile_check,
)
from dmc_widgets.objects.fields.picklist import (
    Choices,
    build_multiselect_check,
    build_picklist_check,
)
from dmc_widgets.objects.text import format_json

PICKLISTS = {"LEVELS": {"low": "Low", "high": "High"}}


def checked(type_: str, value: Any, **settings: Any) -> Any:
    """Check a value as a field ``f`` of *type_* does."""
    body = {
        "name": "f",
        "businessType": type_,
        "listTypeDefinitionExternalReferenceCode": "LEVELS",
        "objectFieldSettings": [{"name": k, "value": v} for k, v in settings.items()],
    }
    return compile_check(FieldRules.of(body, PICKLISTS))(value)


@pytest.mark.parametrize(
    ("type_", "value", "kept"),
    [
        ("Text", "a", "a"),
        ("Text", "", ""),
        ("Text", "x" * 280, "x" * 280),
        ("Text", "ü" * 280, "ü" * 280),
        ("Text", 5, "5"),
        ("Text", True, "true"),
        ("Text", Decimal("0.10"), "0.10"),
        ("Text", 7.0, "7"),
        ("Text", -0.0, "0"),
        ("Text", 1e-7, "0.0000001"),
        ("Text", 1.59001810629457e17, "159001810629457000"),
        ("Text", False, "false"),
        ("LongText", "x" * 65_000, "x" * 65_000),
        ("RichText", "<p>" * 40_000, "<p>" * 40_000),
        ("Integer", 2_147_483_647, 2_147_483_647),
        ("Integer", -2_147_483_648, -2_147_483_648),
        ("Integer", " 7 ", 7),
        ("Integer", 7.0, 7),
        ("Integer", Decimal("7.00"), 7),
        ("Integer", "", None),
        ("LongInteger", 9_007_199_254_740_991, 9_007_199_254_740_991),
        ("LongInteger", "-9007199254740991", -9_007_199_254_740_991),
        ("LongInteger", " ", None),
        ("Decimal", 1, 1.0),
        ("Decimal", 0.1, 0.1),
        ("Decimal", "1.5e3", 1500.0),
        ("Decimal", "", None),
        ("Decimal", "-1.1125369292536007e-308", -1.1125369292536007e-308),
        ("Decimal", " 1.7976931348623157e+308", 1.7976931348623157e308),
        ("Decimal", Decimal("5e-324"), 5e-324),
        ("Decimal", Decimal("0.1000000000000000000001"), 0.1),
        ("PrecisionDecimal", Decimal("0.1234567891234567"), "0.1234567891234567"),
        ("PrecisionDecimal", "12345678901234567890.5", "12345678901234567890.5"),
        ("PrecisionDecimal", 0.1, "0.1"),
        ("PrecisionDecimal", 100, "100"),
        ("PrecisionDecimal", "1.50", "1.5"),
        ("PrecisionDecimal", "1E+2", "100"),
        ("PrecisionDecimal", "-0.00", "0"),
        ("PrecisionDecimal", "", None),
        ("Boolean", True, True),
        ("Boolean", "false", False),
        ("Boolean", "TRUE", True),
        ("Boolean", "", None),
        ("Date", "2024-01-05", "2024-01-05"),
        ("Date", "2024-01-05T00:00:00.000Z", "2024-01-05"),
        ("Date", "2024-01-05T23:30:00-05:00", "2024-01-05"),
        ("Date", "", None),
        ("DateTime", "2024-01-05T15:00:00.000Z", "2024-01-05T15:00:00.000Z"),
        ("DateTime", "2024-01-05T15:00:00Z", "2024-01-05T15:00:00.000Z"),
        ("DateTime", "2024-01-05T15:00", "2024-01-05T15:00:00.000Z"),
        ("DateTime", "2024-01-05", "2024-01-05T00:00:00.000Z"),
        ("DateTime", "2024-01-05T15:00:00+02:00", "2024-01-05T13:00:00.000Z"),
        ("DateTime", "2024-01-05T15:00:00.1239+0000", "2024-01-05T15:00:00.123Z"),
        ("DateTime", " ", None),
        ("Picklist", "low", "low"),
        ("Picklist", {"key": "low"}, "low"),
        ("Picklist", {"key": "low", "name": "anything"}, "low"),
        ("Picklist", "", None),
        ("Picklist", {"key": "", "name": ""}, None),
        ("Picklist", {"key": None, "name": None}, None),
        ("Picklist", {"name": "High"}, "high"),
        ("Picklist", {"key": None, "name": " High "}, "high"),
        ("Picklist", {"key": "", "name": "High"}, "high"),
        ("Picklist", {"name_i18n": {"de_DE": "Low"}}, "low"),
        ("MultiselectPicklist", ["low", {"key": "high"}], ["low", "high"]),
        ("MultiselectPicklist", [{"name": "High"}, {"name": "Low"}], ["high", "low"]),
        ("MultiselectPicklist", {"name": "High"}, ["high"]),
        ("MultiselectPicklist", ["low", "low", None], ["low"]),
        ("MultiselectPicklist", {"key": "low"}, ["low"]),
        ("MultiselectPicklist", "low, high", ["low", "high"]),
        ("MultiselectPicklist", "[low, high]", ["low", "high"]),
        ("MultiselectPicklist", "[]", None),
        ("MultiselectPicklist", [], None),
        ("MultiselectPicklist", "", None),
        ("Attachment", {"id": 1, "link": [None, True]}, IncomingFile(id=1)),
        ("EmailAddress", "a@b", "a@b"),
        ("AutoIncrement", "1", "1"),
        ("AutoIncrement", 12, "12"),
        ("AutoIncrement", " ", None),
        ("Unheard", Decimal("1.5"), 1.5),
    ],
)
def test_value_is_accepted(type_: str, value: Any, kept: Any) -> None:
    result = checked(type_, value)

    assert result == kept
    assert type(result) is type(kept)


INVALID = 'The value is invalid for object field "f"'
TOO_LONG = (
    "Object entry value exceeds the maximum length of {} characters "
    'for object field "f"'
)
NO_DATE = "Unable to parse date that does not conform to ISO-8601"
NO_ENTRY = 'Object field name "f" is not mapped to a valid list type entry'
NO_INTEGER = "Object entry value exceeds integer field allowed size"
NO_LONG = "Object entry value exceeds long field allowed size"


@pytest.mark.parametrize(
    ("type_", "value", "code", "message"),
    [
        ("Text", "x" * 281, "exceeds-text-max-length", TOO_LONG.format(280)),
        ("LongText", "x" * 65_001, "exceeds-text-max-length", TOO_LONG.format(65000)),
        ("Text", {"a": 1}, "invalid-value", INVALID),
        ("RichText", ["a"], "invalid-value", INVALID),
        ("Integer", 2_147_483_648, "exceeds-integer-size", NO_INTEGER),
        ("Integer", "7.5", "exceeds-integer-size", NO_INTEGER),
        ("Integer", "1_000", "exceeds-integer-size", NO_INTEGER),
        ("Integer", "٣", "exceeds-integer-size", NO_INTEGER),
        ("Integer", True, "invalid-value", INVALID),
        ("Integer", [1], "invalid-value", INVALID),
        (
            "LongInteger",
            9_007_199_254_740_992,
            "exceeds-long-max-size",
            "Object entry value exceeds maximum long field allowed size",
        ),
        (
            "LongInteger",
            -9_007_199_254_740_992,
            "exceeds-long-min-size",
            "Object entry value falls below minimum long field allowed size",
        ),
        ("LongInteger", "many", "exceeds-long-size", NO_LONG),
        ("LongInteger", {}, "invalid-value", INVALID),
        ("Decimal", "many", "invalid-value", INVALID),
        ("Decimal", float("nan"), "invalid-value", INVALID),
        ("Decimal", float("inf"), "invalid-value", INVALID),
        ("Decimal", "1e5000", "invalid-value", INVALID),
        ("Decimal", 10**400, "invalid-value", INVALID),
        ("Decimal", "1_000", "invalid-value", INVALID),
        ("PrecisionDecimal", "1,5", "invalid-value", INVALID),
        ("PrecisionDecimal", False, "invalid-value", INVALID),
        ("PrecisionDecimal", Decimal("1E+400"), "invalid-value", INVALID),
        ("Boolean", "yes", "invalid-value", INVALID),
        ("Boolean", 1, "invalid-value", INVALID),
        ("Date", "05/01/2024", "invalid-date", NO_DATE),
        ("Date", "2024-W01-1", "invalid-date", NO_DATE),
        ("Date", "2024-02-30", "invalid-date", NO_DATE),
        ("Date", "٢٠٢٤-٠١-٠٥", "invalid-date", NO_DATE),
        ("Date", 1704412800000, "invalid-date", NO_DATE),
        ("DateTime", "2024-01-05 15:00:00", "invalid-date", NO_DATE),
        ("DateTime", "2024-01-05T25:00:00.000Z", "invalid-date", NO_DATE),
        ("DateTime", "2024-W01-1T15:00:00.000Z", "invalid-date", NO_DATE),
        ("DateTime", "0001-01-01T00:00:00+10:00", "invalid-date", NO_DATE),
        ("DateTime", {"a": 1}, "invalid-date", NO_DATE),
        ("Picklist", "ghost", "list-type-entry", NO_ENTRY),
        ("Picklist", {"key": "ghost"}, "list-type-entry", NO_ENTRY),
        ("Picklist", {}, "invalid-value", INVALID),
        ("Picklist", 5, "list-type-entry", NO_ENTRY),
        ("Picklist", {"key": ["low"]}, "invalid-value", INVALID),
        ("Picklist", {"name": "Middle"}, "list-type-entry", NO_ENTRY),
        ("Picklist", {"name": ["Low"]}, "invalid-value", INVALID),
        ("Picklist", {"name_i18n": {"en_US": 5}}, "invalid-value", INVALID),
        ("Picklist", {"label": "Low"}, "invalid-value", INVALID),
        ("Picklist", "Low", "list-type-entry", NO_ENTRY),
        ("MultiselectPicklist", [{}], "invalid-value", INVALID),
        ("MultiselectPicklist", {"name": "Middle"}, "list-type-entry", NO_ENTRY),
        ("Encrypted", "  ", "invalid-value", INVALID),
        ("Text", float("nan"), "invalid-value", INVALID),
        ("Picklist", ["low"], "invalid-value", INVALID),
        ("MultiselectPicklist", ["low", "ghost"], "list-type-entry", NO_ENTRY),
        ("MultiselectPicklist", 5, "list-type-entry", NO_ENTRY),
        ("Attachment", float("nan"), "invalid-value", INVALID),
        ("Attachment", {"a": 2**64}, "invalid-value", INVALID),
        ("Attachment", {"a": ["\ud800"]}, "invalid-value", INVALID),
        ("Attachment", {1: "a"}, "invalid-value", INVALID),
        ("Attachment", object(), "invalid-value", INVALID),
    ],
)
def test_value_is_refused(type_: str, value: Any, code: str, message: str) -> None:
    problem = checked(type_, value)

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field, problem.as_liferay) == (code, "f", message)


@pytest.mark.parametrize(
    ("type_", "value", "cause"),
    [
        ("Integer", "abc", '"abc" in the field "f" is not a whole number.'),
        ("Integer", 7.5, '7.5 in the field "f" is not a whole number.'),
        (
            "Integer",
            2_147_483_648,
            '2147483648 in the field "f" is more than 2,147,483,647, the largest whole '
            "number that the field can hold.",
        ),
        ("LongInteger", "abc", '"abc" in the field "f" is not a whole number.'),
        (
            "LongInteger",
            "-9007199254740992",
            '"-9007199254740992" in the field "f" is less than -9,007,199,254,740,991, '
            "the smallest whole number that the field can hold.",
        ),
        (
            "Decimal",
            "1,5",
            '"1,5" in the field "f" is not a number that the field can hold. Write '
            "digits and a decimal point, such as 1234.5, or say in the mapping how the "
            "file writes numbers.",
        ),
        (
            "PrecisionDecimal",
            "abc",
            '"abc" in the field "f" is not a number that the field can hold. Write '
            "digits and a decimal point, such as 1234.5, or say in the mapping how the "
            "file writes numbers.",
        ),
        (
            "Boolean",
            "yes",
            '"yes" in the field "f" is neither true nor false. If the file writes them '
            "otherwise, say so in the mapping.",
        ),
        (
            "Date",
            45000,
            '45000 in the field "f" is not a date like 2024-01-05 or '
            "2024-01-05T15:00:00Z. If the file writes dates otherwise, say so in the "
            "mapping.",
        ),
        (
            "Picklist",
            {"name": "Middle"},
            'The picklist of the field "f" has no entry named "Middle". Its entries: '
            "low (Low), high (High).",
        ),
        (
            "Picklist",
            "Low",
            'The picklist of the field "f" has no key "Low". It is a name; the key is '
            "low. Its entries: low (Low), high (High).",
        ),
        ("Text", ["a"], 'The field "f" takes a text.'),
        (
            "Encrypted",
            " \t",
            'The value of the field "f" consists of blanks, which cannot be encrypted. '
            "Leave it empty to store no value.",
        ),
        (
            "Attachment",
            {"name": "a.pdf"},
            'The file "a.pdf" has neither an id nor an external reference code, and '
            "brings no content (fileBase64).",
        ),
    ],
)
def test_message_states_the_cause_before_liferays_text(
    type_: str, value: Any, cause: str
) -> None:
    problem = checked(type_, value)

    assert isinstance(problem, Problem)
    assert problem.message == f"{cause} {problem.as_liferay}"


def picklist(*entries: dict[str, Any]) -> Choices:
    return Choices.of_picklist({"listTypeEntries": list(entries)})


COLOURS = picklist(
    {"key": "red", "name": "Red", "name_i18n": {"en_US": "Red", "de_DE": "Rot"}},
    {"key": "dark", "name": "Dark", "name_i18n": {"de_DE": "Dunkel"}},
    {"key": "black", "name": "Black", "name_i18n": {"en_GB": "Dark"}},
)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"name": "Rot"}, "red"),
        ({"name": "Dunkel"}, "dark"),
        ({"name_i18n": {"de_DE": "Rot", "en_US": "Red"}}, "red"),
        ({"name": "Black", "name_i18n": {"en_GB": "Dark"}}, "black"),
        ({"key": "red", "name": "Dark"}, "red"),
    ],
)
def test_name_in_any_language_finds_its_entry(value: Any, kept: str) -> None:
    assert build_picklist_check("hue", COLOURS)(value) == kept


def test_name_of_two_entries_is_refused_with_their_keys() -> None:
    problem = build_picklist_check("hue", COLOURS)({"name": "Dark"})

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == ("list-type-entry", "hue")
    assert problem.message == (
        '2 entries of the picklist of the field "hue" are named "Dark": dark, black. '
        'Give the key of the one that is meant. Object field name "hue" is not mapped '
        "to a valid list type entry"
    )


def test_picklist_with_unknown_entries_accepts_keys_but_not_names() -> None:
    check = build_picklist_check("hue", Choices(is_known=False))

    assert check("anything") == "anything"
    problem = check({"name": "Red"})
    assert isinstance(problem, Problem)
    assert problem.message.startswith(
        'The picklist of the field "hue" has no entry named "Red". Its entries are not '
        "known here, so give the key."
    )


def test_message_lists_the_first_entries_of_a_long_picklist() -> None:
    many = Choices.of({f"k{number}": f"k{number}" for number in range(12)})
    problem = build_picklist_check("hue", many)("ghost")

    assert isinstance(problem, Problem)
    assert "Its entries: k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, and 2 more." in (
        problem.message
    )


@pytest.mark.parametrize("value", [7, 7.0, Decimal(7), "7"])
def test_key_is_found_by_its_digits(value: Any) -> None:
    check = build_multiselect_check("size", Choices.of({"7": "Seven"}))

    assert check(value) == ["7"]
    assert check([value]) == ["7"]
    assert check({"key": value}) == ["7"]


def test_counter_sets_the_length_of_a_text() -> None:
    assert checked("Text", "abcd", showCounter=True, maxLength="3").message == (
        TOO_LONG.format(3)
    )
    assert checked("LongText", "abcd", showCounter="true", maxLength=3).message == (
        TOO_LONG.format(3)
    )
    assert checked("Text", "abcd", showCounter=False, maxLength=3) == "abcd"
    assert checked("Text", "x" * 281, showCounter=True, maxLength=300) == "x" * 281


@pytest.mark.parametrize(
    ("type_", "code"),
    [
        ("Text", "exceeds-text-max-length"),
        ("LongText", "exceeds-text-max-length"),
        ("Encrypted", "exceeds-text-max-length"),
        ("Integer", "exceeds-integer-size"),
        ("LongInteger", "exceeds-long-size"),
        ("Decimal", "invalid-value"),
        ("PrecisionDecimal", "invalid-value"),
        ("Boolean", "invalid-value"),
        ("Date", "invalid-date"),
        ("DateTime", "invalid-date"),
        ("Picklist", "invalid-value"),
        ("MultiselectPicklist", "invalid-value"),
        ("AutoIncrement", "invalid-value"),
        ("Attachment", "invalid-value"),
    ],
)
def test_large_text_is_refused_without_loading_it(type_: str, code: str) -> None:
    """Its size is enough for the check, and a report shows its beginning."""

    def never() -> Iterator[bytes]:
        raise AssertionError

    problem = checked(type_, LargeText(2_000_000, "In the", never))

    assert isinstance(problem, Problem)
    assert (problem.code, problem.field) == (code, "f")
    assert problem.value in {'"In the…"', None}


@pytest.mark.parametrize("type_", ["RichText", "Unheard"])
def test_large_text_is_loaded_where_any_length_is_allowed(type_: str) -> None:
    """Up to what may be held of a record."""
    assert checked(type_, LargeText(2, "ab", lambda: iter([b"a", b"b"]))) == "ab"
    too_large = checked(type_, LargeText(64 * 1024 * 1024 + 1, "ab", lambda: iter([])))
    assert isinstance(too_large, Problem)


def test_large_text_counts_by_its_characters() -> None:
    """A setting may allow as much; a character is three bytes at most."""
    settings = {"showCounter": True, "maxLength": 4}
    text = LargeText(8, "ääää", lambda: iter(["ääää".encode()]))
    longer = LargeText(10, "äääää", lambda: iter(["äääää".encode()]))

    assert checked("LongText", text, **settings) == "ääää"
    assert checked("LongText", longer, **settings).message == TOO_LONG.format(4)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("2024-01-05T15:00:00.000Z", "2024-01-05T15:00:00.000"),
        ("2024-01-05T15:00:00.000", "2024-01-05T15:00:00.000"),
        ("2024-01-05T15:00:00.12Z", "2024-01-05T15:00:00.120"),
        ("2024-01-05T15:00:00+02:00", "2024-01-05T15:00:00.000"),
    ],
)
def test_time_as_entered_keeps_its_clock_and_loses_its_zone(
    value: str, kept: str
) -> None:
    assert checked("DateTime", value, timeStorage="useInputAsEntered") == kept


def test_too_deep_nesting_is_refused() -> None:
    value: Any = "x"
    for _ in range(5000):
        value = [value]

    problem = checked("Attachment", value)

    assert problem.code == "invalid-value"
    assert problem.value == '"(a value that JSON cannot hold)"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é", '"é"'),
        ("\ud800", '"\\ud800"'),
        (Decimal("1.50"), '"1.50"'),
        ({"a": None}, '{"a": null}'),
        (None, "null"),
    ],
)
def test_rejected_value_is_reported_as_json(value: Any, text: str) -> None:
    assert format_json(value) == text


@pytest.mark.parametrize(
    ("body", "type_"),
    [
        ({"businessType": "Picklist", "DBType": "String"}, "Picklist"),
        ({"DBType": "Clob"}, "LongText"),
        ({"type": "Long"}, "LongInteger"),
        ({"DBType": "BigDecimal"}, "PrecisionDecimal"),
        ({"DBType": "Double"}, "Decimal"),
        ({"DBType": "Date"}, "Date"),
        ({}, "Text"),
    ],
)
def test_missing_business_type_follows_from_the_db_type(
    body: dict[str, str], type_: str
) -> None:
    assert business_type_of(body) == type_


@given(st.decimals(allow_nan=False, allow_infinity=False, places=16))
def test_no_digit_of_a_precision_decimal_is_lost(number: Decimal) -> None:
    assert Decimal(checked("PrecisionDecimal", number)) == number


@given(st.datetimes())
def test_stored_date_time_is_accepted_again(moment: Any) -> None:
    kept = checked("DateTime", moment.isoformat())

    assert checked("DateTime", kept) == kept


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    ),
    st.sampled_from(
        [
            "Text",
            "Integer",
            "LongInteger",
            "Decimal",
            "PrecisionDecimal",
            "Boolean",
            "Date",
            "DateTime",
            "Picklist",
            "MultiselectPicklist",
            "Attachment",
        ]
    ),
)
def test_stored_value_is_accepted_again(value: Any, type_: str) -> None:
    if value is None:
        return  # never handed to a check

    kept = checked(type_, value)

    if kept is not None and not isinstance(kept, Problem):
        assert checked(type_, kept) == kept


PICKLIST_MEMBERS = {"key", "name", "name_i18n"}


def is_empty(value: Any, type_: str) -> bool:
    """Return True for what a file may write where there is no value."""
    if isinstance(value, str):
        return not value.strip(" \t\n\r[],") or not value.strip()
    if isinstance(value, dict):
        members = PICKLIST_MEMBERS if "Picklist" in type_ else value.keys()
        read = [value[name] for name in members & value.keys()]
        return bool(read) and all(inner in (None, "", 0) for inner in read)
    if isinstance(value, list):
        return all(inner is None or is_empty(inner, type_) for inner in value)
    return value is None or (value == 0 and not isinstance(value, bool))


MEMBERS = st.sampled_from(
    ["key", "name", "name_i18n", "id", "externalReferenceCode", "fileBase64", "code"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(MEMBERS | st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(
    JSON,
    st.sampled_from(
        [
            "Attachment",
            "AutoIncrement",
            "Boolean",
            "Date",
            "DateTime",
            "Decimal",
            "EmailAddress",
            "Encrypted",
            "Integer",
            "LongInteger",
            "LongText",
            "MultiselectPicklist",
            "PhoneNumber",
            "Picklist",
            "PrecisionDecimal",
            "RichText",
            "Text",
        ]
    ),
)
def test_value_with_content_never_becomes_null(value: Any, type_: str) -> None:
    """A value is stored or refused; only an empty one is stored as no value."""
    if value is not None and checked(type_, value) is None:
        assert is_empty(value, type_)
