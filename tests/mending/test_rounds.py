"""A round of repair: export what failed, mend it in a spreadsheet, bring it in.

``python -m tests.mending`` does it with 1,000 bad records, in every spelling, by file
and in the form, embedded and against a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.model.mend import Mend
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.mending import pictures
from tests.mending.form_round import mend_in_form
from tests.mending.rounds import (
    import_pictures,
    mend_and_retry,
    mend_table,
    open_center,
)
from tests.mending.spreadsheets import REWRITES, Table, read_table

RECORDS = 2 * len(pictures.FAULTS)


def run_here(workspace: Workspace, task: Task) -> None:
    """Carry out a task in the process of the test."""
    run_task(workspace, task.id)


@pytest.fixture(scope="module", autouse=True)
def _in_this_process() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("center.launching", "tasks.repair.running.repair_start"):
            patch.setattr(f"dmc_widgets.{module}.launch_worker", run_here)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round")


@pytest.fixture(scope="module")
def task(folder: Path) -> Iterator[TaskHandle]:
    """An import of pictures of which every second one is wrong in its own way."""
    with open_center(folder) as center:
        yield import_pictures(center, folder, RECORDS, "CSV")


@pytest.fixture(scope="module")
def table(task: TaskHandle, folder: Path) -> Table:
    path = folder / "failed.csv"
    task._repair.save_failures(task.id, path)
    return read_table(path.read_bytes())


def test_each_fault_is_named(task: TaskHandle) -> None:
    """By the field at fault and a code, in the record that has it."""
    found = [
        (x.number, x.problem.field, x.problem.code)
        for x in task.outcomes()
        if x.problem is not None
    ]

    assert found == [
        (number, fault.field, fault.code)
        for number in range(1, RECORDS + 1)
        if (fault := pictures.fault_of(number))
    ]


@pytest.mark.parametrize("name", REWRITES)
def test_only_what_was_mended_is_a_change(
    task: TaskHandle, table: Table, folder: Path, name: str
) -> None:
    """However the spreadsheet has spelled and ordered the rest of the file."""
    path = folder / "mended.csv"
    path.write_bytes(REWRITES[name](mend_table(table)))

    mends = task._repair.read(task.id, path).mends

    remark: dict[tuple[str | int, ...], Any] = (
        {("Remark",): "done"} if name == "with remarks" else {}
    )
    expected = {
        number: Mend({(fault.field,): pictures.mended_value(number, fault), **remark})
        for number in range(1, RECORDS + 1)
        if (fault := pictures.fault_of(number))
    }
    assert mends == expected


def test_all_records_are_in_after_a_round(task: TaskHandle, folder: Path) -> None:
    """With what was mended, and none of the good ones was written again."""
    rewrite = REWRITES["Excel, German, ANSI"]

    assert [*mend_and_retry(task, folder, "CSV", rewrite)] == []


def test_all_records_are_in_after_a_round_with_json_lines(tmp_path: Path) -> None:
    """Whose records keep their links as lists."""
    with open_center(tmp_path) as center:
        task = import_pictures(center, tmp_path, RECORDS, "JSONL")

        faults = mend_and_retry(task, tmp_path, "JSONL", REWRITES["as it was"])
        assert [*faults] == []


def test_all_records_are_in_a_server_after_a_round_in_the_form(tmp_path: Path) -> None:
    """Values that are wrong twice are replaced once, the others in their cells."""
    with open_center(tmp_path, served=True) as center:
        task = import_pictures(center, tmp_path, 2 * RECORDS, "JSONL")

        assert [*mend_in_form(center, task, tmp_path)] == []
