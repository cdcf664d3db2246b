"""The buttons that copy what does the same: on the import's preview, and on a task."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan
from dmc_widgets.states.actions.repairs import mend_record, replace_value
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.controls import CodeButtons
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.task_panels.repair import RepairPanel
from tests.widgets.test_import_form import BICYCLE, bicycle

Upload = Callable[[str, Any], None]


def press(
    buttons: CodeButtons, language: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Return what the page is sent after the press."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(buttons, "send", sent.append)
    buttons.simulate_message({"kind": "find", "request": 7, "language": language})
    (answer,) = sent
    return answer


def test_import_is_copied_with_the_name_of_the_uploaded_file(
    page: Dashboard, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.task_list.new.choose("import")
    form = page.pages[DashboardPage.IMPORT]
    form.inputs["entity"].value = BICYCLE
    upload("two bicycles.json", [bicycle(31), bicycle(32)])
    form.review.click()
    buttons = page.pages[DashboardPage.PREVIEW].code

    command = press(buttons, "command", monkeypatch)
    python = press(buttons, "python", monkeypatch)

    assert " import 'Sample source' " in command["text"]
    assert "'two bicycles.json'" in command["text"]
    assert '        "two bicycles.json",\n' in python["text"]
    assert (command["request"], command["reason"]) == (7, "")


def _run_in(
    folder: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    monkeypatch.chdir(folder)
    exec(program, {})
    return folder.glob("*.zip")


def test_task_is_copied_without_its_name(
    page: Dashboard, center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is called by the rule of the form, in the current folder."""
    plan = ExportPlan(entity_type="Customer", name="Once", format="JSONL")
    task = center.tasks.wait(center.tasks.start_export("Sample source", plan).id)
    page.session.open_task(task.id)
    buttons = page.pages[DashboardPage.TASK].code

    command = press(buttons, "command", monkeypatch)

    assert command["text"].endswith(" export 'Sample source' C_Customer --format JSONL")
    python = press(buttons, "python", monkeypatch)["text"]
    (made,) = _run_in(tmp_path, python, monkeypatch)
    assert made.name == center.task(task.id).file_name


def test_retry_is_copied_with_what_was_mended_for_many(
    page: Dashboard, center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that was mended by itself is in no single call."""
    path = tmp_path / "retry.csv"
    path.write_text("model,frameNumber,kind\nA,R-1,Rad\nB,R-2,Rad\nC,R-3,Auto\n")
    task = center.import_file("Sample source", "Bicycle", path, on_error="continue")
    page.session.open_task(task.id)
    panel = page.task_panels.panels[RepairPanel]
    assert isinstance(panel, RepairPanel)

    (group,) = [x for x in page.session.repair.groups if x.value == '"Rad"']
    replace_value(page.session, group, "road")
    python = press(panel.code, "python", monkeypatch)
    command = press(panel.code, "command", monkeypatch)
    mend_record(page.session, 3, "kind", "cargo")
    refused = press(panel.code, "python", monkeypatch)

    call = f'center.task({task.id}).retry(replace={{"kind": {{"Rad": "road"}}}})'
    assert python["text"].endswith(f"    task = {call}\n")
    assert command["text"].endswith(f" retry {task.id} --replace kind:Rad=road")
    assert refused["text"] == ""
    assert "mended one by one" in refused["reason"]


def test_package_is_copied_with_its_name_and_choices(
    page: Dashboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.session.dashboard.installation = "Sample target"
    package = page.session.package
    package.show(tmp_path / "upload-1", "on boarding.zip", "2 files")
    package.update_strategy, package.lazy_references = "MERGE", True
    buttons = page.pages[DashboardPage.IMPORT].package.code

    command = press(buttons, "command", monkeypatch)

    assert command["text"].endswith(
        " package 'Sample target' 'on boarding.zip' --lazy-references "
        "--update-strategy MERGE"
    )
