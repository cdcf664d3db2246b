"""The commands with which a task that has ended goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...model.plan import Action, is_dry_run
from ...model.task import Task

_REPAIRABLE: Final = frozenset({Action.IMPORT, Action.MIGRATION})


def next_steps(task: Task) -> Iterator[str]:
    """Yield what can be done with a task that has ended, with the command for it.

    Args:
        task: The task; none of its steps are offered while it is at work.
    """
    from ...center.resuming import is_resumable
    from ...center.shown_run import can_run_as_shown

    if task.counts.failed:
        yield _failures_step(task)
    if task.status.is_final and is_resumable(task):
        yield f"Go on with it: dmc resume {task.id}"
    if can_run_as_shown(task):
        yield f"Run exactly this: dmc run {task.id}"


def _failures_step(task: Task) -> str:
    number = task.counts.failed
    records = "1 record" if number == 1 else f"{number:,} records"
    if task.action is Action.VERIFICATION:
        return f"Not as expected: {number:,}; see: dmc verify {task.id} --last"
    if is_dry_run(task.plan):
        return f"{records} would fail. List them: dmc failures {task.id}"
    if task.action in _REPAIRABLE:
        them = "it" if number == 1 else "them"
        return f"{records} failed. Mend {them}: dmc failures {task.id} -o FILE"
    return f"{records} failed. List them: dmc failures {task.id}"
