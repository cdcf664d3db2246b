"""Where a task keeps its files."""

from __future__ import annotations

from pathlib import Path

from ..errors import UnknownName
from ..model.plan import Action
from ..model.task import Task
from ..workspace import Workspace

EXPORT_FILE_NAME = "Export.zip"
_LINE_BYTES = 1024  # of the end of a log, for its last line


def original_path(workspace: Workspace, task: Task) -> Path:
    """Return the place of the file that an import was started with.

    The file's own name is never used on the disk: it is a stranger's text.
    """
    return workspace.task_folder(task.id) / "original"


def exported_path(workspace: Workspace, task: Task) -> Path:
    """Return the place of the file that an export makes."""
    return workspace.task_folder(task.id) / EXPORT_FILE_NAME


def log_path(workspace: Workspace, task: Task) -> Path:
    """Return the place of what the worker prints, which is nothing if all is well."""
    return workspace.task_folder(task.id) / "worker.log"


def read_last_line(log: Path) -> str:
    """Return the last line of a log; empty if there is none."""
    try:
        tail = log.read_bytes()[-_LINE_BYTES:]
    except OSError:
        return ""
    lines = tail.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def downloadable_file(workspace: Workspace, task: Task) -> Path:
    """Return the file of a task that people can take away.

    Raises:
        UnknownName: There is none, or none yet.
    """
    if task.action is Action.IMPORT:
        path = original_path(workspace, task)
    else:
        path = exported_path(workspace, task)
    is_whole = task.action is Action.IMPORT or bool(task.exported_file)
    if not is_whole or not path.is_file():
        kind = "original" if task.action is Action.IMPORT else "exported"
        raise UnknownName(kind=f"{kind} file of task", name=str(task.id))
    return path
