"""The state of the task list, and the downloads of a task."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import Any, Literal

from traitlets import Bool, HasTraits, Instance, Int, Tuple, Unicode

from ..center import Center
from ..center.task_search import Facets
from ..languages import lazy
from ..model.plan import Action
from ..model.task import Task, TaskStatus

ACTION_FILTERS = ("", *(action.value for action in Action))
"""The values of the action filter; the empty one stands for all."""
TASK_FILTERS = {
    "status": lazy("Status"),
    "action": lazy("Action"),
    "entity_type": lazy("Entity Type"),
    "installation": lazy("Installation"),
    "author": lazy("Author"),
}
"""The filters of the list by their traits, in their order, with their labels."""

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

_FACETS_AGE_S = 2.0


class TaskDownload(StrEnum):
    """The files of a task that can be downloaded. The value is the label."""

    ERROR_REPORT = lazy("Download Error Report")
    ORIGINAL_FILE = lazy("Download Original File")
    EXPORTED_FILE = lazy("Download File")


class TaskListState(HasTraits):
    """The page of tasks in view, the search and the filters.

    Only the tasks of the page are read, however many there are.

    Attributes:
        tasks: The tasks of the page in view, sorted.
        total: The number of all tasks that match the search and the filters.
        facets: How many tasks there are of each kind; None before they were counted.
        offset: How many tasks stand before the page.
        limit: How many tasks there are on a page.
        sort: What the tasks are sorted by.
        descending: The newest, or the largest, come first.
        keyword: Words to search for.
        action: ``Export``, ``Import``, ``Migration``, or empty for all.
        status: A status, or empty for all.
        entity_type: The key of an entity type, or empty for all.
        installation: The name of an installation, or empty for all.
        author: A user, or empty for all.
        selected: The keys of the selected tasks: their ids as texts.
        asked: The label of the action on several tasks that waits for a confirmation.
    """

    tasks = Tuple()
    total = Int()
    facets = Instance(Facets, allow_none=True)
    offset = Int()
    limit = Int(20)
    sort = Unicode("created")
    descending = Bool(True)
    keyword = Unicode()
    action = Unicode()
    status = Unicode()
    entity_type = Unicode()
    installation = Unicode()
    author = Unicode()
    selected = Tuple()
    asked = Unicode()

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._counted: float | None = None
        self._read: dict[str, str] = {}
        self._loaded: dict[str, str] | None = None

    @property
    def filters(self) -> dict[str, str]:
        """The search and the filters, as ``center.tasks`` takes them."""
        chosen = {name: getattr(self, name) for name in TASK_FILTERS}
        return {"keyword": self.keyword.strip(), **chosen}

    @property
    def is_stale(self) -> bool:
        """The tasks were never read, or with another search or other filters."""
        return self._loaded != self.filters

    def load(self, center: Center) -> None:
        """Read the page in view and, now and then, how many tasks there are of a kind.

        Raises:
            WorkspaceError: The workspace does not answer.
        """
        filters: Any = self.filters
        self._loaded = filters
        page = center.tasks.page(
            self.offset,
            self.limit,
            sort=self.sort,
            descending=self.descending,
            **filters,
        )
        with self.hold_trait_notifications():
            self.offset, self.total = page.offset, page.total
            self.tasks = page.tasks
        self._count(center, filters)

    def _count(self, center: Center, filters: Any) -> None:
        """Count by kind at times; not while a person waits for other tasks."""
        at = time.monotonic()
        if self._counted is not None and self._read != filters:
            self._read, self._counted = filters, 0.0
        elif self._counted is None or at - self._counted > _FACETS_AGE_S:
            self._read, self._counted = filters, at
            self.facets = center.tasks.facets(**filters)

    @property
    def selected_ids(self) -> tuple[int, ...]:
        """The ids of the selected tasks."""
        return tuple(map(int, self.selected))


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
