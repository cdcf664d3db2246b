"""The migration form, driven as a person would drive it, without a browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.entity_type import OBJECT_ENTRY
from dmc_widgets.model.merge_choices import MergeChoices
from dmc_widgets.model.strategies import Policy, UpdateStrategy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.migration_form import MigrationForm

REPAIR = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Repair"


@pytest.fixture
def form(page: Dashboard) -> MigrationForm:
    page.task_list.new.choose("migration")
    opened: MigrationForm = page.pages[DashboardPage.MIGRATION]
    return opened


def in_view(page: Dashboard) -> str:
    return str(page.session.dashboard.page)


def test_new_form_selects_source_and_target(
    form: MigrationForm,
) -> None:
    """Nothing is ticked: what moves is for the person to say."""
    assert form.source.value == "Sample source"
    assert form.inputs["target"].value == "Sample target"
    labels = [row["label"] for row in form.types.page["rows"]]
    assert labels == [
        *("Picklist", "Object Definition", "Object Folder"),
        *("Bicycle", "Customer", "Repair"),
    ]
    assert form.types.selected == ()


def test_empty_selection_is_refused(page: Dashboard, form: MigrationForm) -> None:
    """No task is created."""
    before = len(page.session.center.tasks.list())
    form.migrate.click()

    message = page.session.dashboard.message
    assert message is not None
    assert message.text == "Please select at least one entity type."
    assert len(page.session.center.tasks.list()) == before


def compare(page: Dashboard, form: MigrationForm) -> None:
    """Press the button, and beat the pulse until the differences are there."""
    form.compare.click()
    assert form.compare.disabled
    assert form.compared.value == (
        '<span role="status">Sample source and Sample target are being compared.</span>'
    )
    end = time.monotonic() + 30
    while page.session.background.is_busy and time.monotonic() < end:
        page.tick()
        time.sleep(0.01)
    assert not form.compare.disabled


def test_differences_are_cleared_when_an_installation_changes(
    page: Dashboard, form: MigrationForm
) -> None:
    """They are of two installations."""
    compare(page, form)
    rows = form.comparison.table.page["rows"]
    assert form.compared.value == (
        '<span role="status">8 differences are listed below the settings.</span>'
    )
    assert [row["name"] for row in rows if row["type"] == "ObjectDefinition"] == [
        "Bicycle",
        "Customer",
        "Repair",
    ]
    assert {row["change"] for row in rows} == {("added", "success")}

    form.inputs["target"].value = "Sample source"

    assert form.comparison.layout.display == "none"
    assert form.compare.disabled
    assert form.compared.value == '<span role="status"></span>'


def test_comparison_that_fails_says_so_and_can_be_tried_again(
    page: Dashboard, form: MigrationForm, center: Center, tmp_path: Path
) -> None:
    connections = center._workspace.connections
    connections.put("Gone", f"sqlite:///{tmp_path}/gone/gone.db")
    page.session.migration_form.target = "Gone"
    form.compare.click()
    end = time.monotonic() + 30
    while page.session.background.is_busy and time.monotonic() < end:
        page.tick()
        time.sleep(0.01)

    message = page.session.dashboard.message
    assert message is not None
    assert message.text.endswith("does not exist. Create it first.")
    assert form.compared.value == '<span role="status"></span>'
    assert not form.compare.disabled


def test_differences_are_selected_where_records_are_merged(
    page: Dashboard, form: MigrationForm
) -> None:
    """All that the source has is selected at first; the rest is left."""
    compare(page, form)
    panel = form.comparison
    assert (panel.table.layout.display, panel.choices.layout.display) == (None, "none")

    form.inputs["update_strategy"].value = UpdateStrategy.MERGE

    assert (panel.table.layout.display, panel.choices.layout.display) == ("none", None)
    every = panel.choices.selected
    assert "ObjectDefinition:Repair" in every
    state = page.session.migration_form
    assert state.policy.merge == MergeChoices()

    panel.choices.selected = tuple(
        path for path in every if path != "ObjectDefinition:Repair"
    )

    assert state.policy.merge == MergeChoices(leave="ObjectDefinition:Repair")
    form.inputs["update_strategy"].value = UpdateStrategy.UPDATE
    assert state.policy == Policy()


def test_dry_run_leads_back_to_the_form_and_the_run_follows(
    page: Dashboard, form: MigrationForm, finish: Callable[[], Task], center: Center
) -> None:
    """The table of parts says what would be, and then what is."""
    form.types.selected = (REPAIR,)
    form.inputs["name"].value = "Friday evening"
    form.dry_run.click()
    rehearsed = finish()
    panel = page.pages[DashboardPage.MIGRATING]
    assert panel.file.value == "Sample source → Sample target"
    assert "The dry run is done. Nothing was written." in panel.progress.status.value
    assert ">Bicycle (needed)<" in panel.progress.parts.value
    known = center.installations.entity_types("Sample target")
    assert not any(kind.class_name == OBJECT_ENTRY for kind in known)

    panel.leave.click()
    assert in_view(page) == "migration"
    assert form.types.selected == (REPAIR,)
    offered = form.rehearsal
    assert (offered.layout.display, offered.migrate.layout.display) == (None, None)
    assert "4,190 created" in offered.text.value
    form.inputs["with_needed"].value = False
    assert offered.layout.display == "none"
    form.inputs["with_needed"].value = True
    assert offered.layout.display is None
    offered.migrate.click()
    done = finish()

    assert done.status is TaskStatus.COMPLETED
    assert done.plan.options.as_shown == rehearsed.id  # type: ignore[union-attr]
    assert done.counts == rehearsed.counts
    assert "The migration completed successfully." in panel.progress.status.value
    panel.leave.click()
    assert in_view(page) == "lists"
    rows = page.task_list.table.page["rows"]
    assert [row["name"] for row in rows] == [
        "Friday evening",
        "Friday evening (Dry Run)",
    ]
