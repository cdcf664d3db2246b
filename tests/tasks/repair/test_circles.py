"""Records of one file that are each other's parents: repaired, and after a kill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import NO_WORKER
from tests.tasks.imports import test_later_parents
from tests.tasks.imports.test_later_parents import bosses, plan, problems, worker
from tests.tasks.interrupted_worker import Killed

RunImport = Callable[..., Task]

target = test_later_parents.target


def test_the_first_of_a_circle_is_linked_once_the_others_are_mended(
    center: Center, run_import: RunImport
) -> None:
    """It is stored without its parent until then, and says so; INSERT is no hurdle."""
    records = [worker("A", "B"), worker("B", "A", name=""), worker("C", "A")]
    chosen = plan(error_strategy="continue", import_strategy="INSERT")

    task = run_import(records, chosen)

    assert task.counts == Counts(created=1, failed=2)
    missing = (1, "no-such-related-object-entry")
    assert problems(center, task) == [missing, (2, "required")]
    assert bosses(center) == {"Z": "", "A": "", "C": "A"}
    handle = center.task(task.id)
    frame = handle.failures()
    frame.loc[1, "name"] = "b"
    handle.retry(frame)
    assert problems(center, task) == []
    assert handle.counts == Counts(created=2, updated=1)
    assert bosses(center) == {"Z": "", "A": "B", "B": "A", "C": "A"}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_circle_comes_in_whenever_its_worker_dies(
    workspace: Workspace,
    center: Center,
    run_import: RunImport,
    monkeypatch: pytest.MonkeyPatch,
    before: bool,
) -> None:
    """Around the outcomes of the records and of their links; each counts once."""
    record = workspace.repairs.record
    left = 0

    def die(*values: Any, **more: Any) -> None:
        nonlocal left
        left -= 1
        if before and not left:
            raise Killed
        record(*values, **more)
        if not left:
            raise Killed

    monkeypatch.setattr(workspace.repairs, "record", die)
    for moment in (1, 2):
        pairs = {f"A{moment}": f"B{moment}", f"B{moment}": f"A{moment}"}
        records = [worker(*pair) for pair in pairs.items()]
        records += [worker("X", f"Y{moment}"), worker(f"Y{moment}", name="")]
        left = moment
        with pytest.raises(Killed):
            run_import(records, plan(error_strategy="continue"))
        task = workspace.tasks.all()[-1]
        workspace.tasks.assign(task.id, NO_WORKER)

        resumed = center.tasks.get(center.tasks.resume(task.id).id)

        assert (resumed.status, resumed.error) == (TaskStatus.PARTIALLY_COMPLETED, "")
        assert (resumed.counts, resumed.notes) == (Counts(created=2, failed=2), ())
        assert pairs.items() <= bosses(center).items()
