"""The export form, driven as a person would drive it, without a browser."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.formats import FORMATS
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.states.actions.exports import change_export
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.export_state import ExportState
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.export_form import ExportForm
from dmc_widgets.widgets.forms.steps.export_fields import build_field_rows

BICYCLE = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Bicycle"
DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"


@pytest.fixture
def form(page: Dashboard) -> ExportForm:
    page.task_list.new.choose("export")
    opened: ExportForm = page.pages[DashboardPage.EXPORT]
    return opened


def message_text(page: Dashboard) -> str:
    message = page.session.dashboard.message
    return message.text if message else ""


def rows(form: ExportForm) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in form.table.page["rows"]}


@pytest.mark.parametrize("format_name", list(FORMATS))
def test_all_entity_types_are_listed_whatever_the_format(
    form: ExportForm, format_name: str
) -> None:
    """Those that are parts of documents come after all others."""
    form.inputs["format"].value = format_name

    assert [label for label, _ in form.inputs["entity"].options] == [
        "",
        "Bicycle (v1.0 - Liferay Object REST)",
        "Customer (v1.0 - Liferay Object REST)",
        "ListTypeDefinition (v1.0 - Liferay Headless Admin List Type)",
        "ObjectDefinition (v1.0 - Liferay Object Admin REST)",
        "ObjectFolder (v1.0 - Liferay Object Admin REST)",
        "Repair (v1.0 - Liferay Object REST)",
        "ListTypeEntry (v1.0 - Liferay Headless Admin List Type)",
        "ObjectAction (v1.0 - Liferay Object Admin REST)",
        "ObjectField (v1.0 - Liferay Object Admin REST)",
        "ObjectLayout (v1.0 - Liferay Object Admin REST)",
        "ObjectRelationship (v1.0 - Liferay Object Admin REST)",
        "ObjectValidationRule (v1.0 - Liferay Object Admin REST)",
        "ObjectView (v1.0 - Liferay Object Admin REST)",
    ]
    assert form.save.opener.disabled


def test_all_fields_are_selected_at_first(form: ExportForm) -> None:
    """Required ones come first; CSV, chosen at first, holds no free lists."""
    form.inputs["entity"].value = BICYCLE

    assert list(rows(form))[:3] == ["frameNumber", "kind", "model"]
    lists = {"taxonomyCategoryBriefs"}
    assert form.table.selected == tuple(e for e in rows(form) if e not in lists)
    assert not form.save.opener.disabled


def test_unsupported_field_is_marked_and_not_selectable() -> None:
    """It cannot be ticked either."""
    keywords = Field(name="keywords", unsupported_formats=frozenset({"CSV"}))
    ticket = EntityType(
        name="C_Ticket",
        label="Ticket",
        class_name=OBJECT_ENTRY,
        fields=(keywords, Field(name="title", label="Title")),
    )
    state = ExportState(entity_types=(ticket,), entity=ticket.key)

    assert build_field_rows(state).rows(0, 20, None, "") == [
        {
            "key": "keywords",
            "name": "keywords",
            "label": "",
            "type": "String",
            "support": ("Not Supported", "secondary"),
            "selectable": False,
        },
        {
            "key": "title",
            "name": "title",
            "label": "Title",
            "type": "String",
            "support": None,
            "selectable": True,
        },
    ]
    assert state.selected == ("title",)


def test_unsupported_format_shows_the_problem_and_starts_nothing(
    page: Dashboard, form: ExportForm
) -> None:
    before = len(page.session.center.tasks.list())
    form.inputs["entity"].value = DEFINITION

    problem = "ObjectDefinition cannot be written as CSV. Choose JSON, JSONL or JSONT."
    assert problem in form.problems["format"].value
    assert {row["support"] for row in rows(form).values()} == {
        ("Not Supported", "secondary")
    }
    assert form.save.opener.disabled
    form.export.click()
    assert message_text(page) == problem
    assert len(page.session.center.tasks.list()) == before

    form.inputs["format"].value = "JSON"

    assert form.problems["format"].value == ""
    assert not form.save.opener.disabled


def test_double_click_starts_one_task(
    page: Dashboard, form: ExportForm, finish: Callable[[], Task]
) -> None:
    before = len(page.session.center.tasks.list())
    form.inputs["entity"].value = BICYCLE
    form.export.click()
    form.export.click()

    assert message_text(page) == ""
    assert len(page.session.center.tasks.list()) == before + 1
    assert finish().status is TaskStatus.COMPLETED


def test_empty_selection_is_refused(page: Dashboard, form: ExportForm) -> None:
    """Liferay's words; no task is created."""
    before = len(page.session.center.tasks.list())
    form.inputs["entity"].value = BICYCLE
    form.table.selected = ()
    form.export.click()

    assert message_text(page) == "Please select at least one field."
    assert len(page.session.center.tasks.list()) == before
    assert page.session.dashboard.page is DashboardPage.EXPORT


