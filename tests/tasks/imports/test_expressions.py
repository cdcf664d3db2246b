"""What expressions of a mapping compute, and what they refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.outcome import Problem
from dmc_widgets.tasks.imports.expressions import compile_expression


@pytest.mark.parametrize(
    ("expression", "record", "value"),
    [
        ('a + " " + b', {"a": "x", "b": "y"}, "x y"),
        ('record["due date"]', {"due date": None}, None),
        ('has(record.a) ? record.a : "none"', {}, "none"),
        ("a", {"a": Decimal("0.12345678901234567890")}, "0.12345678901234567890"),
        ("record.a", {"a": 2**70}, str(2**70)),
        ("a + 1", {"a": 2**62}, 2**62 + 1),
        ("double(a) * 2.0", {"a": Decimal("1.5")}, 3.0),
        ("a", {"a": [1, {"b": None}]}, [1, {"b": None}]),
        ("record.record", {"record": "x"}, "x"),
    ],
)
def test_an_expression_computes_a_value(
    expression: str, record: dict[str, Any], value: Any
) -> None:
    assert compile_expression(expression, "title")(record) == value


@pytest.mark.parametrize(
    ("expression", "record", "fault"),
    [
        (
            "a + b",
            {"a": "x"},
            "The record has no field 'b'. Where it may be missing, write "
            '"b" in record ? record["b"] : "…".',
        ),
        (
            'record["b"]',
            {},
            "The record has no field 'b'. Where it may be missing, write "
            '"b" in record ? record["b"] : "…".',
        ),
        ("frob(a)", {"a": 1}, "The function 'frob' is not known."),
        ("a + 1", {"a": "x"}, "Unsupported operation: string + int."),
        ("1 / a", {"a": 0}, "division by zero in CEL expression."),
        (
            'a.matches("(")',
            {"a": "x"},
            "Function 'matches' error: '(' not a valid regex: regex parse error: "
            "( ^ error: unclosed group.",
        ),
        ('b"x"', {}, "It gives a bytes, which no field holds. Use string(…)."),
        ("1.0 / 0.0", {}, "It gives a float, which no field holds. Use string(…)."),
    ],
)
def test_failing_expression_is_a_problem_of_the_record(
    expression: str, record: dict[str, Any], fault: str
) -> None:
    assert compile_expression(expression, "title")(record) == Problem(
        "mapping-error",
        f"The expression of the field 'title' cannot be computed. {fault}",
        "title",
    )


def test_malformed_expression_is_refused_with_line_and_column() -> None:
    with pytest.raises(InvalidPlan) as caught:
        compile_expression("a +", "title")

    assert str(caught.value).startswith(
        "The expression of the field 'title' cannot be read: 'a +', line 1, column 4: "
    )


def test_too_deeply_nested_record_is_a_problem() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]

    problem = compile_expression("a", "title")({"a": value})

    assert isinstance(problem, Problem)
    assert problem.message == (
        "The expression of the field 'title' cannot be computed. "
        "The record is nested too deeply."
    )


def test_too_long_expression_is_refused() -> None:
    with pytest.raises(InvalidPlan) as caught:
        compile_expression("1" + "+1" * 4000, "title")

    assert str(caught.value) == (
        "The expression of the field 'title' has 8,001 characters; 8,000 are allowed."
    )
