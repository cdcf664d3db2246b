"""Which templates the list shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc_widgets.model.entity_type import LIST_TYPE_DEFINITION, OBJECT_DEFINITION
from dmc_widgets.model.plan import Action, ExportPlan, ImportPlan, Template
from dmc_widgets.states.template_list_state import (
    TemplateListState,
    describe_template,
    get_template_format,
    get_template_type,
    list_template_details,
)

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
TITLES = Template(name="Titles", plan=ExportPlan(entity_type=TICKET, format="JSONL"))
SHELF = Template(name="Shelf", plan=ExportPlan(entity_type=OBJECT_DEFINITION))
COLOURS = Template(name="Colours", plan=ImportPlan(entity_type=LIST_TYPE_DEFINITION))
MONTHLY = Template(name="Monthly", plan=ImportPlan(entity_type=TICKET))


@pytest.mark.parametrize(
    ("keyword", "action", "names"),
    [
        pytest.param("", "", ["Colours", "Monthly", "Shelf", "Titles"], id="all"),
        pytest.param("tit", "", ["Titles"], id="part-of-a-name"),
        pytest.param("c_ticket", "", ["Monthly", "Titles"], id="entity-type"),
        pytest.param("object definition", "", ["Shelf"], id="label"),
        pytest.param("pick", "", ["Colours"], id="what-people-call-a-picklist"),
        pytest.param("com.liferay", "", [], id="not-the-class"),
        pytest.param("", "Import", ["Colours", "Monthly"], id="action"),
        pytest.param("titles", "Import", [], id="both"),
    ],
)
def test_keyword_and_action_narrow_the_list(
    keyword: str, action: str, names: list[str]
) -> None:
    templates = (COLOURS, MONTHLY, SHELF, TITLES)
    state = TemplateListState(templates=templates, keyword=keyword, action=action)

    assert [template.name for template in state.matching] == names


def test_template_names_are_listed_by_direction() -> None:
    """Each form offers its own; only an export has a format."""
    state = TemplateListState(templates=(MONTHLY, TITLES))

    assert state.list_names(Action.EXPORT) == ("Titles",)
    assert (get_template_type(TITLES), get_template_format(TITLES)) == (
        "Ticket",
        "JSONL",
    )
    assert get_template_format(MONTHLY) == ""


def test_templates_are_sorted_by_any_column() -> None:
    used = replace(MONTHLY, used="2026-11-01T10:00:00Z")
    state = TemplateListState(templates=(COLOURS, used, SHELF, TITLES))

    by_use = [one.name for one in state.sort("used", descending=True)]
    assert by_use == ["Monthly", "Colours", "Shelf", "Titles"]
    by_type = [one.name for one in state.sort("type", descending=False)]
    assert by_type == ["Shelf", "Colours", "Monthly", "Titles"]


def test_content_of_a_template_is_described() -> None:
    """In one line for the list, and as labels and values."""
    plan = ExportPlan(entity_type=TICKET, format="CSV", fields=("title", "state"))
    template = Template(name="Two", plan=replace(plan, filter="state eq 'open'"))

    assert describe_template(template) == "CSV · 2 fields · where state eq 'open'"
    assert list_template_details(template) == (
        ("Action", "Export"),
        ("Entity Type", "C_Ticket"),
        ("Export File Format", "CSV"),
        ("Filter", "state eq 'open'"),
        ("Field", "title"),
        ("Field", "state"),
    )
    assert describe_template(MONTHLY) == (
        "fields of the same name · Add or Update Records, Overwrite Records"
    )