def test_export_writes_a_file_with_the_selected_fields(
    page: Dashboard, form: ExportForm, finish: Callable[[], Task], center: Center
) -> None:
    """The panel follows the task, and offers the file when it is there."""
    form.inputs["entity"].value = BICYCLE
    form.table.selected = ("model", "frameNumber")
    form.export.click()

    panel = page.pages[DashboardPage.EXPORTING]
    assert page.session.dashboard.page is DashboardPage.EXPORTING
    assert "Export file is being created." in panel.progress.status.value
    task = finish()
    assert task.status is TaskStatus.COMPLETED
    assert "Your file has been generated" in panel.progress.status.value
    assert re.fullmatch(r"Bicycle-\d{4}-\d\d-\d\d\.zip", panel.file.value)
    with zipfile.ZipFile(center.tasks.file(task.id)) as archive:
        lines = archive.read("export.csv").decode().splitlines()
    assert lines[0] == "frameNumber,model"
    assert len(lines) == 1_201


def test_help_shows_fields_of_the_chosen_entity_type(form: ExportForm) -> None:
    records = form.records
    assert (records.filter_help.value, records.sort_help.value) == ("", "")

    form.inputs["entity"].value = BICYCLE

    assert "contains(frameNumber," in form.records.filter_help.value
    assert "kind eq &#x27;" in form.records.filter_help.value
    assert "frameNumber:asc" in form.records.sort_help.value
    form.inputs["entity"].value = DEFINITION
    assert "frameNumber" not in form.records.filter_help.value
    assert "contains(name," in form.records.filter_help.value


def test_only_the_records_that_a_filter_finds_are_exported(
    page: Dashboard, form: ExportForm, finish: Callable[[], Task]
) -> None:
    """What cannot be read is said below the input, and nothing starts."""
    form.inputs["entity"].value = BICYCLE
    form.inputs["filter"].value = "kind eq"
    assert "The filter cannot be used" in form.problems["filter"].value
    form.export.click()
    assert message_text(page).startswith("The filter cannot be used")

    form.inputs["filter"].value = "kind eq 'cargo'"
    form.inputs["sort"].value = "model:desc"
    assert form.problems["filter"].value == ""
    form.export.click()
    task = finish()

    assert task.status is TaskStatus.COMPLETED
    assert 0 < task.counts.total < 1_200


def test_steps_lead_back_from_the_result_to_the_choices(
    page: Dashboard, form: ExportForm, finish: Callable[[], Task]
) -> None:
    """What is started from there is another export."""
    form.inputs["entity"].selected = BICYCLE
    form.inputs["filter"].value = "electric eq true"
    form.export.click()
    finish()
    steps = page.pages[DashboardPage.EXPORTING].children[0]
    states = {step["key"]: step["status"] for step in steps.steps}
    assert states == dict.fromkeys(
        ("source", "fields", "records", "run", "result"), "done"
    )

    page.session.export_form.reset()
    change_export(page.session, "records")

    assert page.session.dashboard.page is DashboardPage.EXPORT
    assert page.session.export_path.step == "records"
    plan = page.session.export_form.plan()
    assert (plan.entity_type, plan.filter, plan.name) == (
        BICYCLE,
        "electric eq true",
        "",
    )


