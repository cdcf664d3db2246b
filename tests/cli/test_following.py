"""What is printed of a task, and what the exit status says of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.center.progress_display import ProgressLines
from dmc_widgets.center.progress_text import format_progress
from dmc_widgets.cli.command_context import task_exit_status, worst_exit_status
from dmc_widgets.cli.task_progress import (
    format_counts,
    print_details,
    print_parts,
)
from dmc_widgets.model.representation import printable
from dmc_widgets.model.task import Progress, Task, TaskPart, TaskStatus
from tests.cli.driver import Driver, customer

TASK = Task(
    id=1,
    name="",
    installation="",
    plan=dmc.ImportPlan(entity_type="C_Customer"),
    author="",
    created="",
    modified="",
)


def test_control_characters_are_shown_not_sent() -> None:
    """A file name cannot steer the terminal."""
    assert printable("a\x1b[31mb\nc–ü") == "a\\x1b[31mb\\nc–ü"


def test_notes_hold_names_that_strangers_chose(
    capsys: pytest.CaptureFixture[str], center: Center
) -> None:
    """They are shown as all their texts are; and a task without parts has no table."""
    task = replace(TASK, notes=("Left alone: \x1b[31mUser.",))
    print_parts(task)
    print_details(center, task)

    assert capsys.readouterr().out == "Note: Left alone: \\x1b[31mUser.\n"


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [([], 0), ([0, 0], 0), ([0, 3, 0], 3), ([3, 1, 0], 1)],
    ids=str,
)
def test_the_worst_task_decides(statuses: list[int], expected: int) -> None:
    """A failed task outweighs failed records."""
    assert worst_exit_status(statuses) == expected


@pytest.mark.parametrize(
    ("status", "failed", "is_as_expected", "expected"),
    [
        (TaskStatus.COMPLETED, 0, None, 0),
        (TaskStatus.COMPLETED, 0, True, 0),
        (TaskStatus.COMPLETED, 0, False, 3),
        (TaskStatus.PARTIALLY_COMPLETED, 2, None, 3),
        (TaskStatus.FAILED, 2, False, 1),
        (TaskStatus.CANCELLED, 0, None, 1),
    ],
    ids=str,
)
def test_a_task_decides_the_exit_status(
    status: TaskStatus, failed: int, is_as_expected: bool | None, expected: int
) -> None:
    """0 all done, 3 with failed records or another target than expected, 1 failed."""
    counts = dmc.Counts(created=1, failed=failed)
    report = (
        None if is_as_expected is None else SimpleNamespace(is_equal=is_as_expected)
    )
    center: Any = SimpleNamespace(
        tasks=SimpleNamespace(verification=lambda _task: report)
    )
    task = replace(TASK, status=status, counts=counts)

    assert task_exit_status(center, task) == expected


@pytest.mark.parametrize(
    ("done", "elapsed_s", "expected"),
    [
        pytest.param(0, 0.0, "0 records", id="not-begun"),
        pytest.param(500, 0.5, "500 records", id="too-early-for-a-pace"),
        pytest.param(
            40_000,
            20.0,
            "40,000 of about 200,000 records, 2,000 a second, 1:20 left",
            id="under-way",
        ),
    ],
)
def test_progress_tells_pace_and_time_left(
    done: int, elapsed_s: float, expected: str
) -> None:
    """The pace so far is taken for the rest; a guess is not shown."""
    progress = Progress(
        done=done, of=200_000, started=1000.0, updated=1000.0 + elapsed_s
    )
    counts = dmc.Counts(created=done)

    assert format_progress(replace(TASK, counts=counts, progress=progress)) == expected


def test_without_a_terminal_long_tasks_print_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On standard error, and nothing of tasks that end soon."""
    now = iter([0.0, 4.0, 10.0, 10.0, 15.0, 21.0, 21.0, 60.0])
    lines = ProgressLines(lambda: next(now))
    part = TaskPart(entity_type="C_Customer", status=TaskStatus.RUNNING)
    progress = Progress(done=500, of=1_000, started=1.0, updated=11.0)
    running = replace(
        TASK,
        status=TaskStatus.RUNNING,
        counts=dmc.Counts(created=500),
        progress=progress,
        parts=(part,),
    )

    for _ in range(4):
        lines.show(running)
    lines.show(replace(running, status=TaskStatus.COMPLETED))

    told = (
        "Task 1: C_Customer, 50 %, 500 of about 1,000 records, 50 a second, 0:10 left\n"
    )
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", told * 2)


def test_one_record_and_no_pace_of_none() -> None:
    """A pace of 0 a second says nothing, nor does a time left near the end."""
    early = Progress(done=0, of=100, started=1.0, updated=9.0)
    late = Progress(done=995, of=1_000, started=1.0, updated=9.0)

    assert format_progress(replace(TASK, progress=early)) == "0 records"
    assert (
        format_progress(replace(TASK, progress=late, counts=dmc.Counts(created=1)))
        == "1 record"
    )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (dmc.Counts(), "0 records, 0 failed"),
        (dmc.Counts(created=1), "1 record, 1 created, 0 failed"),
        (
            dmc.Counts(1000, 2, 3, 4, 5, 6),
            "1,020 records, 1,000 created, 2 updated, 3 unchanged, 4 skipped, "
            "5 failed, 6 unknown",
        ),
    ],
    ids=["none", "one", "every-fate"],
)
def test_counts_name_the_fates_that_were_met(counts: dmc.Counts, expected: str) -> None:
    """Failed records are always told, the other fates when there are any."""
    assert format_counts(replace(TASK, counts=counts)) == expected


@pytest.mark.parametrize("status", [TaskStatus.CANCELLED, TaskStatus.PAUSED])
def test_a_stop_is_no_error(
    run: Driver, target: str, tmp_path: Path, status: TaskStatus
) -> None:
    """Ctrl-C cancels the import, which says so; another program may pause it."""
    file = tmp_path / "many.jsonl"
    with file.open("wb") as stream:
        for number in range(300_000):
            stream.write(orjson.dumps(customer(10**6 + number)) + b"\n")
    command = [sys.executable, "-m", "dmc_widgets", "import", target, "Customer", file]
    started = subprocess.Popen(
        [str(each) for each in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DMC_WORKSPACE": str(run.workspace)},
    )

    with dmc.open_center(run.workspace) as center:
        known = len(center.tasks.list())
        wait_until(lambda: len(center.tasks.list()) > known)
        task_id = max(task.id for task in center.tasks.list())
        wait_until(lambda: center.tasks.get(task_id).status is not TaskStatus.QUEUED)
        wait_until(lambda: center.tasks.get(task_id).counts.created > 0)
        is_pause = status is TaskStatus.PAUSED
        if is_pause:
            center.tasks.pause(task_id)
        else:
            started.send_signal(signal.SIGINT)
        output, errors = started.communicate(timeout=30)

        assert center.tasks.get(task_id).status is status
    assert started.returncode == 1
    assert (f"Cancelling task {task_id}.\n" in errors) is not is_pause
    assert f"Task {task_id} {status}: " in output
    assert re.search(rf"^{status} after record [\d,]+\. ", errors, re.MULTILINE)
    assert f"Go on with it: dmc resume {task_id}\n" in errors
    assert "Error" not in errors


def wait_until(condition: Callable[[], bool], timeout_s: float = 30) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
