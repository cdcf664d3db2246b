"""The forms, the list of tasks and the comparison alone, without a front end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center, TaskHandle
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets import (
    DefinitionDiff,
    ExportForm,
    ImportForm,
    MigrationForm,
    TaskList,
)


def wait_for(widget: Any, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, (repr(widget), widget.error)
        widget.refresh()
        time.sleep(0.02)


def test_an_export_form_has_a_plan_and_starts_a_task(center: Center) -> None:
    form = ExportForm(center, "Sample source", "Bicycle")
    started: list[TaskHandle] = []
    form.on_submit(started.append)
    assert isinstance(form.plan, dmc.ExportPlan)
    assert form.plan.format == "CSV"

    page(form, DashboardPage.EXPORT).export.click()
    wait_for(form, lambda: form.task is not None and form.task.status == "Completed")

    assert [task.id for task in started] == [form.value]
    assert form.task is not None
    assert form.task.counts.successful > 0


def page(form: Any, name: DashboardPage) -> Any:
    return form._pages[name]


def test_a_form_without_a_choice_has_no_plan(center: Center) -> None:
    form = ExportForm(center)

    assert form.plan is None
    assert form.problems == ("Please select an entity type.",)
    with pytest.raises(dmc.UnknownName, match="Tram"):
        ExportForm(center, entity="Tram")
    with pytest.raises(dmc.UnknownName, match="Nowhere"):
        ExportForm(center, "Nowhere")


def test_another_installation_has_other_entity_types(center: Center) -> None:
    form = ExportForm(center, "Sample source", "Bicycle")

    form.installation = "Sample target"

    assert form.plan is None


def test_an_import_form_goes_from_the_file_to_the_end(
    center: Center, bicycles: Path
) -> None:
    form = ImportForm(center, "Sample source", "Bicycle")
    upload = page(form, DashboardPage.IMPORT).upload
    upload.simulate_upload("bicycles.jsonl", bicycles.read_bytes())
    assert isinstance(form.plan, dmc.ImportPlan)

    page(form, DashboardPage.IMPORT).review.click()
    page(form, DashboardPage.PREVIEW).start.click()
    wait_for(form, lambda: form.task is not None and form.task.status == "Failed")

    assert form.error == ""
    assert form.task is not None
    assert form.task.counts.failed == 1
    page(form, DashboardPage.IMPORTING).leave.click()
    assert form._session.dashboard.page is DashboardPage.IMPORT


def test_a_migration_form_has_a_plan(center: Center) -> None:
    form = MigrationForm(center, "Sample source", "Sample target")
    assert form.plan is None

    table = page(form, DashboardPage.MIGRATION).types
    table.selected = tuple(row["key"] for row in table.page["rows"][:1])

    assert form.plan is not None
    assert form.plan.source == "Sample source"


def test_a_task_that_is_followed_is_the_value(
    center: Center, import_bicycles: Callable[..., TaskHandle]
) -> None:
    task = import_bicycles()
    tasks = TaskList(center, action="Import")
    table = tasks.children[2].table

    table.simulate_message({"kind": "link", "key": str(task.id)})

    assert tasks.value == task.id
    assert tasks.task is not None
    assert tasks.task.name == task.name
    with pytest.raises(dmc.UnknownName):
        tasks.value = 10_000


def test_differences_are_taken_or_left(center: Center) -> None:
    """The choices are keywords of a migration."""
    diff = DefinitionDiff("Sample source", "Sample target", center=center)
    assert set(diff.value) == set(diff.frame["path"]) or len(diff.value) > 0
    assert diff.choices == {"update_strategy": "MERGE"}
    path = diff.value[0]

    diff.value = (path,)

    assert diff.merge.only == (path,) or len(diff.merge.leave) > 0
    assert diff.value == (path,)
    with pytest.raises(dmc.UnknownName):
        diff.value = ("Tram",)


def test_differences_are_named_as_a_merge_names_them(center: Center) -> None:
    """By a document with all that is in it, or by a pattern."""
    diff = DefinitionDiff("Sample source", "Sample target", center=center)

    diff.value = ("Bicycle", "ListTypeDefinition:*")

    assert set(diff.value) == {
        "ObjectDefinition:Bicycle",
        "ListTypeDefinition:Bicycle Extras",
        "ListTypeDefinition:Bicycle Kinds",
        "ListTypeDefinition:Repair States",
        "ListTypeDefinition:Services",
    }
    diff.value = ()
    assert diff.value == ()


def test_two_open_installations_are_compared(center: Center) -> None:
    urls = [center.installations[name].url for name in ("Sample source",) * 2]
    with dmc.connect(urls[0]) as first, dmc.connect(urls[1]) as second:
        diff = DefinitionDiff(first, second)

    assert diff.differences == ()
