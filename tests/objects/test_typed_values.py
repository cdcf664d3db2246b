"""Columns of values: what a column stores is what the check of each value stores."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.record import DateCell
from dmc_widgets.objects.fields.field_rules import FieldRules, compile_check
from dmc_widgets.objects.fields.typed_values import typed_value

PRICE = FieldRules(name="price", type="PrecisionDecimal")


def store(column: list[Any]) -> Any:
    """Return what a column of prices stores; None if it is out of the ordinary."""
    value = typed_value(PRICE)
    assert value is not None
    assert value.store is not None
    return value.store(column)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        *[("1.50", "1.5"), ("1.00", "1"), ("100", "100"), ("0.0", "0"), ("-0", "0")],
        *[("-0.00", "0"), ("-0.10", "-0.1"), ("10.20", "10.2"), ("-10", "-10")],
        *[("007", "7"), ("+1", "1"), (".5", "0.5"), ("5.", "5"), (" 1.5 ", "1.5")],
        *[("1e3", "1000"), ("1E-2", "0.01"), ("0" * 150 + "1", "1"), ("", None)],
        *[(" ", None), (None, None), (UNSET, UNSET), (0, "0"), (7, "7"), (-7, "-7")],
        *[(1.0, "1"), (0.1, "0.1"), (1e16, "10000000000000000"), (-0.0, "0")],
        *[(1e-7, "0.0000001"), (2**70, "1180591620717411303424"), (100.0, "100")],
        *[(Decimal("1.10"), "1.1"), (Decimal("1E+2"), "100"), (Decimal("-0.0"), "0")],
        *[("9" * 300, "9" * 300), ("0." + "1" * 100, "0." + "1" * 100)],
    ],
    ids=repr,
)
def test_exact_numbers_are_stored_alike_alone_and_among_others(
    given: Any, stored: Any
) -> None:
    column = ["12.30", given, 5, None, "7"]
    expected = ["12.3", stored, "5", None, "7"]

    assert store([given]) == [stored]
    assert store([given] * 3) == [stored] * 3
    assert store(column) == expected
    assert list(map(type, store(column) or [])) == list(map(type, expected))


@pytest.mark.parametrize(
    "given",
    [
        *["x", "1,5", "1\n2", "1,", ",", "--1", "1.2.3", "-", ".", "٥", "1_000", "NaN"],
        *["Infinity", "1e400", "9" * 301, "\ud800", "1\0", "null", "0x10", "½", "1 2"],
        *[True, False, [], ["1"], {}, {"key": "1"}, float("nan"), float("inf")],
        *[Decimal("NaN"), Decimal("Infinity"), Decimal("1E+400"), 10**5000],
        DateCell("2024-01-05"),
    ],
    ids=lambda given: repr(given)[:20] if type(given) is not int else "10**5000",
)
def test_what_is_no_number_is_out_of_the_ordinary(given: Any) -> None:
    assert store([given]) is None
    assert store(["12.30", given, "7"]) is None
    assert isinstance(compile_check(PRICE)(given), Problem)


ANY_NUMBER: st.SearchStrategy[Any] = st.one_of(
    st.from_regex(r"\A[+-]?[0-9]{0,4}\.?[0-9]{0,4}(e[0-9])?\Z"),
    st.floats(),
    st.integers(),
    st.decimals(),
    st.sampled_from([None, UNSET, "", " ", True, "1,2"]),
)
ORDINARY_NUMBER: st.SearchStrategy[Any] = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    st.floats(-1e9, 1e9).map(lambda x: round(x, 2)),
    st.integers(),
    st.sampled_from([None, UNSET, ""]),
)


@given(column=st.lists(ORDINARY_NUMBER, max_size=5) | st.lists(ANY_NUMBER, max_size=3))
def test_a_column_stores_what_the_checks_store(column: list[Any]) -> None:
    check = compile_check(PRICE)
    each = [x if x is None or x is UNSET else check(x) for x in column]
    stored = store(column)

    assert stored == (None if any(isinstance(x, Problem) for x in each) else each)
