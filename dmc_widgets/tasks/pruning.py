"""Remove what ended tasks have left: files, outcomes, changes, marks, attachments.

The tasks stay in the list with their counts, and the history stays whole. What was
pruned can no longer be resumed, repaired, undone or verified.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ..errors import DmcError, NotSupported
from ..installations.addresses import SQLITE_PREFIX
from ..model.action import Action
from ..model.representation import ValueDisplay, format_bytes
from ..model.task import Task, TaskStatus
from ..ports import PrunedStorage, StoragePruner
from ..workspace import Connection, Workspace
from .installation_access import open_connection

_PRUNABLE: Final = frozenset(
    {
        TaskStatus.COMPLETED,
        TaskStatus.PARTIALLY_COMPLETED,
        TaskStatus.FAILED,
        TaskStatus.CANCELLED,
    }
)
"""Not those that pause, or whose target has not been asked what they have written."""

_YOUNG_ATTACHMENTS: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PruneReport(ValueDisplay):
    """What was pruned, or would be.

    Attributes:
        tasks: The tasks whose files and records are removed.
        file_bytes: The room of their files in the workspace.
        record_bytes: The room of their outcomes and changes in its database.
        storage: The marks and attachments that are removed, by installation.
        problems: Why an installation could not be pruned, by its name.
        drafts: The number of forms in progress that were not changed since.
    """

    tasks: tuple[Task, ...] = ()
    file_bytes: int = 0
    record_bytes: int = 0
    storage: dict[str, PrunedStorage] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    drafts: int = 0

    @property
    def total_bytes(self) -> int:
        """The room that all of it takes."""
        stored = sum(removed.bytes for removed in self.storage.values())
        return self.file_bytes + self.record_bytes + stored

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to remove."""
        found = self.storage.values()
        if self.drafts:
            return False
        return not self.tasks and not any(x.marks or x.attachments for x in found)

    @property
    def summary(self) -> str:
        """What it is, and the room that it takes: ``3 tasks, 1.5 MB``."""
        number = len(self.tasks)
        parts = ["1 task" if number == 1 else f"{number:,} tasks"]
        if self.drafts:
            noun = "draft of a form" if self.drafts == 1 else "drafts of forms"
            parts.append(f"{self.drafts:,} {noun}")
        for name, removed in self.storage.items():
            if removed.marks:
                parts.append(f"{removed.marks:,} marks of batches in {name}")
            if removed.attachments:
                parts.append(f"{removed.attachments:,} unused attachments in {name}")
        return ", ".join([*parts, format_bytes(self.total_bytes)])


def prune_workspace(
    workspace: Workspace, before: str, *, backups: bool = False, dry_run: bool = False
) -> PruneReport:
    """Prune the tasks that ended before a time, and the installations they wrote to.

    An installation that does not answer is reported; marks of its tasks stay, as do the
    tasks' records, so that a later prune finds them.

    Args:
        workspace: The workspace of the tasks.
        before: The time in UTC, as ISO 8601.
        backups: Remove backups, too, which stay otherwise.
        dry_run: Remove nothing; return what would be removed.
    """
    tasks = [
        task
        for task in workspace.tasks.all()
        if task.status in _PRUNABLE
        and task.modified < before
        and not task.pruned
        and (backups or task.action is not Action.BACKUP)
    ]
    return _prune_tasks(workspace, tasks, before, dry_run=dry_run)


def delete_tasks(workspace: Workspace, tasks: Sequence[Task]) -> PruneReport:
    """Remove ended tasks with all that they have left, and from the list.

    The history of the workspace keeps their events. A task stays whose installation
    does not answer: its marks there could not be found any more.

    Raises:
        NotSupported: A task is at work, pauses, or its worker died.
    """
    for task in tasks:
        if task.status not in _PRUNABLE:
            raise NotSupported(
                what=f"Task {task.id} has not ended: {task.status}.",
                instead="Cancel it first, or let it go on to its end.",
            )
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    names = {task.installation for task in tasks if not task.pruned}
    report = _prune_tasks(workspace, tasks, now, only=names)
    for task in report.tasks:
        workspace.history.add(task, "Delete")
        workspace.tasks.discard(task.id)
    return report


def _prune_tasks(
    workspace: Workspace,
    tasks: Sequence[Task],
    before: str,
    *,
    only: Collection[str] | None = None,
    dry_run: bool = False,
) -> PruneReport:
    storage, problems = _prune_installations(
        workspace, tasks, before, only=only, dry_run=dry_run
    )
    pruned = [task for task in tasks if task.installation not in problems]
    file_bytes = record_bytes = 0
    for task in pruned:
        folder = workspace.task_folder(task.id)
        file_bytes += _folder_size(folder)
        record_bytes += workspace.tasks.records_size(task.id)
        if not dry_run:
            if not task.pruned:
                workspace.history.add(task, "Prune")
            workspace.tasks.prune(task.id)
            shutil.rmtree(folder, ignore_errors=True)
    return PruneReport(
        tasks=tuple(pruned),
        file_bytes=file_bytes,
        record_bytes=record_bytes,
        storage=storage,
        problems=problems,
        drafts=workspace.drafts.prune(before, dry_run=dry_run),
    )


def _prune_installations(
    workspace: Workspace,
    tasks: Sequence[Task],
    before: str,
    *,
    only: Collection[str] | None,
    dry_run: bool,
) -> tuple[dict[str, PrunedStorage], dict[str, str]]:
    """Prune installations that keep marks of their own, all or only some."""
    marks = _marks_by_installation(workspace, tasks)
    ended = datetime.fromisoformat(before)
    # A task under way stores contents before its entries name them.
    young = datetime.now(UTC) - _YOUNG_ATTACHMENTS
    before_ms = int(min(ended, young).timestamp() * 1000)
    storage: dict[str, PrunedStorage] = {}
    problems: dict[str, str] = {}
    for connection in workspace.connections.all():
        is_meant = only is None or connection.name in only
        if not is_meant or not _keeps_marks(connection):
            continue
        try:
            with closing(open_connection(connection)) as installation:
                if isinstance(installation, StoragePruner):
                    storage[connection.name] = installation.prune(
                        marks[connection.name], before_ms, dry_run=dry_run
                    )
        except DmcError as exc:
            if connection.name in marks:
                problems[connection.name] = str(exc)
    return storage, problems


def _keeps_marks(connection: Connection) -> bool:
    """Return True for a database; a server's tasks cannot be removed by its clients."""
    url = connection.url
    if url.startswith(SQLITE_PREFIX):  # to open a missing file would create it
        return Path(url[len(SQLITE_PREFIX) :]).is_file()
    return not url.lower().startswith(("http:", "https:"))


def _marks_by_installation(
    workspace: Workspace, tasks: Iterable[Task]
) -> defaultdict[str, list[str]]:
    marks: defaultdict[str, list[str]] = defaultdict(list)
    for task in tasks:
        marks[task.installation].append(workspace.tasks.mark(task.id))
    return marks


def _folder_size(folder: Path) -> int:
    if not folder.is_dir():
        return 0
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
