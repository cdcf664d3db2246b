"""Actions on all selected tasks of the list, each on those tasks that offer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...center import Center
from ...center.reruns import is_rerunnable
from ...center.resuming import is_resumable
from ...errors import DmcError
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.task import Task, TaskStatus
from ..actions.repairs import can_mend, start_retry
from ..dashboard_session import DashboardSession
from ..repair_state import RepairState

_UNDELETABLE = {TaskStatus.PAUSED, TaskStatus.INACTIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAction:
    """An action on several tasks.

    Attributes:
        label: The text of the button; unique among these actions.
        is_offered: Returns True if a task can be acted on so now.
        run: Acts on a task; its DmcErrors are counted and named.
        done: The message, with the number of tasks as ``{number}``.
        question: What is asked before, likewise; empty for nothing.
        style: The look of the button.
    """

    label: str
    is_offered: Callable[[Task], bool]
    run: Callable[[Center, Task], object]
    done: str
    question: str = ""
    style: str = ""


def _can_cancel(task: Task) -> bool:
    return not task.status.is_final or task.status is TaskStatus.PAUSED


def _can_delete(task: Task) -> bool:
    return task.status.is_final and task.status not in _UNDELETABLE


BULK_ACTIONS: tuple[BulkAction, ...] = (
    BulkAction(
        label=lazy("Cancel"),
        is_offered=_can_cancel,
        run=lambda center, task: center.tasks.cancel(task),
        done=lazy("Tasks that were asked to end: {number}."),
        question=lazy("Cancel {number} tasks? What they have written stays."),
    ),
    BulkAction(
        label=lazy("Resume"),
        is_offered=is_resumable,
        run=lambda center, task: center.tasks.resume(task),
        done=lazy("Tasks that go on: {number}."),
    ),
    BulkAction(
        label=lazy("Retry"),
        is_offered=can_mend,
        run=lambda center, task: start_retry(center, task, RepairState()),
        done=lazy("Tasks whose failed records are tried again: {number}."),
        question=lazy(
            "Try the failed records of {number} tasks again, those that were mended "
            "as they are now? The tasks write to their targets."
        ),
    ),
    BulkAction(
        label=lazy("Run Again"),
        is_offered=is_rerunnable,
        run=lambda center, task: center.tasks.run_again(task.id),
        done=lazy("Tasks that were started: {number}."),
        question=lazy(
            "Run {number} tasks once more, with the same choices and files? "
            "Imports and migrations write to their targets again."
        ),
    ),
    BulkAction(
        label=lazy("Delete"),
        is_offered=_can_delete,
        run=lambda center, task: center.tasks.delete(task),
        done=lazy("Tasks that were deleted: {number}."),
        question=lazy(
            "Delete {number} tasks with their files, outcomes and journals? They can "
            "no longer be undone, repaired, verified or run again. Backups among them "
            "are lost. What they have written stays in the installations."
        ),
        style="danger",
    ),
)
"""In the order of their buttons."""


def find_bulk_action(label: str) -> BulkAction | None:
    """Return the action with this label, or None."""
    return next((one for one in BULK_ACTIONS if one.label == label), None)


def read_selected(session: DashboardSession) -> list[Task]:
    """Return the selected tasks as they are now; those that are gone are left out."""
    tasks = []
    for task_id in session.tasks.selected_ids:
        try:
            tasks.append(session.center.tasks.get(task_id))
        except DmcError:  # somebody else has deleted it
            continue
    return tasks


def request_bulk_action(session: DashboardSession, label: str) -> None:
    """Act on the selected tasks, or ask first.

    Raises:
        NotSupported: The page is still busy with something else.
    """
    action = find_bulk_action(label)
    if action is not None and action.question:
        session.tasks.asked = label
    elif action is not None:
        _start(session, action)


def confirm_bulk_action(session: DashboardSession) -> None:
    """Do what was asked for.

    Raises:
        NotSupported: The page is still busy with something else.
    """
    action = find_bulk_action(session.tasks.asked)
    session.tasks.asked = ""
    if action is not None:
        _start(session, action)


def format_bulk_question(session: DashboardSession) -> str:
    """Return what is asked, with the number of tasks that offer the action."""
    action = find_bulk_action(session.tasks.asked)
    if action is None:
        return ""
    number = sum(map(action.is_offered, read_selected(session)))
    return _(action.question).format(number=format_number(number))


def _start(session: DashboardSession, action: BulkAction) -> None:
    tasks = [task for task in read_selected(session) if action.is_offered(task)]

    def report(problems: Sequence[str]) -> None:
        number = format_number(len(tasks) - len(problems))
        done = _(action.done).format(number=number)
        session.tasks.selected = ()
        session.load_tasks()
        if problems:
            rest = _("{done} Not possible: {count}. {problem}").format(
                done=done, count=format_number(len(problems)), problem=problems[0]
            )
            session.dashboard.report_error(rest)
        else:
            session.dashboard.report_success(done)

    session.background.start(lambda: _act(session.center, action, tasks), report)


def _act(center: Center, action: BulkAction, tasks: Sequence[Task]) -> list[str]:
    """Act on each task; return why some could not be acted on."""
    problems = []
    for task in tasks:
        try:
            action.run(center, task)
        except DmcError as exc:
            problems.append(str(exc))
    return problems
