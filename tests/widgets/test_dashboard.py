"""The page as a whole, without a browser or a kernel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.model.task import Task
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import (
    DashboardMessage,
    DashboardPage,
    DashboardState,
)
from dmc_widgets.widgets import dashboard
from dmc_widgets.widgets.controls import PagedTable
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.form_inputs import ChoiceField
from dmc_widgets.widgets.parts.guard import Guard
from dmc_widgets.widgets.parts.poller import Poller

BICYCLE = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Bicycle"


def in_view(page: Dashboard) -> list[DashboardPage]:
    """Return the views that are shown on the pages that are shown."""
    shown = {page.session.dashboard.page}
    for spec, widget in page.pages.built.items():
        if widget.layout.display == "none":
            shown.difference_update(spec.views)
    return [*shown]


def run_export(center: Center, name: str, **choices: Any) -> Task:
    plan = ExportPlan(entity_type=BICYCLE, name=name, **choices)
    return center.tasks.wait(
        center.tasks.start_export("Sample source", plan).id, timeout_s=30
    )


def act(table: PagedTable, key: str, action: str) -> None:
    """Choose an entry of a menu, as the browser tells it."""
    message = {"kind": "action", "key": key, "action": action}
    table.simulate_message(message)


def names(page: Dashboard) -> list[str]:
    return [row["name"] for row in page.task_list.table.page["rows"]]


def test_one_page_is_visible(
    page: Dashboard,
) -> None:
    page.session.go("tasks")
    assert in_view(page) == [DashboardPage.LISTS]

    for item, name in (
        ("export", DashboardPage.EXPORT),
        ("import", DashboardPage.IMPORT),
    ):
        page.task_list.new.choose(item)
        assert in_view(page) == [name]
        page.pages[name].cancel.click()
        assert in_view(page) == [DashboardPage.LISTS]


def test_page_opens_while_the_first_installation_does_not_answer(
    center: Center, tmp_path: Path
) -> None:
    """Its tasks are to be seen, and a form that opens lets people select another."""
    run_export(center, "Before the crash")
    connections = center._workspace.connections
    url = connections.get("Sample source").url
    connections.put("Sample source", f"sqlite:///{tmp_path}/gone/source.db")
    session = DashboardSession(center)
    session.load()
    page = Dashboard(session, Guard(session.dashboard))
    assert "Before the crash" in names(page)

    for item, name in (
        ("export", DashboardPage.EXPORT),
        ("import", DashboardPage.IMPORT),
        ("migration", DashboardPage.MIGRATION),
        ("verification", DashboardPage.VERIFICATION),
    ):
        page.task_list.new.choose(item)
        assert in_view(page) == [name]
        assert session.dashboard.message is not None
        assert session.dashboard.message.text.endswith(
            "does not exist. Create it first."
        )
        page.pages[name].cancel.click()

    page.task_list.new.choose("export")
    entity = page.pages[DashboardPage.EXPORT].inputs["entity"]
    assert [label for label, _ in entity.options] == [""]
    page.picker.choice.value = "Sample target"
    assert len(entity.options) > 1
    connections.put("Sample source", url)


def test_picker_changes_the_entity_types_of_both_forms(page: Dashboard) -> None:
    """The empty target has no bicycles, only documents and their parts."""
    page.task_list.new.choose("export")
    entity = page.pages[DashboardPage.EXPORT].inputs["entity"]
    labels = [label for label, _ in entity.options]
    assert "Bicycle (v1.0 - Liferay Object REST)" in labels

    page.picker.choice.value = "Sample target"

    assert [label.partition(" ")[0] for label, _ in entity.options] == [
        "",
        "ListTypeDefinition",
        "ObjectDefinition",
        "ObjectFolder",
        "ListTypeEntry",
        "ObjectAction",
        "ObjectField",
        "ObjectLayout",
        "ObjectRelationship",
        "ObjectValidationRule",
        "ObjectView",
    ]
    assert "target.db" in page.picker.address.value


def test_list_shows_every_task_newest_first(page: Dashboard, center: Center) -> None:
    """A page that is opened later finds tasks that were started elsewhere."""
    run_export(center, "First <i>export</i>")
    run_export(center, "Second export")
    page.session.show_lists()

    row = page.task_list.table.page["rows"][0]
    assert names(page)[:2] == ["Second export", "First <i>export</i>"]
    assert row["action"] == "Export"
    assert row["type"] == "Bicycle"
    assert row["status"] == ("Completed", "success")
    assert (row["successful"], row["failed"], row["total"]) == (1_200, 0, 1_200)
    assert row["menu"] == [
        ("Download File", "Download File"),
        ("Run Again", "Run Again"),
    ]


def test_list_is_searched_and_filtered(page: Dashboard, center: Center) -> None:
    """The filter has a label that takes it back."""
    run_export(center, "Spring cleaning")
    page.session.show_lists()

    page.task_list.filters.query = "SPRING"
    assert names(page) == ["Spring cleaning"]
    page.task_list.filters.choose("action", "Import")
    assert names(page) == []
    page.task_list.filters.choose("action", "")
    assert names(page) == ["Spring cleaning"]
    page.session.tasks.status = "Failed"  # as a link from elsewhere sets it
    assert page.task_list.filters.chosen == {"status": "Failed"}
    assert names(page) == []


def test_filters_offer_what_there_is_with_its_number(
    page: Dashboard, center: Center
) -> None:
    """A migration is a task, and cannot be a template."""
    run_export(center, "Autumn cleaning")
    page.session.go("tasks")
    page.session.tasks.keyword = "autumn cleaning"
    page.session.load_tasks()  # counted once the tasks themselves are shown

    options = {one["key"]: one["options"] for one in page.task_list.filters.filters}
    assert options["status"] == [["Completed", "Completed", 1]]
    assert options["action"] == [["Export", "Export", 1]]
    assert options["entity_type"] == [[BICYCLE, "Bicycle", 1]]
    (templates,) = page.template_list.filters.filters
    assert [label for _, label, _ in templates["options"]] == ["Export", "Import"]


def test_details_show_all_choices_of_the_plan(page: Dashboard, center: Center) -> None:
    task = run_export(center, "<b>Bold</b>", format="JSONL")
    page.session.open_task(task.id)

    details = page.pages[DashboardPage.TASK].details.value
    assert "<dt>Name</dt><dd><bdi>&lt;b&gt;Bold&lt;/b&gt;</bdi></dd>" in details
    assert "<dt>Count</dt><dd><bdi>1,200</bdi></dd>" in details
    assert "<dt>Export File Format</dt><dd><bdi>JSONL</bdi></dd>" in details
    page.pages[DashboardPage.TASK].back.click()
    assert in_view(page) == [DashboardPage.LISTS]


def test_running_task_can_be_cancelled_from_any_page(
    page: Dashboard, center: Center, finish: Callable[[], Task]
) -> None:
    """It ends, and keeps the word that it came to."""
    task = center.tasks.start_export("Sample source", ExportPlan(entity_type=BICYCLE))
    page.session.open_task(task.id)
    page.task_actions.buttons["Cancel"].click()

    assert finish().status.value in {"Cancelled", "Completed"}
    assert page.task_actions.buttons["Cancel"].layout.display == "none"


def test_template_is_opened_and_deleted_after_confirmation(
    page: Dashboard, center: Center
) -> None:
    plan = ExportPlan(entity_type=BICYCLE, format="JSONT", fields=("model",))
    center.templates.save("Models", plan)
    page.session.show_lists()
    listed = page.template_list
    row = listed.table.page["rows"][0]
    assert (row["name"], row["type"]) == ("Models", "Bicycle")
    assert row["content"] == "JSONT · 1 field"

    act(listed.table, "Models", "Use")
    form = page.pages[DashboardPage.EXPORT]
    assert in_view(page) == [DashboardPage.EXPORT]
    assert form.inputs["format"].value == "JSONT"
    assert form.table.selected == ("model",)

    page.session.show_lists()
    listed.table.selected = ("Models",)
    listed.delete.click()
    assert (
        "Delete the template &#x27;Models&#x27;?" in listed.confirmation.question.value
    )
    assert [template.name for template in center.templates.list()] == ["Models"]
    listed.confirmation.confirm.click()
    assert center.templates.list() == []
    assert listed.table.page["rows"] == []
    assert listed.delete.layout.display == "none"


def test_unusable_workspace_shows_the_error_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell that shows the dashboard never fails."""
    file = tmp_path / "file"
    file.write_text("no folder")
    monkeypatch.setenv("DMC_WORKSPACE", str(file))

    widget = dashboard()

    texts = [child.value for child in widget.children if hasattr(child, "value")]
    assert any(str(file) in text and 'role="alert"' in text for text in texts)


