"""What became of a file the last time that it was imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from ..model.entity_type import simple_name
from ..model.plan import is_dry_run
from ..model.reason import Reason
from ..model.representation import html_fields
from ..model.task import Task, TaskStatus
from ..storage.ranged_files import RangedFile, RecordFile
from ..tasks.imports.entity_suggestions import EarlierUse
from ..tasks.imports.file_head import FileHead
from ..tasks.task_files import file_origin
from ..tasks.worker.launcher import observe_task
from ..workspace import Workspace
from ..workspace.file_identity import FileIdentity, file_size, identify_file
from ..workspace.file_origins import FileOrigin
from .resuming import is_resumable

__all__ = [
    "FileIdentity",
    "InstallationSuggestion",
    "describe_earlier_import",
    "find_earlier_import",
    "find_earlier_use",
    "find_last_target",
    "identify_file",
    "with_identity",
]


def with_identity(workspace: Workspace, task: Task, file: FileIdentity) -> Task:
    """Record what the file of a task is known by; return the task with it."""
    workspace.tasks.identify_file(task.id, file)
    return replace(task, file_sha256=file.sha256)


def describe_earlier_import(
    workspace: Workspace, installation: str, path: RecordFile
) -> tuple[str, ...]:
    """Return a warning if the same file was imported into an installation before.

    Args:
        workspace: Holds the tasks.
        installation: The name of the target.
        path: The file.

    Returns:
        One sentence or two on the last such import, dry runs aside; empty for none.

    Raises:
        FileUnreadable: The file cannot be read.
    """
    earlier = find_earlier_import(workspace, installation, path)
    same = "version at its address" if isinstance(path, RangedFile) else _SAME_CONTENT
    return (_describe(earlier, same),) if earlier else ()


def find_earlier_import(
    workspace: Workspace, installation: str, path: RecordFile
) -> Task | None:
    """Return the last task that has imported a file into an installation, or None.

    Dry runs do not count. The file is read only if a file of its size was imported.
    One of which only parts are fetched is known by its address and its version.

    Raises:
        FileUnreadable: The file cannot be read.
    """
    candidates = workspace.tasks.with_file(installation, _size_of(path))
    candidates = [task for task in candidates if not is_dry_run(task.plan)]
    if not candidates:
        return None
    is_same = _same_file(workspace, path)
    same = [task for task in candidates if is_same(task)]
    return observe_task(workspace, same[-1]) if same else None


SAME_FILE_IMPORTED: Final = "task {task} imported this file as it"
SAME_FILE_NAME_IMPORTED: Final = "task {task} imported a file called {file} as it"
SAME_FILE_TARGET: Final = "This file was imported into {installation} by task {task}."
SAME_FILE_NAME_TARGET: Final = (
    "A file called {file} was imported into {installation} by task {task}."
)


class InstallationSuggestion(NamedTuple):
    """An installation that a file probably goes to.

    Attributes:
        installation: Its name.
        sentence: Why, as a sentence.
    """

    installation: str
    sentence: str

    def _repr_html_(self) -> str:
        return html_fields(self)


def find_earlier_use(workspace: Workspace, head: FileHead) -> EarlierUse:
    """Return what earlier imports say of the entity type of a file.

    The files of these imports have its content or its name.

    Raises:
        FileUnreadable: The file cannot be read.
    """
    files: dict[str, Reason] = {}
    for task, is_same in _find_like(workspace, head):
        reason = SAME_FILE_IMPORTED if is_same else SAME_FILE_NAME_IMPORTED
        found = Reason(reason, task=str(task.id), file=head.file_name)
        files.setdefault(task.plan.entity_type, found)
    return EarlierUse(columns=workspace.mappings.recall_sources(), files=files)


def find_last_target(
    workspace: Workspace, head: FileHead
) -> InstallationSuggestion | None:
    """Return where a file, or one of its name, was imported the last time.

    Returns:
        None for a file that is new, and where that installation was removed.

    Raises:
        FileUnreadable: The file cannot be read.
    """
    known = {connection.name for connection in workspace.connections.all()}
    for task, is_same in _find_like(workspace, head):
        if task.installation in known:
            where, number = task.installation, str(task.id)
            text = SAME_FILE_TARGET if is_same else SAME_FILE_NAME_TARGET
            reason = Reason(text, file=head.file_name, installation=where, task=number)
            return InstallationSuggestion(where, reason)
    return None


def _find_like(workspace: Workspace, head: FileHead) -> list[tuple[Task, bool]]:
    """Return imports of the same file, and after these of files of its name."""
    found = workspace.tasks.imports_like(head.file_name, _size_of(head.path))
    found = [task for task in found if not is_dry_run(task.plan)]
    if not found:
        return []
    is_same = _same_file(workspace, head.path)
    pairs = [(task, is_same(task)) for task in found]
    relevant = [x for x in pairs if x[1] or x[0].original_file == head.file_name]
    return sorted(relevant, key=lambda pair: not pair[1])


def _size_of(path: RecordFile) -> int:
    return path.size if isinstance(path, RangedFile) else file_size(path)


def _same_file(workspace: Workspace, path: RecordFile) -> Callable[[Task], bool]:
    """Return a function that returns True for an import of the same file.

    Raises:
        FileUnreadable: The file cannot be read.
    """
    if isinstance(path, RangedFile):
        origin = FileOrigin.of(path.address, path.version)
        return lambda task: file_origin(workspace, task) == origin
    sha256 = identify_file(path).sha256
    return lambda task: task.file_sha256 == sha256


_SAME_CONTENT: Final = "content, by SHA-256"


def _describe(task: Task, same: str) -> str:
    name = simple_name(task.plan.entity_type)
    when = task.created[:16].replace("T", " ")
    text = (
        f"This file (the same {same}) was imported into "
        f"{task.installation} before: task {task.id} of {when} UTC, {name}, "
        f"{task.status}: {task.counts.summary}."
    )
    if not task.status.is_final:
        return f"{text} It is at work now."
    if is_resumable(task):
        what = "the rest" if task.status is not TaskStatus.INACTIVE else "what is left"
        return f"{text} Resume that task to bring in {what}."
    return text
