"""The filter builder: conditions make a filter, and a filter makes conditions."""

from __future__ import annotations

import pytest

from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.states.export_state import ExportState
from dmc_widgets.states.filtering.filter_builder_state import (
    FilterBuilderState,
    build_condition,
)
from dmc_widgets.states.filtering.filter_conditions import ConditionList
from dmc_widgets.states.filtering.filterable_fields import list_filterable_fields

_OWNER = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Owner"
TICKET = EntityType(
    name="C_Ticket",
    label="Ticket",
    class_name=OBJECT_ENTRY,
    fields=(
        Field(name="title", type="Text", label="Title", custom=True),
        Field(name="price", type="PrecisionDecimal", label="Price", custom=True),
        Field(name="due", type="Date", label="Due", custom=True),
        Field(name="open", type="Boolean", label="Open", custom=True),
        Field(
            name="state",
            type="Picklist",
            label="State",
            custom=True,
            choices=(("new", "New"), ("done", "Done")),
        ),
        Field(name="extras", type="MultiselectPicklist", label="Extras", custom=True),
        Field(name="photo", type="Attachment", label="Photo", custom=True),
        Field(name="dateModified", label="Modified Date", read_only=True),
        Field(name="keywords", type="array", label="Keywords"),
        Field(name="r_owner_c_ownerERC", label="Owner", parent=_OWNER),
        Field(name="r_owner_c_ownerId", type="integer", label="Owner", parent=_OWNER),
        Field(name="ownerERC", label="Owner"),
    ),
)
CASES = [
    (("title", "contains", ["lamp"]), "contains(title,'lamp')"),
    (("title", "omits", ["lamp"]), "not (contains(title,'lamp'))"),
    (("title", "eq", ["O'Neill"]), "title eq 'O''Neill'"),
    (("title", "in", ["A", "B, C"]), "title in ('A','B, C')"),
    (("title", "empty", []), "title eq null"),
    (("price", "ge", ["12.50"]), "price ge 12.50"),
    (("price", "in", ["1", "2"]), "price in (1,2)"),
    (("due", "lt", ["2026-11-28"]), "due lt 2026-11-28"),
    (("open", "eq", ["false"]), "open eq false"),
    (("state", "eq", ["done"]), "state eq 'done'"),
    (("state", "filled", []), "state ne null"),
    (("extras", "any", ["a"]), "extras/any(x:x eq 'a')"),
    (("keywords", "none", ["a"]), "not (keywords/any(x:x eq 'a'))"),
    (
        ("dateModified", "ge", ["2026-11-28T10:00:00"]),
        "dateModified ge 2026-11-28T10:00:00Z",
    ),
    (("r_owner_c_ownerERC", "eq", ["O-1"]), "r_owner_c_ownerERC eq 'O-1'"),
    (("r_owner_c_ownerERC", "empty", []), "r_owner_c_ownerERC eq ''"),
]


def open_builder() -> tuple[ExportState, FilterBuilderState]:
    form = ExportState(entity_types=(TICKET,), entity=TICKET.key)
    return form, FilterBuilderState(form)


def test_conditions_are_about_what_can_be_filtered_by() -> None:
    """A relationship is one field; files are none."""
    assert [field.name for field in list_filterable_fields(TICKET)] == [
        *("due", "extras", "open", "price", "r_owner_c_ownerERC", "state", "title"),
        *("dateModified", "keywords"),
    ]


@pytest.mark.parametrize(("condition", "text"), CASES)
def test_a_condition_is_the_filter_that_it_says(
    condition: tuple[str, str, list[str]], text: str
) -> None:
    """It is read back from the text as the same condition."""
    row = build_condition(*condition)
    form, builder = open_builder()
    builder.change(ConditionList((row,)))

    assert (form.filter, form.filter_gap, form.filter_problem) == (text, "", "")
    other, read = open_builder()
    other.filter = text
    assert read.rows == ConditionList((row,))
    assert not read.is_text


@pytest.mark.parametrize(("any_of", "word"), [(False, "and"), (True, "or")])
def test_conditions_are_joined_by_one_word(any_of: bool, word: str) -> None:
    rows = ConditionList(
        (build_condition("open", "eq", ["true"]), build_condition("due", "empty", [])),
        any_of,
    )
    form, builder = open_builder()
    builder.change(rows)

    assert form.filter == f"open eq true {word} due eq null"
    other, read = open_builder()
    other.filter = form.filter
    assert read.rows == rows


@pytest.mark.parametrize(
    "text",
    [
        "open eq true and (due eq null or price gt 3)",
        "wrote/title eq 'Ada'",
        "price eq '3'",
        "unknown eq 1",
        "not (price gt 3)",
        "state/key eq 'new'",
    ],
)
def test_what_rows_cannot_say_stays_a_text(text: str) -> None:
    """The text is left as it is, and rows come back with a text that they can say."""
    form, builder = open_builder()
    form.filter = text

    assert (builder.is_text, builder.is_expressible) == (True, False)
    builder.show_text(is_text=False)
    assert (builder.is_text, form.filter) == (True, text)
    form.filter = "price gt 3"
    builder.show_text(is_text=False)
    assert builder.rows == ConditionList((build_condition("price", "gt", ["3"]),))
    assert not builder.is_text


@pytest.mark.parametrize(
    ("condition", "gap"),
    [
        (("price", "gt", []), "Nothing is entered yet for Price."),
        (("price", "gt", ["x"]), "Price is a number; x is none."),
        (
            ("due", "gt", ["28.11."]),
            "Due is a day such as 2024-01-05; 28.11. is none.",
        ),
        (("gone", "eq", ["1"]), "There is no field gone to filter by."),
    ],
)
def test_an_incomplete_condition_stands_in_the_way(
    condition: tuple[str, str, list[str]], gap: str
) -> None:
    """An export of all records instead would be a surprise."""
    form, builder = open_builder()
    builder.change(ConditionList((build_condition(*condition),)))

    assert (form.filter_gap, form.problems, form.filter) == (gap, (gap,), "")
    builder.change(ConditionList())
    assert form.problems == ()


def test_another_entity_type_begins_without_conditions() -> None:
    """Those of the one before have no fields any more; a text is kept."""
    form, builder = open_builder()
    builder.add_condition()
    assert form.filter_gap == "Nothing is entered yet for Due."

    form.entity = ""

    assert (form.filter_gap, builder.rows.conditions) == ("", ())


def test_a_plan_that_rows_can_say_is_shown_as_rows() -> None:
    """Its filter may come before the fields that it is about."""
    form = ExportState(entity_types=(TICKET,))
    builder = FilterBuilderState(form)
    form.load_plan(ExportPlan(entity_type=TICKET.key, filter="price gt 3"))

    assert (builder.is_text, builder.is_expressible) == (False, True)
    assert builder.rows == ConditionList((build_condition("price", "gt", ["3"]),))
