"""Starting the worker of a task, and telling whether it is still alive."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from dataclasses import replace

import psutil

from ..model.task import Task, TaskPart, TaskStatus
from ..private_files import append_private, make_private_folder
from ..workspace import Workspace
from ..workspace.files import translated_oserrors
from ..workspace.tasks import Worker
from .files import log_path
from .run import Run

_START_S = 30.0  # a queued task whose worker has not shown up by then never will
_SILENCE_S = 120.0  # on another machine silence is all that can be seen

# Children stay here until they end, so that their exit status is collected.
_children: list[subprocess.Popen[bytes]] = []


def launch(workspace: Workspace, task: Task) -> None:
    """Start the worker of a queued task and return at once.

    Raises:
        WorkspaceError: The process, or its log, could not be made.
    """
    log = log_path(workspace, task)
    with translated_oserrors(log.parent):
        make_private_folder(log.parent)
        with append_private(log) as output:
            child = subprocess.Popen(
                [
                    sys.executable,
                    "-P",  # nothing in the current folder may pose as a module
                    "-m",
                    "dmc_widgets.tasks.worker",
                    str(workspace.path),
                    str(task.id),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
    _children.append(child)
    workspace.tasks.assign(task.id, _identity(child.pid))


def settle(workspace: Workspace, task: Task) -> Task:
    """Return the task as it is now; one whose worker died is recorded as failed."""
    _children[:] = [child for child in _children if child.poll() is None]
    if task.status.is_final or _is_alive(workspace, task):
        return task
    task = workspace.tasks.get(task.id)  # it may have ended in this moment
    if not task.status.is_final:
        progress = task.progress
        run = Run(workspace, task, task.counts, progress.done, progress.of)
        run.parts = [_broken_off(each) for each in task.parts]
        run.finish(
            TaskStatus.FAILED,
            "The worker process ended before the task did. What the task counts as "
            "written is written; import the file again to bring in the rest.",
        )
    return workspace.tasks.get(task.id)


def _broken_off(part: TaskPart) -> TaskPart:
    """Return what a part has come to whose worker died."""
    if part.status.is_final:
        return part
    begun = part.status is TaskStatus.RUNNING
    return replace(part, status=TaskStatus.FAILED if begun else TaskStatus.CANCELLED)


def _identity(pid: int) -> Worker:
    try:
        started = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        started = time.time()
    return Worker(host=platform.node(), pid=pid, started=started)


def _is_alive(workspace: Workspace, task: Task) -> bool:
    worker = workspace.tasks.worker(task.id)
    if worker.host and worker.host != platform.node():
        return time.time() - max(task.progress.updated, worker.started) < _SILENCE_S
    if not worker.pid:
        return time.time() - workspace.tasks.queued_at(task.id) < _START_S
    try:
        process = psutil.Process(worker.pid)
        same = abs(process.create_time() - worker.started) < 1.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
