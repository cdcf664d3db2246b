"""What the export form knows, without a browser, a kernel or ipywidgets."""

from __future__ import annotations

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.states.export_state import ExportState

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"


@pytest.fixture
def state(definition: EntityType, ticket: EntityType) -> ExportState:
    return ExportState(entity_types=(definition, ticket))


def names(state: ExportState) -> list[str]:
    return [field.name for field in state.fields]


def test_empty_form_has_csv_headers_and_a_problem() -> None:
    """The first format is preselected, and nothing can be exported yet."""
    state = ExportState()

    assert (state.format, state.include_headers) == ("CSV", True)
    assert state.problems == ("Please select an entity type.",)
    assert not state.can_save


def test_selecting_an_entity_type_selects_all_its_fields_required_first(
    state: ExportState,
) -> None:
    """A field that the format cannot hold is shown but not selected."""
    state.entity = TICKET

    assert names(state) == ["title", "dateCreated", "externalReferenceCode", "keywords"]
    assert state.selected == ("title", "dateCreated", "externalReferenceCode")
    assert state.problems == ()
    assert state.can_save


def test_field_that_csv_cannot_hold_comes_back_with_json(state: ExportState) -> None:
    """Only what the person excluded stays out when the format changes."""
    state.entity = TICKET
    state.select(["title", "dateCreated"])

    state.format = "JSON"

    assert state.selected == ("title", "dateCreated", "keywords")


def test_format_that_cannot_hold_the_type_is_a_problem(state: ExportState) -> None:
    """Every type can be chosen first, and its format afterwards."""
    state.entity = DEFINITION

    problem = "ObjectDefinition cannot be written as CSV. Choose JSON, JSONL or JSONT."
    assert names(state) == ["name", "id"]
    assert state.format_problem == problem
    assert state.problems == (problem,)
    assert not state.can_save

    state.format = "JSONL"

    assert not state.format_problem
    assert not state.problems
    assert state.selected == ("name", "id")
    assert state.can_save


def test_empty_selection_is_refused_with_liferays_text(state: ExportState) -> None:
    """The text is Liferay's."""
    state.entity = TICKET
    state.select([])

    assert state.problems == ("Please select at least one field.",)
    with pytest.raises(InvalidPlan, match=r"^Please select at least one field\.$"):
        state.plan()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param("", 4, id="nothing-finds-all"),
        pytest.param("KEYW", 1, id="part-of-a-name-in-any-case"),
        pytest.param("of the ticket", 1, id="label"),
        pytest.param("no such", 0, id="no-match"),
    ],
)
def test_search_narrows_the_table(state: ExportState, text: str, count: int) -> None:
    """What is selected does not change by it."""
    state.entity = TICKET

    assert len(state.find_fields(text)) == count
    assert len(state.selected) == 3


def test_plan_of_all_fields_names_no_field(state: ExportState) -> None:
    """Such a template takes along the fields that the object gets later."""
    state.entity = TICKET

    assert state.plan() == ExportPlan(entity_type=TICKET, format="CSV", fields=None)


def test_template_restores_everything_until_something_changes(
    state: ExportState,
) -> None:
    """Liferay forgets scope and headers; ours does not."""
    plan = ExportPlan(
        entity_type=TICKET,
        format="JSONL",
        fields=("title", "keywords"),
        include_headers=False,
        guard_formulas=False,
        scope="site",
        filter="title ne null",
        sort="title:desc",
        search="a",
    )

    state.load_plan(plan, "Titles")

    assert state.plan() == plan
    assert state.template == "Titles"
    assert not state.can_save
    state.select(["title"])
    assert state.template == ""
    assert state.can_save


def test_reset_keeps_nothing_but_the_entity_types(state: ExportState) -> None:
    plan = ExportPlan(entity_type=DEFINITION, format="JSON", filter="name ne 'x'")
    state.load_plan(plan, "Definitions")

    state.reset()

    assert (state.entity, state.format, state.template) == ("", "CSV", "")
    assert state.filter == ""
    assert len(state.entity_types) == 2


def test_unreadable_filter_is_a_problem(state: ExportState) -> None:
    """It says where it breaks off; the order is judged by itself."""
    state.entity = TICKET

    state.filter, state.sort = "title eq", "title:up"

    assert state.filter_problem.startswith("The filter cannot be used")
    assert state.sort_problem.startswith("The sort cannot be used")
    assert list(state.problems) == [state.filter_problem, state.sort_problem]

    state.filter, state.sort = "title eq 'x'", "title:desc"
    assert not state.problems
    assert (state.plan().filter, state.plan().sort) == ("title eq 'x'", "title:desc")


def test_changing_the_filter_deselects_the_template(state: ExportState) -> None:
    state.load_plan(ExportPlan(entity_type=TICKET, filter="title ne null"), "Titled")

    state.filter = "title eq 'x'"

    assert state.template == ""


def test_fields_on_request_are_not_selected_at_first() -> None:
    """The other side of a many-to-many relationship can be ticked by hand."""
    ticket = EntityType(
        name="C_Ticket",
        label="Ticket",
        class_name=OBJECT_ENTRY,
        fields=(Field(name="tags", on_request=True), Field(name="title")),
    )
    state = ExportState(entity_types=(ticket,), entity=ticket.key, format="JSON")

    assert state.selected == ("title",)
    assert state.plan().fields is None

    state.select(["tags", "title"])

    assert state.plan().fields == ("tags", "title")
