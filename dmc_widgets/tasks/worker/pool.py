"""A process of a workspace's pool: it takes queued tasks and starts their workers."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from ...errors import WorkspaceError
from ...model.task import Task
from ...workspace import Workspace
from .launcher import launch_here, observe_task
from .liveness import identify_self

_PAUSE_S: Final = 0.5


def _always() -> bool:
    return True


def run_pool(
    workspace: Workspace,
    *,
    at_once: int = 1,
    until_idle: bool = False,
    on_start: Callable[[Task], None] = lambda _task: None,
    should_continue: Callable[[], bool] = _always,
) -> int:
    """Take waiting tasks and start their workers, which outlive this process.

    Args:
        workspace: The workspace, which has a pool.
        at_once: How many of its tasks this process lets run at the same time.
        until_idle: Return once no task waits, and those that were taken have ended.
        on_start: Called with each task that was taken.
        should_continue: Called between two looks; False ends the process, while the
            tasks that run go on.

    Returns:
        The number of tasks that were taken.
    """
    taken, running = 0, list[int]()
    while should_continue():
        running = [number for number in running if _is_running(workspace, number)]
        ids = workspace.queue.take(identify_self()) if len(running) < at_once else []
        if ids:
            tasks = [workspace.tasks.get(number) for number in ids]
            _launch(workspace, tasks)
            for task in tasks:
                on_start(task)
            running.append(ids[-1])  # the last of a package ends it
            taken += len(ids)
        elif until_idle and not running and not workspace.queue.count_waiting():
            break
        else:
            time.sleep(_PAUSE_S)
    return taken


def _launch(workspace: Workspace, tasks: list[Task]) -> None:
    try:
        launch_here(workspace, tasks)
    except WorkspaceError:  # another machine may have more luck
        workspace.queue.add([task.id for task in tasks])
        raise


def _is_running(workspace: Workspace, task_id: int) -> bool:
    task = observe_task(workspace, workspace.tasks.get(task_id))
    return not task.status.is_final
