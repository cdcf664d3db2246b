"""The worker process, which carries out a task and outlives its parent process.

Run as ``python -m dmc_widgets.tasks.worker WORKSPACE TASK``. Several tasks are the
files of a package, which are taken in turn.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from ...errors import DmcError
from ...storage.garbage_collection import relax_garbage_collector


def main(arguments: list[str]) -> int:
    """Carry out the tasks that the arguments name; return the exit status.

    After ``--partitions`` they name a part of the work on a task; see
    :mod:`..partitions.worker`.
    """
    path, *task_ids = arguments
    relax_garbage_collector()
    if path == "--partitions":
        from ..partitions.worker import main as import_partitions

        return import_partitions(task_ids)
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
