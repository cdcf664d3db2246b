"""Launch the worker process of a task, and observe a task without changing it."""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, Final

from ...model.plan import worker_clusters
from ...model.task import Task, TaskStatus
from ...storage.operating_system import detached_options
from ...storage.private_files import append_private, make_private_folder
from ...workspace import Workspace
from ...workspace.file_transfer import translate_os_errors
from ...workspace.workers import Worker
from ..task_files import log_path
from .fork_server import DIVIDED, LOCAL_CLUSTER, ForkServer
from .liveness import identify_process, is_alive

# Workers stay in this list until they end, so that their exit status is collected.
_workers: list[subprocess.Popen[bytes]] = []

fork_server: Final = ForkServer()
"""Forks the workers of this process."""
atexit.register(fork_server.close)


def launch_worker(workspace: Workspace, task: Task, *others: Task) -> None:
    """Start the worker of a queued task and return at once.

    In a workspace with a pool the task waits for a process of the pool instead.

    Args:
        workspace: The workspace of the task.
        task: The task.
        others: The tasks that the same worker carries out after it.

    Raises:
        WorkspaceError: The process could not be started, or its log or the reserve for
            its last words could not be created.
    """
    tasks = (task, *others)
    if workspace.queue.has_pool:
        workspace.queue.add([queued.id for queued in tasks])
    else:
        launch_here(workspace, tasks)


def launch_here(workspace: Workspace, tasks: Sequence[Task]) -> None:
    """Start a worker of this machine for queued tasks, in this order.

    Raises:
        WorkspaceError: See :func:`launch_worker`.
    """
    reap_workers()
    log = log_path(workspace, tasks[0])
    with translate_os_errors(log.parent):
        make_private_folder(log.parent)
        for queued in tasks:
            workspace.emergency_record(queued.id).reserve()
        arguments = [str(workspace.path), *(str(queued.id) for queued in tasks)]
        arguments[:0] = _forking_argument(tasks)
        with append_private(log) as output:
            worker = start_worker(arguments, output)
    for queued in tasks:
        workspace.tasks.assign(queued.id, worker)


def _forking_argument(tasks: Sequence[Task]) -> list[str]:
    """Return what tells a worker that it forks workers of its own; empty if not."""
    clusters = worker_clusters(queued.plan for queued in tasks)
    if "local" in clusters:
        return [LOCAL_CLUSTER]
    return [DIVIDED] if "" in clusters else []


def prepare_workers() -> None:
    """Begin to load what workers need, before several of them are started.

    Without effect in a process that has forked a server of its own.

    Raises:
        OSError: The process that loads it could not be started.
    """
    fork_server.prepare()


def start_worker(arguments: list[str], output: IO[bytes]) -> Worker:
    """Start a worker process and return what identifies it.

    Args:
        arguments: The arguments of :mod:`dmc_widgets.tasks.worker`.
        output: The file that gets what the process prints.

    Raises:
        OSError: The process could not be started.
    """
    pid = fork_server.fork_worker(arguments, output.fileno())
    return identify_process(_start_process(arguments, output) if pid is None else pid)


def _start_process(arguments: list[str], output: IO[bytes]) -> int:
    child = subprocess.Popen(
        [
            sys.executable,
            "-P",  # no file of the current folder is imported as a module
            "-m",
            "dmc_widgets.tasks.worker",
            *arguments,
        ],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        **detached_options(),
    )
    _workers.append(child)
    return child.pid


def reap_workers() -> None:
    """Collect the exit status of workers that have ended, so that no zombie remains."""
    _workers[:] = [child for child in _workers if child.poll() is None]


WORKER_DIED: Final = "The worker process ended before the task did."
_COUNTS_HINT: Final = (
    "The counts are the last that were recorded, and the target may hold more. Open "
    "the task, or run: dmc task show {id}"
)


def observe_task(workspace: Workspace, task: Task) -> Task:
    """Return the task as it is at this moment; nothing is written.

    A task whose worker died is *Inactive*, unless the worker left its last words.
    """
    reap_workers()
    if task.status.is_final or is_alive(workspace, task):
        return task
    task = workspace.tasks.get(task.id)  # it may have ended in this moment
    if task.status.is_final:
        return task
    ended = workspace.emergency_record(task.id).apply(task)
    if ended is not None:
        return ended
    message = f"{WORKER_DIED} {_COUNTS_HINT.format(id=task.id)}"
    return replace(task, status=TaskStatus.INACTIVE, error=message)
