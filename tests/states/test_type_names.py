"""Entity types and values stand in the words of people."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.plan import ImportPlan, MigrationPlan, Selection
from dmc_widgets.model.task import Task, TaskPart
from dmc_widgets.states.type_names import (
    format_part_title,
    list_type_names,
    name_types,
)
from dmc_widgets.states.value_text import format_json_value, format_value


def _task(plan: Any, *parts: str) -> Task:
    return Task(
        id=1,
        name="A",
        installation="Target",
        plan=plan,
        author="ada",
        created="2026-03-01T09:30:00Z",
        modified="2026-03-01T09:30:00Z",
        parts=tuple(TaskPart(entity_type=part) for part in parts),
    )


@pytest.mark.parametrize(
    ("title", "words"),
    [
        pytest.param("C_BillingTicket", "Billing Ticket", id="object"),
        pytest.param("C_Ticket (relationships)", "Ticket (relationships)", id="links"),
        pytest.param("ListTypeDefinition (needed)", "Picklist (needed)", id="picklist"),
        pytest.param("", "", id="no-part"),
    ],
)
def test_part_of_a_task_is_named_in_words(title: str, words: str) -> None:
    assert format_part_title(title) == words


def test_types_of_a_plan_are_named_in_words() -> None:
    assert list_type_names("ObjectDefinition, C_Ticket") == "Object Definition, Ticket"


def test_message_names_the_objects_of_its_task_and_no_others() -> None:
    plan = MigrationPlan(source="A", selection=Selection(entity_types=("C_Ticket",)))
    task = _task(plan, "x.ObjectEntry#C_Ticket")
    message = "Record 1 of C_Ticket: C_Tickets and C_Customer stay."
    assert name_types(message, task) == (
        "Record 1 of Ticket: C_Tickets and C_Customer stay."
    )


def test_message_of_a_task_without_parts_names_its_entity_type() -> None:
    task = _task(ImportPlan(entity_type="x.ObjectEntry#C_BillingTicket"))
    assert name_types("C_BillingTicket is gone.", task) == "Billing Ticket is gone."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(True, "Yes", id="flag"),
        pytest.param({"key": "road", "name": "Road Bike"}, "Road Bike (road)", id="id"),
        pytest.param({"key": "road"}, "road", id="key-alone"),
        pytest.param([{"key": "a", "name": "a"}, {"key": "b"}], "a, b", id="choices"),
        pytest.param({"name": "x", "type": 1}, '{"name":"x","type":1}', id="others"),
        pytest.param(None, "", id="none"),
    ],
)
def test_value_is_shown_without_json_where_nothing_is_lost(
    value: Any, text: str
) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        pytest.param('"road"', "road", id="text"),
        pytest.param('" road"', '" road"', id="space-stays-visible"),
        pytest.param('""', '""', id="empty-stays-visible"),
        pytest.param('{"key": "road", "name": "Road"}', "Road (road)", id="choice"),
        pytest.param('{"key": "ro', '{"key": "ro', id="cut"),
        pytest.param(None, "", id="none"),
    ],
)
def test_json_text_is_shown_without_quotes(stored: str | None, text: str) -> None:
    assert format_json_value(stored) == text
