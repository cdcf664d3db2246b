"""A value that is mended in the preview has the type of its field."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.entity_type import Field
from dmc_widgets.model.field_mapping import FieldMapping
from dmc_widgets.model.value_conversion import DateFormat
from dmc_widgets.states.mapping.mending import (
    can_replace_values,
    find_editor,
    parse_mended_value,
)


@pytest.mark.parametrize(
    ("field", "kind", "text", "value"),
    [
        (Field(name="x"), "text", "12", "12"),
        (Field(name="x", type="Integer"), "number", "12", 12),
        (Field(name="x", type="Decimal"), "number", "1.5", 1.5),
        (Field(name="x", type="PrecisionDecimal"), "number", "0.10", 0.1),
        (Field(name="x", type="Boolean"), "choice", "false", False),
        (Field(name="x", type="Date"), "date", "2026-03-01", "2026-03-01"),
        (
            Field(name="x", type="Picklist", choices=(("open", "Offen"),)),
            "choice",
            "open",
            "open",
        ),
    ],
)
def test_entered_value_has_the_type_of_the_field(
    field: Field, kind: str, text: str, value: Any
) -> None:
    mended = parse_mended_value(text, field)

    assert find_editor(field).kind == kind
    assert (mended, type(mended)) == (value, type(value))


def test_text_is_no_number_and_the_refusal_shows_one() -> None:
    with pytest.raises(InvalidPlan) as caught:
        parse_mended_value("1,5", Field(name="price", type="Decimal"))

    assert str(caught.value) == (
        "'1,5' is not a number, which price expects. Write it with a decimal point and "
        "without groups, such as 1234.5."
    )


def test_lists_and_lookups_are_mended_elsewhere() -> None:
    text, tags = Field(name="x"), Field(name="x", type="MultiselectPicklist")
    form = DateFormat("%d.%m.%Y")

    assert can_replace_values(FieldMapping("a", "x"), text)
    assert not can_replace_values(FieldMapping("a", "x"), tags)
    assert can_replace_values(FieldMapping("a", "x", format=form), text)
    assert not can_replace_values(FieldMapping("a", "x", lookup="name"), text)
    assert not can_replace_values(None, text)
