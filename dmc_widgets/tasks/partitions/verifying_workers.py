"""The workers of a verification that is a task of its own."""

from __future__ import annotations

from collections.abc import Callable

from ...model.verification_plan import VerificationPlan
from ..task_run import TaskRun
from ..verification.stored_entries import OpenReader
from .pools import create_pool
from .processes import LACKS_SOCKETS, can_start_processes
from .shared_reading import share_reading


class VerifyingWorkers:
    """Several workers read what a target holds of the records of a task.

    They begin when there are entries to read: documents are compared by the task.

    Args:
        run: The running task.
        plan: Its plan.

    Raises:
        NotSupported: The package that talks to clusters is not installed.
    """

    def __init__(self, run: TaskRun, plan: VerificationPlan) -> None:
        self._run = run
        self._can_start = bool(plan.cluster) or can_start_processes()
        self._pool = create_pool(run, plan.workers, plan.cluster)

    def share_reading(self, advance: Callable[[], None]) -> OpenReader | None:
        """Return what has the workers read the target; None if there can be none.

        Args:
            advance: Called a few times a second; it may end the reading by an
                exception.
        """
        course = self._run.course
        if not self._can_start:
            course.add_step("part", f"One worker verifies the task: {LACKS_SOCKETS}")
            return None
        return share_reading(self._pool, course, advance)

    def close(self) -> None:
        """End the workers."""
        self._pool.close()
