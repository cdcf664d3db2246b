"""Formulas: what is understood, what it comes to, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.fields.formula import (
    Formula,
    build_formula_reader,
    compile_formula,
)

NAMES = ("price", "count", "rate")


def value(script: str, **kept: Any) -> Decimal | None:
    formula = compile_formula(script, NAMES)
    assert isinstance(formula, Formula), formula
    return formula.value(kept)


def refusal(script: str) -> str:
    problem = compile_formula(script, NAMES)
    assert isinstance(problem, Problem)
    assert problem.code == "formula-not-understood"
    return problem.message


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 4 - 3", "3"),
        ("16 / 4 / 2", "2"),
        ("-2 * -3", "6"),
        ("2 - -3", "5"),
        ("--4", "4"),
        ("-(1 + 2)", "-3"),
        ("0.1 + 0.2", "0.3"),
        ("  price*count\n", "7.5"),
        ("price / 4", "0.625"),
    ],
)
def test_arithmetic_has_the_usual_precedence_and_is_exact(
    script: str, expected: str
) -> None:
    assert value(script, price=2.5, count=3) == Decimal(expected)


def test_stored_text_of_digits_is_exact() -> None:
    kept = {"price": "0.1234567891234567", "rate": "100000000000000000000"}

    assert value("price + rate", **kept) == Decimal(
        "100000000000000000000.1234567891234567"
    )


@pytest.mark.parametrize(
    "kept", [{}, {"count": None}, {"count": "many"}, {"count": [1]}]
)
def test_missing_operand_makes_the_result_null(
    kept: dict[str, Any],
) -> None:
    assert value("0 * count", **kept) is None


@pytest.mark.parametrize("script", ["1 / 0", "0 / 0", "price / (count - count)"])
def test_division_by_zero_is_null(script: str) -> None:
    assert value(script, price=1, count=2) is None


def test_result_beyond_three_hundred_digits_is_null() -> None:
    assert value("*".join(["price"] * 40), price="9" * 200) is None


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", "It ends where a number or a field is due."),
        ("1 +", "It ends where a number or a field is due."),
        ("* 2", 'A number or a field is due before "*".'),
        ("()", 'A number or a field is due before ")".'),
        ("1 2", 'An operation is due before "2".'),
        ("1 (2)", 'An operation is due before "(".'),
        ("(1", 'A "(" is never closed.'),
        ("1)", 'A ")" was never opened.'),
        ("ghost + 1", '"ghost" is neither a number field nor an operation it may use.'),
        ("sum(1)", '"sum" is neither a number field nor an operation it may use.'),
        ("1 ^ 2", 'An operation is due before "^".'),
        ("٣ + 1", '"٣" is neither a number field nor an operation it may use.'),
        ("9" * 301, "A number of 301 digits is too long."),
    ],
)
def test_script_other_than_arithmetic_is_refused(script: str, expected: str) -> None:
    assert refusal(script) == expected


def test_hostile_nesting_is_refused_and_never_recurses() -> None:
    assert refusal("(" * 100_000 + "1" + ")" * 100_000) == (
        "It has 200001 characters; 10000 are the most."
    )
    assert refusal("(" * 1_000) == "It is nested more than 100 deep."
    assert refusal("-" * 9_999 + "1") == "It is nested more than 100 deep."


@pytest.mark.parametrize(
    ("output", "expected"),
    [("Integer", 3), ("Decimal", Decimal("2.5")), (None, Decimal("2.5"))],
)
def test_output_setting_decides_between_integer_and_decimal(
    output: str | None, expected: Any
) -> None:
    result = build_formula_reader({"script": "count / 2", "output": output}, NAMES)

    assert result({"count": 5}) == expected
    assert type(result({"count": 5})) is type(expected)


@pytest.mark.parametrize("script", [None, 5, "IF(count, 1, 2)"])
def test_unsupported_script_reads_as_null(script: Any) -> None:
    assert build_formula_reader({"script": script}, NAMES)({"count": 5}) is None


def test_integer_beyond_64_bits_can_be_written_as_json() -> None:
    read = build_formula_reader({"script": "price * rate", "output": "Integer"}, NAMES)

    small, large = (read({"price": 2, "rate": each}) for each in (2**61, 2**62))

    assert (small, type(small)) == (2**62, int)
    assert (large, type(large)) == (Decimal(2**63), Decimal)
