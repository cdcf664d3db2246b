"""The worker process, which carries out a task and outlives its parent process.

Run as ``python -m dmc_widgets.tasks.worker WORKSPACE TASK``. Several tasks are the
files of a package, which are taken in turn.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final

from ...errors import DmcError
from ...storage.garbage_collection import relax_garbage_collector
from .fork_server import DIVIDED, LOCAL_CLUSTER


def main(arguments: list[str]) -> int:
    """Carry out the tasks that the arguments name; return the exit status.

    After ``--partitions`` or ``--dask-worker`` they name a part of the work on a task;
    see :mod:`..partitions.worker` and :mod:`..cluster.local_processes`. After
    ``--divided`` or ``--local-cluster`` they name tasks that have several workers.
    """
    path, *task_ids = arguments
    relax_garbage_collector()
    if path in _WORKERS:
        return int(import_module(_WORKERS[path]).main(task_ids))
    if path in (DIVIDED, LOCAL_CLUSTER):
        _fork_workers_here(path)
        path, *task_ids = task_ids
    # Modules are many objects that never become garbage, so they are loaded only now.
    from ...storage.sqlite_lock import LockWait
    from ...workspace import Workspace
    from .runner import run_task

    gc.freeze()
    try:
        # A task must not end because others write to the workspace's database.
        workspace = Workspace(Path(path), LockWait(limit_s=None))
    except DmcError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    try:
        if len(task_ids) == 1:
            is_recorded = run_task(workspace, int(task_ids[0]))
        else:
            from .package_tasks import run_package_tasks  # few workers need it

            is_recorded = run_package_tasks(workspace, list(map(int, task_ids)))
    finally:
        workspace.close()
    return 0 if is_recorded else 1


_WORKERS: Final = {
    "--partitions": "dmc_widgets.tasks.partitions.worker",
    "--dask-worker": "dmc_widgets.tasks.cluster.local_processes",
}
"""What carries out a part of the work on a task, by the first argument."""


def _fork_workers_here(kind: str) -> None:
    """Fork the server of a task's several workers, before anything is open."""
    from .launcher import fork_server

    with suppress(ModuleNotFoundError):  # Dask, which is missed later
        if kind == LOCAL_CLUSTER:
            import_module("dmc_widgets.tasks.cluster.local_processes")
            import_module("dmc_widgets.tasks.cluster.worker")
    fork_server.fork_here(
        "dmc_widgets.tasks.partitions.worker", "dmc_widgets.installations.sql"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
