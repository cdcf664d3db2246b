"""Filters as texts: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.errors import InvalidQuery
from dmc_widgets.model.query.filter_expression import (
    And,
    AnyOf,
    Comparison,
    FieldPath,
    Literal,
    LiteralValue,
    Not,
    OneOf,
    Operator,
    Or,
)
from dmc_widgets.model.query.filter_parser import parse_filter
from dmc_widgets.model.query.sort_order import SortKey, parse_sort

A = Comparison(FieldPath("a", 1), Operator.EQUAL, Literal(1, 6))


def test_a_blank_filter_is_none() -> None:
    """Forms and requests hand in what was left empty."""
    assert parse_filter(" \n") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("'it''s'", "it's", id="doubled-quote"),
        pytest.param("''", "", id="empty-text"),
        pytest.param("'ä ÿ 🚲'", "ä ÿ 🚲", id="beyond-ascii"),
        pytest.param("'2024-01-05'", "2024-01-05", id="a-day-in-quotes-is-text"),
        pytest.param("-7", -7, id="negative"),
        pytest.param(
            "123456789012345678901234567890",
            123456789012345678901234567890,
            id="thirty-digits",
        ),
        pytest.param("2.50", Decimal("2.50"), id="decimal"),
        pytest.param("1e3", Decimal("1E+3"), id="exponent"),
        pytest.param("true", True, id="true"),
        pytest.param("false", False, id="false"),
        pytest.param("null", None, id="null"),
        pytest.param("2024-02-29", date(2024, 2, 29), id="day"),
        pytest.param(
            "2024-01-05T15:00:00Z",
            datetime(2024, 1, 5, 15, tzinfo=UTC),
            id="moment",
        ),
        pytest.param(
            "2024-01-05T15:00:00.250+02:00",
            datetime(2024, 1, 5, 15, 0, 0, 250_000, timezone(timedelta(hours=2))),
            id="moment-of-a-zone",
        ),
        pytest.param(
            "2024-01-05T15:00",
            datetime(2024, 1, 5, 15),  # noqa: DTZ001 - it has no zone
            id="clock-time",
        ),
    ],
)
def test_a_literal_is_read(text: str, value: LiteralValue) -> None:
    """Each kind of value keeps its type and all its digits."""
    expression = parse_filter(f"a eq {text}")

    assert expression == Comparison(
        FieldPath("a", 1), Operator.EQUAL, Literal(value, 6)
    )
    assert isinstance(expression, Comparison)
    assert type(expression.literal.value) is type(value)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        pytest.param(
            "a eq 1 or a eq 1 and not a eq 1",
            Or(
                (
                    A,
                    And(
                        (
                            Comparison(
                                FieldPath("a", 11), Operator.EQUAL, Literal(1, 16)
                            ),
                            Not(
                                Comparison(
                                    FieldPath("a", 26), Operator.EQUAL, Literal(1, 31)
                                )
                            ),
                        )
                    ),
                )
            ),
            id="and-binds-tighter-than-or",
        ),
        pytest.param(
            "((a eq 1))",
            Comparison(FieldPath("a", 3), Operator.EQUAL, Literal(1, 8)),
            id="parentheses",
        ),
        pytest.param(
            "status/code le 2",
            Comparison(FieldPath("status/code", 1), Operator.AT_MOST, Literal(2, 16)),
            id="nested-path",
        ),
        pytest.param(
            "contains(title,'x')",
            Comparison(FieldPath("title", 10), Operator.CONTAINS, Literal("x", 16)),
            id="function",
        ),
        pytest.param(
            "a in ('x', 'y')",
            OneOf(FieldPath("a", 1), (Literal("x", 7), Literal("y", 12))),
            id="in",
        ),
        pytest.param(
            "tags/any(t:t eq 'x')",
            AnyOf(
                FieldPath("tags", 1),
                "t",
                Comparison(FieldPath("t", 12), Operator.EQUAL, Literal("x", 17)),
            ),
            id="any",
        ),
    ],
)
def test_an_expression_is_read(text: str, expression: object) -> None:
    """OData's precedence: not, then and, then or."""
    assert parse_filter(text) == expression


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "title eq",
            " at character 9: expected a value: 'text', 7, 2.5, true, null or "
            "2024-01-05; found the end.",
            id="no-value",
        ),
        pytest.param(
            "title = 'x'",
            " at character 7: '=' is not part of a filter. Texts stand in single "
            "quotation marks: 'x'.",
            id="other-sign",
        ),
        pytest.param(
            "title EQ 'x'",
            " at character 7: expected eq, ne, gt, ge, lt, le or in; found 'EQ'.",
            id="capitals",
        ),
        pytest.param(
            "title eq x",
            " at character 10: expected a value: 'text', 7, 2.5, true, null or "
            "2024-01-05; found 'x'.",
            id="unquoted-text",
        ),
        pytest.param(
            "title eq 'x",
            " at character 10: the text that begins here has no closing quotation "
            "mark.",
            id="unclosed-text",
        ),
        pytest.param(
            "(a eq 1",
            " at character 8: expected and, or, or a closing parenthesis; found the "
            "end.",
            id="unclosed-parenthesis",
        ),
        pytest.param(
            "a eq 1 b eq 2",
            " at character 8: expected and, or, or the end; found 'b'.",
            id="nothing-between",
        ),
        pytest.param(
            "upper(a,'x')",
            " at character 1: the function 'upper' is not known. Known: contains, "
            "startswith, endswith and, for lists, list/any.",
            id="other-function",
        ),
        pytest.param(
            "a eq 2024-02-30",
            " at character 6: 2024-02-30 is not in the calendar.",
            id="no-day",
        ),
        pytest.param(
            "and eq 1",
            " at character 1: expected the name of a field; found 'and'.",
            id="word-for-field",
        ),
        pytest.param(
            "(" * 100_000,
            " at character 22: more than 20 conditions stand within each other.",
            id="too-deep",
        ),
        pytest.param(
            "not " * 20_000,
            " at character 85: more than 20 conditions stand within each other.",
            id="too-negative",
        ),
        pytest.param(
            " or ".join(["a eq 1"] * 501),
            " at character 5001: it has more than 500 conditions. Lists count as "
            "one: field in ('a','b').",
            id="too-many",
        ),
        pytest.param(
            "'" * 100_001,
            ": it has 100,001 characters, and 100,000 are allowed.",
            id="too-long",
        ),
    ],
)
def test_a_filter_that_cannot_be_read_says_where_and_why(
    text: str, message: str
) -> None:
    """The place is a character, counted from 1; hostile filters cost little."""
    with pytest.raises(InvalidQuery) as caught:
        parse_filter(text)

    assert str(caught.value) == f"The filter cannot be used{message}"


