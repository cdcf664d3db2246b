"""The state of the task list: what it shows, and what each task offers."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from traitlets import HasTraits, Tuple, Unicode

from ..model.plan import Action
from ..model.task import Task, TaskStatus

ACTION_FILTERS = ("", *(each.value for each in Action))

StatusKind = Literal["info", "success", "warning", "danger", "secondary"]

STATUS_KINDS: dict[TaskStatus, StatusKind] = {
    TaskStatus.INACTIVE: "warning",
    TaskStatus.QUEUED: "info",
    TaskStatus.RUNNING: "info",
    TaskStatus.COMPLETED: "success",
    TaskStatus.FAILED: "danger",
    TaskStatus.PARTIALLY_COMPLETED: "warning",
    TaskStatus.CANCELLED: "secondary",
}
"""Liferay's colour of each status; *Cancelled* is ours."""


class TaskMenuItem(StrEnum):
    """What the menu of a task offers. The value is the label."""

    ERROR_REPORT = "Download Error Report"
    ORIGINAL_FILE = "Download Original File"
    EXPORTED_FILE = "Download File"
    CANCEL = "Cancel"


class TaskListState(HasTraits):
    """What the list shows.

    Attributes:
        tasks: Those that match, the newest first.
        keyword: What the person searches for.
        action: ``Export``, ``Import``, ``Migration``, or empty for all.
    """

    tasks = Tuple()
    keyword = Unicode()
    action = Unicode()


def list_menu_items(task: Task) -> tuple[TaskMenuItem, ...]:
    """Return what can be done with *task* now, in Liferay's order."""
    is_import = task.action is Action.IMPORT
    is_export = task.action is Action.EXPORT
    is_exported = is_export and task.status is TaskStatus.COMPLETED
    offers = {
        TaskMenuItem.ERROR_REPORT: task.counts.failed > 0,
        TaskMenuItem.ORIGINAL_FILE: is_import and task.status.is_final,
        TaskMenuItem.EXPORTED_FILE: is_exported,
        TaskMenuItem.CANCEL: not task.status.is_final,
    }
    return tuple(item for item, offered in offers.items() if offered)