def test_formula_guard_has_help_beside_its_check_box(form: ExportForm) -> None:
    form.inputs["entity"].value = BICYCLE
    inputs = (form.inputs["guard_formulas"], form.guard_help)
    assert form.inputs["guard_formulas"].value is True
    assert [widget.layout.display for widget in inputs] == [None, None]
    assert "Liferay before 2026" in form.guard_help.value

    form.inputs["format"].value = "XLSX"

    assert [widget.layout.display for widget in inputs] == ["none", "none"]


def test_template_is_saved_selected_and_applied(
    page: Dashboard, form: ExportForm
) -> None:
    """Any change afterwards takes the selection of the template back."""
    form.inputs["entity"].value = BICYCLE
    form.inputs["include_headers"].value = False
    form.inputs["guard_formulas"].value = False
    form.table.selected = ("model",)
    form.save.opener.click()
    assert form.save.save.disabled
    form.save.name.value = "Models"
    form.save.save.click()

    assert message_text(page) == "Template was created."
    assert form.template.value == "Models"
    assert form.save.opener.disabled
    assert form.changes.layout.display == "none"
    form.table.selected = ("price",)
    assert form.template.value == ""
    assert form.changes.layout.display is None
    assert "differs from the template <strong><bdi>Models" in form.changes.text.value
    form.changes.restore.click()
    assert (form.template.value, form.table.selected) == ("Models", ("model",))

    page.task_list.new.choose("export")
    assert form.inputs["entity"].value == ""
    form.template.value = "Models"
    assert form.inputs["entity"].value == BICYCLE
    assert form.inputs["include_headers"].value is False
    assert form.inputs["guard_formulas"].value is False
    assert form.table.selected == ("model",)


def test_changes_are_saved_in_the_template_that_they_began_with(
    page: Dashboard, form: ExportForm, center: Center
) -> None:
    """The template keeps its name; another one is not made."""
    center.templates.save("Kinds", ExportPlan(entity_type=BICYCLE, fields="kind"))
    page.session.load_templates()
    form.template.value = "Kinds"
    form.table.selected = ("kind", "price")
    form.changes.save.click()

    assert message_text(page) == "The template was saved."
    assert form.template.value == "Kinds"
    assert form.changes.layout.display == "none"
    plan = center.templates.get("Kinds").plan
    assert isinstance(plan, ExportPlan)
    assert plan.fields == ("kind", "price")


def test_template_name_in_use_is_refused_below_the_input(form: ExportForm) -> None:
    form.inputs["entity"].value = BICYCLE
    form.save.opener.click()
    form.save.name.value = "Twice"
    form.save.save.click()
    form.table.selected = ("model",)
    form.save.opener.click()
    form.save.name.value = "Twice"
    form.save.save.click()

    assert (
        "A template named &#x27;Twice&#x27; already exists. Choose another name."
        in form.save.error.value
    )
    assert form.save.layout.display is None


def test_template_of_an_unknown_entity_type_is_refused(
    page: Dashboard, form: ExportForm
) -> None:
    """The target is empty, so it has no bicycles; the form stays as it was."""
    form.inputs["entity"].value = BICYCLE
    form.save.opener.click()
    form.save.name.value = "Bicycles"
    form.save.save.click()

    page.picker.choice.value = "Sample target"
    form.template.value = "Bicycles"

    assert message_text(page).startswith(
        f"There is no entity type named '{BICYCLE}'. Known: "
    )
    assert form.template.value == ""
    assert form.inputs["entity"].value == ""
