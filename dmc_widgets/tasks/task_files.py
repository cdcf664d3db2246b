"""The files of a task: the original of an import, the result of an export, the log."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from ..errors import UnknownName
from ..model.file_names import make_export_name, make_safe_name
from ..model.plan import Action
from ..model.task import Task
from ..storage.private_files import append_private, make_private_folder
from ..workspace import Workspace
from ..workspace.file_origins import FileOrigin, read_origin
from ..workspace.linked_files import LinkedFile

_EXPORTED = "Export.zip"
_MAX_LINE_BYTES = 1024  # read from the end of a log to find its last line


def original_path(workspace: Workspace, task: Task) -> Path:
    """Return the path of the file that an import was started with.

    The file's own name is never used on disk, because anybody may have chosen it.
    """
    return workspace.task_folder(task.id) / "original"


def file_origin(workspace: Workspace, task: Task) -> FileOrigin | None:
    """Return the address of an imported file; None for a file of this machine."""
    return read_origin(original_path(workspace, task))


def original_file(workspace: Workspace, task: Task) -> LinkedFile:
    """Return the file that an import was started with, to be read.

    Raises:
        FileUnreadable: It was changed since.
    """
    path = original_path(workspace, task)
    file = LinkedFile(path, task.original_file, task.file_sha256)
    file.require_unchanged()
    return file


def exported_path(workspace: Workspace, task: Task) -> Path:
    """Return the path of the file that an export writes, as it is called there."""
    return workspace.task_folder(task.id) / _EXPORTED


def exported_name(task: Task) -> str:
    """Return the name for people of the file that an export writes, or has written."""
    made = make_export_name(task.plan, task.installation, task.created)
    return task.exported_file or made


def file_name_for_people(task: Task) -> str:
    """Return the name to save the file of a task as."""
    if task.action is Action.IMPORT:
        return make_safe_name(task.original_file, "original")
    return exported_name(task)


def earlier_documents_path(workspace: Workspace, task: Task) -> Path:
    """Return the path of the codes of the documents that the target had before."""
    return workspace.task_folder(task.id) / "earlier-documents.json"


def log_path(workspace: Workspace, task: Task) -> Path:
    """Return the path of the worker's log, which stays empty unless something fails."""
    return workspace.task_folder(task.id) / "worker.log"


def open_log(workspace: Workspace, task: Task) -> IO[bytes]:
    """Open the log of a task, for what its workers print.

    Raises:
        OSError: It cannot be written.
    """
    path = log_path(workspace, task)
    make_private_folder(path.parent)  # a task without a file has none yet
    return append_private(path)


def read_last_line(log: Path) -> str:
    """Return the last line of a log; an empty text if it has none."""
    try:
        tail = log.read_bytes()[-_MAX_LINE_BYTES:]
    except OSError:
        return ""
    lines = tail.decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def downloadable_file(workspace: Workspace, task: Task) -> Path:
    """Return the path of the file of a task that can be downloaded.

    Raises:
        UnknownName: The task has no file, or its export is not complete.
        FileUnreadable: The file of an import was changed since.
    """
    if task.action is Action.IMPORT:
        path = original_file(workspace, task).path
    else:
        path = exported_path(workspace, task)
    is_whole = task.action is Action.IMPORT or bool(task.exported_file)
    if not is_whole or not path.is_file():
        kind = "original" if task.action is Action.IMPORT else "exported"
        raise UnknownName(kind=f"{kind} file of task", name=str(task.id))
    return path