@given(st.text(alphabet="a1'(),:/ .-eqandorintTZ\0ß"))
def test_no_text_ends_in_another_error(text: str) -> None:
    """Whatever stands in a filter, it is read or refused in our words."""
    position = 1
    try:
        parse_filter(text)
    except InvalidQuery as exc:
        position = exc.position

    assert 1 <= position <= len(text) + 1


def test_an_order_is_read() -> None:
    """Without a direction, the smallest comes first."""
    assert parse_sort(" title:asc, size:desc,id ") == (
        SortKey("title"),
        SortKey("size", descending=True),
        SortKey("id"),
    )
    assert parse_sort(" ") == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("title:up", "'title:up'"), ("a,,b", "''"), (":asc", "':asc'")],
)
def test_an_order_that_cannot_be_read_is_refused(text: str, shown: str) -> None:
    """The part that does not fit is named."""
    with pytest.raises(InvalidQuery) as caught:
        parse_sort(text)

    assert str(caught.value) == (
        f"The sort cannot be used: {shown} is not a field and a direction. "
        "Write title:asc,priority:desc."
    )


def test_an_order_of_very_many_fields_is_refused() -> None:
    """Each field is a look at every item."""
    with pytest.raises(InvalidQuery, match="more than 20 fields"):
        parse_sort("a," * 100_000)
