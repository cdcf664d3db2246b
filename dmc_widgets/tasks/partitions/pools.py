"""The workers of a task: processes of this machine, or those of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

from ...errors import NotSupported
from ..task_run import TaskRun
from .processes import WorkerProcesses
from .worker_group import WorkerGroup, WorkerPool


def create_pool(run: TaskRun, workers: int, cluster: str) -> WorkerPool:
    """Return the workers of a task, which begin when they are first needed.

    Args:
        run: The task.
        workers: How many there are; 1 for as many as a cluster has.
        cluster: The address of a Dask scheduler, or ``local``; empty for processes.

    Raises:
        NotSupported: The package that talks to clusters is not installed.
    """
    if cluster:
        return WorkerPool(_open_cluster(run, cluster, workers))
    return WorkerPool(partial(WorkerProcesses, run, workers))


def _open_cluster(
    run: TaskRun, address: str, workers: int
) -> Callable[[], AbstractContextManager[WorkerGroup]]:
    """Return what opens a group on a Dask cluster.

    Raises:
        NotSupported: The package that talks to clusters is not installed.
    """
    try:
        from ..cluster.dask_workers import (
            DaskWorkers,  # vendors load where they are needed
        )
    except ImportError as exc:
        raise NotSupported(
            what="Dask is not installed.",
            instead="Install it: pip install 'dmc-widgets[cluster]'.",
        ) from exc
    return partial(DaskWorkers, run, address, workers)
