"""Failed records are mended in the form: by cell, by group, by key and by file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.center.repair_table import RepairDraft
from dmc_widgets.errors import DiskFull
from dmc_widgets.model.mend import Mend
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.task_actions.bulk import find_bulk_action
from dmc_widgets.tasks.worker.liveness import identify_self
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.parts.guard import Guard
from dmc_widgets.widgets.task_panels.failures import FailuresPanel
from dmc_widgets.widgets.task_panels.repair import RepairPanel
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.repair_drafts import RepairDraftStore
from tests.cli.driver import Driver

ERC = "externalReferenceCode"


@pytest.fixture(scope="module", autouse=True)
def _in_this_process() -> Iterator[None]:
    def run(workspace: Workspace, task: Task) -> None:
        run_task(workspace, task.id)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("center.launching", "tasks.repair.running.repair_start"):
            patch.setattr(f"dmc_widgets.{module}.launch_worker", run)
        yield


def bicycle(number: int, **others: Any) -> dict[str, Any]:
    return {
        ERC: f"REPAIR-{number}",
        "frameNumber": f"REPAIR-{number:04}",
        "kind": "road",
        "model": f"Kranich {number}",
        "gears": 7,
        **others,
    }


KEY = "unicycle"
"""A key that the picklist does not have until a test adds it."""


def import_bicycles(center: Center, folder: Path, first: int) -> Task:
    """Import a good bicycle and five bad ones."""
    records = [
        bicycle(first),
        bicycle(first + 1, gears="many"),
        bicycle(first + 2, kind="Rennrad"),
        bicycle(first + 3, kind="Rennrad"),
        bicycle(first + 4, kind=KEY, model="Örebro"),
        bicycle(first + 5, model="<b>x</b>", gears=None, electric="maybe"),
    ]
    path = folder / "bicycles.json"
    path.write_text(json.dumps(records))
    task = center.import_file("Sample source", "Bicycle", path, on_error="continue")
    assert task.counts == Counts(created=1, failed=5)
    return task.state


@pytest.fixture(scope="module")
def task(center: Center, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """A task whose failed records are mended; the last test retries them."""
    return import_bicycles(center, tmp_path_factory.mktemp("task"), 10)


@pytest.fixture(scope="module")
def page(center: Center) -> Dashboard:
    return open_another_page(center)


@pytest.fixture
def panel(page: Dashboard, task: Task) -> RepairPanel:
    panel = open_panel(page, task)
    panel.discard.click()  # a test before may have mended or chosen something
    panel.problem.value = ()
    search(panel, "")
    return panel


def open_panel(page: Dashboard, task: Task) -> RepairPanel:
    page.session.open_task(task.id)
    panel = page.task_panels.panels[RepairPanel]
    assert isinstance(panel, RepairPanel)
    return panel


def search(panel: RepairPanel, query: str) -> None:
    view = {**panel.table.page, "query": query, "request": "1"}
    asked = {x: view[x] for x in ("request", "offset", "limit", "sort", "query")}
    panel.table.simulate_message({"kind": "ask", "view": asked})


def cells(panel: RepairPanel, index: int) -> dict[str, Any]:
    rows = {row["key"]: row for row in panel.table.page["rows"]}
    return {
        name.removeprefix("cell:"): cell
        for name, cell in rows[str(index)].items()
        if name.startswith("cell:")
    }


def types(panel: RepairPanel, index: int, column: str, text: str) -> None:
    panel.table.simulate_message(
        {"kind": "edit", "key": str(index), "column": f"cell:{column}", "text": text}
    )


def replaces(panel: RepairPanel, value: str, text: str) -> None:
    panel.groups.simulate_message(
        {"kind": "edit", "key": group(panel, value), "column": "new", "text": text}
    )


def group(panel: RepairPanel, value: str) -> str:
    (key,) = [x["key"] for x in panel.groups.page["rows"] if x["value"] == value]
    return str(key)


def tick(page: Dashboard) -> Task:
    """Return the task in view, as the poller reads it."""
    page.tick()
    assert page.session.task.task is not None
    return page.session.task.task


def test_a_failed_record_is_shown_with_its_fields_and_the_wrong_one_marked(
    page: Dashboard, panel: RepairPanel
) -> None:
    """Fields for which a record failed come first."""
    labels = [column["label"] for column in panel.table.columns]
    assert labels == [
        *("Record", "Message", "Code", "kind", "gears", "electric"),
        *(ERC, "frameNumber", "model"),
    ]
    shown = cells(panel, 2)
    assert shown["gears"]["text"] == "many"
    assert shown["gears"]["state"] == "wrong"
    assert '"many" in the field "gears"' in shown["gears"]["note"]
    assert shown["kind"] == {"text": "road"}
    assert cells(panel, 6)["model"] == {"text": "<b>x</b>"}
    assert panel.layout.display is None
    failures = page.task_panels.panels[FailuresPanel]
    assert failures.layout.display == "none"


def test_a_typed_value_is_kept_until_the_retry_and_can_be_taken_back(
    page: Dashboard, panel: RepairPanel
) -> None:
    types(panel, 2, "gears", "9")
    assert cells(panel, 2)["gears"] == {
        "text": "9",
        "state": "changed",
        "note": "Was: many",
    }
    assert panel.summary.value == (
        "1 record is to be retried. 4 stay failed, unless waiting for it."
    )

    types(panel, 2, "gears", "many")
    assert cells(panel, 2)["gears"]["state"] == "wrong"
    assert panel.retry.disabled

    types(panel, 2, "gears", "9")
    panel.discard.click()
    assert panel.retry.disabled
    assert tick(page).counts == Counts(created=1, failed=5)


def test_a_replacement_shows_in_its_records_and_can_be_taken_back(
    panel: RepairPanel,
) -> None:
    types(panel, 3, "model", "Elbe")

    replaces(panel, "Rennrad", "road")
    assert cells(panel, 4)["kind"]["note"] == "Was: Rennrad"
    assert "2 records: kind becomes road." in panel.notice.value

    replaces(panel, "Rennrad", "")
    assert cells(panel, 4)["kind"]["state"] == "wrong"
    assert panel.summary.value == (
        "1 record is to be retried. 4 stay failed, unless waiting for it."
    )
    assert cells(panel, 3)["model"]["text"] == "Elbe"


def test_a_check_shows_all_that_is_still_wrong_and_writes_nothing(
    page: Dashboard, panel: RepairPanel
) -> None:
    types(panel, 6, "electric", "perhaps")
    types(panel, 6, "gears", "several")

    panel.check.click()

    assert "Checked: 0 records would come in, 1 would still fail." in (
        panel.notice.value
    )
    shown = cells(panel, 6)
    assert (shown["gears"]["state"], shown["electric"]["state"]) == ("wrong", "wrong")
    assert '"perhaps" in the field "electric"' in shown["electric"]["note"]
    (row,) = [row for row in panel.table.page["rows"] if row["key"] == "6"]
    assert {*row["code"].split(", ")} == {"exceeds-integer-size", "invalid-value"}
    types(panel, 2, "gears", "9")
    options = [label for label, _ in panel.shown.options]
    assert options == [
        *("All", "Not Mended Yet", "Mended (2)", "Refused by the Check (1)")
    ]
    for choice, keys in (("not mended", ["3", "4", "5"]), ("mended", ["2", "6"])):
        panel.shown.value = choice
        assert [row["key"] for row in panel.table.page["rows"]] == keys
    panel.shown.value = "refused"
    assert [row["key"] for row in panel.table.page["rows"]] == ["6"]
    panel.shown.value = "all"
    types(panel, 6, "gears", "3")
    assert cells(panel, 6)["gears"]["state"] == "changed"
    assert tick(page).counts == Counts(created=1, failed=5)


def open_another_page(center: Center) -> Dashboard:
    session = DashboardSession(center)
    session.load()
    return Dashboard(session, Guard(session.dashboard))


def test_what_is_mended_outlives_the_page(
    center: Center, panel: RepairPanel, task: Task
) -> None:
    """By cell, by group and with a new key; it is discarded for all pages."""
    types(panel, 2, "gears", "9")
    replaces(panel, "Rennrad", "road")
    types(panel, 3, "kind", "city")
    panel.groups.simulate_message(
        {"kind": "action", "key": group(panel, KEY), "action": "list-type-entry"}
    )
    assert "kept with the task until you retry it" in panel.help.value

    reloaded = open_panel(open_another_page(center), task)

    assert "4 records were mended before, and not retried yet." in reloaded.notice.value
    assert cells(reloaded, 2)["gears"]["note"] == "Was: many"
    kinds = [cells(reloaded, index)["kind"]["text"] for index in (3, 4, 5)]
    assert kinds == ["city", "road", KEY]
    typed = {x["value"]: x["new"]["text"] for x in reloaded.groups.page["rows"]}
    assert typed == {"Rennrad": "road", KEY: ""}
    said = Driver(center._workspace.path)("failures", task.id, "--groups")
    assert said.stdout.splitlines()[-1] == (
        f"One value for all of them: dmc retry {task.id} --replace kind:Rennrad=NEW"
    )
    assert said.stderr == (
        "Note: 4 records were mended in the dashboard, and not retried there yet. "
        "Their new values are not used here.\n"
    )
    reloaded.check.click()
    assert "Checked: 4 records would come in" in reloaded.notice.value
    reloaded.discard.click()
    assert open_panel(open_another_page(center), task).retry.disabled


def test_a_page_says_what_it_cannot_keep(
    center: Center, panel: RepairPanel, monkeypatch: pytest.MonkeyPatch, task: Task
) -> None:
    """It keeps that with the next change, once it can."""
    full = DiskFull("workspace.db", "the disk is full.")

    def refuse(*_: Any) -> None:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(RepairDraftStore, "save", refuse)
        types(panel, 2, "gears", "9")
    assert cells(panel, 2)["gears"]["state"] == "changed"
    assert "Your last changes are on this page only." in panel.notice.value
    assert "the disk is full." in panel.notice.value

    types(panel, 6, "gears", "3")

    assert panel.notice.value == ""
    reloaded = open_panel(open_another_page(center), task)
    assert [cells(reloaded, index)["gears"]["text"] for index in (2, 6)] == ["9", "3"]


def test_an_interrupted_repair_goes_on_before_what_was_mended_since(
    page: Dashboard, center: Center, tmp_path: Path
) -> None:
    task = import_bicycles(center, tmp_path, 30)
    repairs = center._workspace.repairs
    mend = Mend({("gears",): "9"})
    assert repairs.begin(task, {2: mend}, identify_self())
    repairs.restore(task)  # as a worker that was killed has left it
    panel = open_panel(page, task)
    types(panel, 3, "kind", "road")

    panel.retry.click()

    assert tick(page).counts == Counts(created=2, failed=4)
    assert "The repair that was interrupted goes on." in panel.notice.value
    assert cells(panel, 3)["kind"]["note"] == "Was: Rennrad"
    panel.retry.click()
    assert tick(page).counts == Counts(created=3, failed=3)


def test_retry_from_the_list_takes_what_was_mended_on_another_page(
    page: Dashboard, center: Center, tmp_path: Path
) -> None:
    task = import_bicycles(center, tmp_path, 50)
    types(open_panel(page, task), 3, "kind", "road")
    action = find_bulk_action("Retry")
    assert action is not None
    assert action.is_offered(task)

    action.run(center, task)

    assert center.tasks.get(task.id).counts == Counts(created=2, failed=4)
    assert center.repair.draft(task).mends == {}


def test_records_are_filtered_by_problem_and_by_text(panel: RepairPanel) -> None:
    assert panel.problem.options[1] == (
        "list-type-entry in kind (3)",
        ("list-type-entry", "kind"),
    )
    panel.problem.value = ("list-type-entry", "kind")
    assert [row["key"] for row in panel.table.page["rows"]] == ["3", "4", "5"]

    for query in (KEY.upper(), "Örebro"):
        search(panel, query)
        assert [row["key"] for row in panel.table.page["rows"]] == ["5"]


def test_a_file_of_another_task_is_refused_below_the_upload(
    panel: RepairPanel,
) -> None:
    panel.upload.simulate_upload("other.csv", b"errorRecord;kind\n99;road\n")

    assert panel.upload.state == "failed"
    assert "is a failed record of task" in panel.upload.error


def test_a_whole_round_brings_all_records_in(
    page: Dashboard, center: Center, tmp_path: Path
) -> None:
    """As they are, by cell, by group, and with a key that is new in the picklist."""
    panel = open_panel(page, import_bicycles(center, tmp_path, 20))
    assert panel.summary.value == (
        "Nothing is mended yet. Retry tries 5 records again as they are, after "
        "something else was put right."
    )
    page.task_actions.buttons["Retry"].click()
    assert tick(page).notes[-1] == (
        "Repair 1: 0 records came in, 5 records of the task still failed."
    )

    types(panel, 2, "gears", "9")
    types(panel, 6, "electric", "true")
    types(panel, 6, "gears", "3")
    replaces(panel, "Rennrad", "road")
    panel.groups.simulate_message(
        {"kind": "action", "key": group(panel, KEY), "action": "list-type-entry"}
    )
    assert f"1 record: {KEY} becomes a key of the picklist" in panel.notice.value
    panel.check.click()
    assert "Checked: 5 records would come in, 0 would still fail." in (
        panel.notice.value
    )
    assert tick(page).counts == Counts(created=1, failed=5)
    panel.retry.click()

    assert center.repair.draft(page.session.repair.task_id) == RepairDraft()
    assert tick(page).counts == Counts(created=6)
    assert panel.layout.display == "none"
    with center.installations.connect("Sample source") as opened:
        stored = {
            item[ERC]: (item["kind"]["key"], item["gears"], item["electric"])
            for item in opened.read("Bicycle")
            if item[ERC].startswith("REPAIR-2")
        }
    assert stored == {
        "REPAIR-20": ("road", 7, False),
        "REPAIR-21": ("road", 9, False),
        "REPAIR-22": ("road", 7, False),
        "REPAIR-23": ("road", 7, False),
        "REPAIR-24": (KEY, 7, False),
        "REPAIR-25": ("road", 3, True),
    }


def test_the_failed_records_are_downloaded_mended_and_uploaded(
    page: Dashboard, panel: RepairPanel
) -> None:
    """The rows come back in another order, and one of them as it was."""
    panel.format.value = "CSV"
    name, pieces = panel.download.open_file()
    assert name == f"failed-records-{page.session.repair.task_id}.csv"
    rows = [*csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig")))]
    assert [row["errorCode"] for row in rows][:2] == [
        "exceeds-integer-size",
        "list-type-entry",
    ]
    for row in rows[1:]:
        row["kind"], row["electric"] = "city", "false"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(reversed(rows))

    panel.upload.simulate_upload("mended.csv", text.getvalue().encode())

    assert panel.upload.state == "done"
    assert "mended.csv: 4 records mended, 1 as before." in panel.notice.value
    assert cells(panel, 3)["kind"]["text"] == "city"
    page.task_actions.buttons["Retry"].click()
    assert tick(page).counts == Counts(created=5, failed=1)
    assert tick(page).status is TaskStatus.PARTIALLY_COMPLETED
    assert [row["key"] for row in panel.table.page["rows"]] == ["2"]
    assert panel.upload.state == "idle"
