"""Filters are written as texts that say the same when they are read."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from dmc_widgets.model.query.filter_parser import parse_filter
from dmc_widgets.model.query.filter_writer import write_filter


def without_positions(value: Any) -> Any:
    """Return an expression that is equal to others at any place of a text."""
    if isinstance(value, tuple):
        return tuple(map(without_positions, value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {
        field.name: 0
        if field.name == "position"
        else without_positions(getattr(value, field.name))
        for field in fields(value)
    }
    return replace(value, **changes)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        ("price  gt 7.50", "price gt 7.50"),
        ("name eq 'O''Neill'", "name eq 'O''Neill'"),
        ("a eq 1 and b eq 2 or c eq null", "(a eq 1 and b eq 2) or c eq null"),
        (
            "(a eq true or b eq false) and c ne 3",
            "(a eq true or b eq false) and c ne 3",
        ),
        ("not contains(title,'x')", "not (contains(title,'x'))"),
        ("kind in ( 'a' , 'b' )", "kind in ('a','b')"),
        ("keywords/any(k:k eq 'red')", "keywords/any(k:k eq 'red')"),
        ("due ge 2024-01-05", "due ge 2024-01-05"),
        ("at lt 2024-01-05T10:00:00+01:00", "at lt 2024-01-05T09:00:00Z"),
        ("at lt 2024-01-05T10:00:00.25", "at lt 2024-01-05T10:00:00.250000"),
    ],
)
def test_a_filter_is_written_as_it_is_read(text: str, written: str) -> None:
    """Parentheses stand where they tell and from or; moments are in UTC."""
    expression = parse_filter(text)

    assert write_filter(expression) == written
    read = without_positions(parse_filter(written))
    assert read == without_positions(expression)
