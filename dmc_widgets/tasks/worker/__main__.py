"""The process that carries out one task, and outlives whoever started it.

Run as ``python -m dmc_widgets.tasks.worker.__main__ WORKSPACE TASK``.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from ...errors import DmcError


def main(arguments: list[str]) -> int:
    """Carry out the task that the command line names; return the exit status."""
    path, task_id = arguments
    _relax_garbage_collector()
    # Modules are many objects, too, and no garbage, so they are loaded only now.
    from ...storage.sqlite_lock import LockWait
    from ...workspace import Workspace
    from .runner import run_task

    gc.freeze()
    try:
        # No task ends because others are writing to the workspace's database.
        workspace = Workspace(Path(path), LockWait(limit_s=None))
    except DmcError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    try:
        is_recorded = run_task(workspace, int(task_id))
    finally:
        workspace.close()
    return 0 if is_recorded else 1


def _relax_garbage_collector() -> None:
    """Look for garbage cycles less often: records hold none, and are many.

    The usual thresholds make the collector pass over each batch dozens of times.
    """
    gc.set_threshold(100_000, 20, 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
