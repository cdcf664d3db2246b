"""Queueing tasks, and starting their workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import DmcError
from ..installations import load_adapter
from ..model.plan import Plan
from ..model.task import Task
from ..tasks.task_files import original_path
from ..tasks.worker.launcher import fork_server, launch_worker
from ..tasks.worker.liveness import identify_self
from ..workspace import Workspace
from ..workspace.file_origins import FileOrigin, note_origin
from .known_files import FileIdentity, with_identity


def fork_workers_here(
    path: Path | None, installations: Sequence[str] = (), task_id: int | None = None
) -> None:
    """Let the tasks of this process be carried out by forks of it; Linux only.

    What both need is loaded first, and not a second time: a command calls this before
    it opens its workspace. Nothing may be open, and there may be no other thread.

    Args:
        path: The folder of the workspace; None for the usual one.
        installations: The names of the installations that the tasks work on.
        task_id: A task that works on the same installation.
    """
    with suppress(DmcError):  # opening them reports it
        _load_adapters(path, installations, task_id)
    fork_server.fork_here()


def _load_adapters(
    path: Path | None, installations: Sequence[str], task_id: int | None
) -> None:
    with closing(Workspace(path)) as workspace:
        names = [*installations]
        if task_id is not None:
            names.append(workspace.tasks.get(task_id).installation)
        for name in names:
            load_adapter(workspace.connections.get(name).url)


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The file of an import that is about to be queued.

    Args:
        name: Its own name.
        identity: What it is known by later.
        copy_to: Puts it where the task keeps it.
        origin: The address that it comes from; None for a file of this machine.
    """

    name: str
    identity: FileIdentity
    copy_to: Callable[[Path], None]
    origin: FileOrigin | None = None


def start_task(
    workspace: Workspace,
    installation: str,
    plan: Plan,
    file: ImportedFile | None = None,
    notes: Sequence[str] = (),
) -> Task:
    """Queue a task and start its worker; a task that cannot start leaves no trace.

    Args:
        workspace: Receives the task.
        installation: The name of the installation that the task works on.
        plan: What the task does.
        file: The imported file; None for tasks without one.
        notes: The notes that were shown before the start.

    Raises:
        WorkspaceError: The task could not be recorded or started.
    """
    task = queue_task(workspace, installation, plan, file, notes)
    launch_queued(workspace, [task])
    return task


def queue_task(
    workspace: Workspace,
    installation: str,
    plan: Plan,
    file: ImportedFile | None = None,
    notes: Sequence[str] = (),
) -> Task:
    """Queue a task for a worker to come; see :func:`start_task`.

    Raises:
        WorkspaceError: The task could not be recorded.
    """
    name = file.name if file else ""
    task = workspace.tasks.add(installation, plan, name, notes, worker=identify_self())
    try:
        if file is not None:
            task = with_identity(workspace, task, file.identity)
            file.copy_to(original_path(workspace, task))
            _note_origin(workspace, task, file.origin)
    except BaseException:  # such as Ctrl-C while the file is copied
        discard_queued(workspace, [task])
        raise
    return task


def _note_origin(workspace: Workspace, task: Task, origin: FileOrigin | None) -> None:
    if origin is not None:
        note_origin(original_path(workspace, task), origin)
        workspace.tasks.add_start_note(task.id, origin.note)


def launch_queued(workspace: Workspace, tasks: Sequence[Task]) -> None:
    """Start the worker of queued tasks, which carries them out in this order.

    Raises:
        WorkspaceError: It could not be started; the tasks leave no trace.
    """
    try:
        launch_worker(workspace, *tasks)
    except BaseException:
        discard_queued(workspace, tasks)
        raise


def discard_queued(workspace: Workspace, tasks: Sequence[Task]) -> None:
    """Remove tasks that no worker has begun."""
    for task in tasks:
        workspace.emergency_record(task.id).remove()
        workspace.tasks.discard(task.id)
