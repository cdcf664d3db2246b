"""The actions on a task, each in a module of its own.

A new action is a module with a :class:`TaskAction`, and a line in the tuple below. The
page of a task, the panel that follows a run, and the menu in the list then offer it.
"""

from __future__ import annotations

from ...model.task import Task
from .cancel import CANCEL
from .pause import PAUSE
from .restore import RESTORE
from .resume import RESUME
from .retry import RETRY
from .run_again import RUN_AGAIN
from .run_as_shown import IMPORT_AS_SHOWN, MIGRATE_AS_SHOWN
from .see_entries import SEE_ENTRIES
from .task_action import TaskAction
from .undo import REHEARSE_UNDO, UNDO
from .verify import VERIFY

__all__ = ["TASK_ACTIONS", "TaskAction", "find_task_action", "list_task_actions"]

TASK_ACTIONS: tuple[TaskAction, ...] = (
    IMPORT_AS_SHOWN,
    MIGRATE_AS_SHOWN,
    CANCEL,
    PAUSE,
    RESUME,
    RETRY,
    SEE_ENTRIES,
    VERIFY,
    RESTORE,
    REHEARSE_UNDO,
    UNDO,
    RUN_AGAIN,
)
"""All actions, in the order of their buttons."""


def list_task_actions(task: Task) -> tuple[TaskAction, ...]:
    """Return the actions that *task* offers now, in the order of their buttons."""
    return tuple(action for action in TASK_ACTIONS if action.is_offered(task))


def find_task_action(label: str) -> TaskAction | None:
    """Return the action with this label, or None."""
    return next((action for action in TASK_ACTIONS if action.label == label), None)
