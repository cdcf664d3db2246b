"""The widgets over one task: progress, changes and failures, without a front end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center, TaskHandle
from dmc_widgets.widgets import ChangesTable, FailuresTable, TaskProgress

Start = Callable[..., TaskHandle]


def wait_for(widget: Any, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, repr(widget)
        widget.refresh()
        time.sleep(0.02)


def test_progress_follows_a_task_to_its_end(import_bicycles: Start) -> None:
    progress = TaskProgress(import_bicycles(wait=False))
    seen: list[str] = []
    progress.observe(lambda change: seen.append(change["new"]), "status")

    wait_for(progress, lambda: progress.percent == 100)

    assert progress.status == "Partially Completed"
    assert seen[-1] == progress.status


def test_progress_takes_a_number_and_the_center(
    center: Center, import_bicycles: Start
) -> None:
    task = import_bicycles()

    progress = TaskProgress(task.id, center)

    assert (progress.value, progress.percent) == (task.id, 100)
    with pytest.raises(dmc.UnknownName):
        TaskProgress(task.id + 1000, center)
    with pytest.raises(TypeError, match="A task or its number is expected"):
        TaskProgress("seven", center)  # type: ignore[arg-type]


def test_changes_are_a_table_and_a_frame(
    import_bicycles: Start, bicycles: Path
) -> None:
    """A dry run shows what it would change, in the widget and as a dataframe."""
    import_bicycles()
    text = bicycles.read_text(encoding="utf-8").replace("Kranich 1", "Reiher")
    bicycles.write_text(text, encoding="utf-8")

    changes = ChangesTable(import_bicycles(dry_run=True))

    frame = changes.frame[changes.frame["field"] == "model"]
    assert frame[["old", "new"]].to_numpy().tolist() == [["Kranich 1", "Reiher"]]
    assert changes.status == "Partially Completed"


def test_failures_are_mended_and_tried_again(import_bicycles: Start) -> None:
    """What is typed into a cell is counted, and a retry takes it."""
    task = import_bicycles()
    failures = FailuresTable(task)
    assert failures.failed == 1
    assert list(failures.frame["errorField"]) == ["price"]

    failures.mend(3, "price", "500")
    assert failures.mended == 1
    failures.retry()
    wait_for(failures, lambda: failures.status == "Completed")

    assert (failures.failed, failures.mended) == (0, 0)


def test_failures_take_a_mended_frame(import_bicycles: Start) -> None:
    failures = FailuresTable(import_bicycles())
    frame = failures.frame
    frame["price"] = 650.0

    failures.retry(frame)
    wait_for(failures, lambda: failures.status == "Completed")

    assert failures.failed == 0


def test_a_closed_widget_stops_its_poller(import_bicycles: Start) -> None:
    progress = TaskProgress(import_bicycles())
    poller = progress._poller
    stopped: list[bool] = []
    assert poller is not None
    poller.stop = lambda: stopped.append(True)  # type: ignore[method-assign]

    progress.close()

    assert stopped == [True]
