"""The menu of a task in the list: its downloads, then its actions."""

from __future__ import annotations

from ..model.task import Task
from .task_actions import list_task_actions
from .task_list_state import list_downloads


def list_menu_items(task: Task) -> tuple[str, ...]:
    """List the labels of what *task* offers now, downloads as in Liferay's menu."""
    downloads = (download.value for download in list_downloads(task))
    return (*downloads, *(action.label for action in list_task_actions(task)))