def test_unexpected_error_is_shown_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The poller may meet it four times a second."""
    state = DashboardState()
    guard = Guard(state)

    def fail() -> None:
        message = "<broken>"
        raise KeyError(message)

    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            with guard:
                fail()

    assert state.message == DashboardMessage(
        "Unexpected Error: KeyError('<broken>')", "danger"
    )
    assert [record.message for record in caplog.records] == [
        "The dashboard met an unexpected error."
    ]


def test_next_action_dismisses_the_message(page: Dashboard) -> None:
    page.session.dashboard.report_error("Something <b>else</b>")
    assert "Error: Something &lt;b&gt;else&lt;/b&gt;" in page.message.text.value

    page.task_list.new.choose("export")

    assert page.message.layout.display == "none"


def test_choice_keeps_its_selection_when_options_change() -> None:
    """A choice that is not on offer any more shows as blank, and is not forgotten."""
    choice = ChoiceField([("", ""), ("A", "a"), ("B", "b")])
    choice.value = "b"

    choice.set_options([("", ""), ("B", "b"), ("C", "c")])
    assert (choice.value, choice.selected) == ("b", "b")
    choice.set_options([("", ""), ("C", "c")])
    assert (choice.value, choice.selected) == ("", "b")
    choice.set_options([("", ""), ("B", "b")])
    assert choice.value == "b"


def test_poller_ticks_only_with_a_running_loop() -> None:
    beats: list[int] = []
    poller = Poller(lambda: beats.append(1), period_s=0.001)
    assert not poller.start()

    async def watch() -> None:
        assert poller.start()
        while len(beats) < 3:
            await asyncio.sleep(0.001)
        poller.stop()

    asyncio.run(watch())
    assert len(beats) >= 3
