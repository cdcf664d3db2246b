"""The state of the task list, and the downloads of a task."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from traitlets import HasTraits, Tuple, Unicode

from ..model.plan import Action
from ..model.task import Task, TaskStatus

ACTION_FILTERS = ("", *(action.value for action in Action))
"""The values of the action filter; the empty one stands for all."""
STATUS_FILTERS = ("", *(status.value for status in TaskStatus))
"""The values of the status filter, likewise."""

StatusKind = Literal["info", "success", "warning", "danger", "secondary"]

STATUS_KINDS: dict[TaskStatus, StatusKind] = {
    TaskStatus.INACTIVE: "warning",
    TaskStatus.QUEUED: "info",
    TaskStatus.RUNNING: "info",
    TaskStatus.COMPLETED: "success",
    TaskStatus.FAILED: "danger",
    TaskStatus.PARTIALLY_COMPLETED: "warning",
    TaskStatus.CANCELLED: "secondary",
    TaskStatus.PAUSED: "warning",
}
"""The colour of each status, as in Liferay, which has no *Cancelled*."""


class TaskDownload(StrEnum):
    """The files of a task that can be downloaded. The value is the label."""

    ERROR_REPORT = "Download Error Report"
    ORIGINAL_FILE = "Download Original File"
    EXPORTED_FILE = "Download File"


class TaskListState(HasTraits):
    """The tasks in the list, and the filter.

    Attributes:
        tasks: The tasks that match the filter, the newest first.
        keyword: A part of the name or the entity type to search for.
        action: ``Export``, ``Import``, ``Migration``, or empty for all.
        status: A status, or empty for all.
        installation: The name of an installation, or empty for all.
    """

    tasks = Tuple()
    keyword = Unicode()
    action = Unicode()
    status = Unicode()
    installation = Unicode()


def list_downloads(task: Task) -> tuple[TaskDownload, ...]:
    """List the downloads that *task* offers now, in the order of Liferay's menu."""
    is_import = task.action is Action.IMPORT
    is_export = task.action is Action.EXPORT
    is_exported = is_export and task.status is TaskStatus.COMPLETED
    conditions = {
        TaskDownload.ERROR_REPORT: task.counts.failed > 0,
        TaskDownload.ORIGINAL_FILE: is_import and task.status.is_final,
        TaskDownload.EXPORTED_FILE: is_exported,
    }
    return tuple(item for item, is_met in conditions.items() if is_met)
