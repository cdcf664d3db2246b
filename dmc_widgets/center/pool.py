"""The pool of a workspace: processes on any machine that take its queued tasks."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import InvalidPlan
from ..model.coercion import require_whole_number
from ..model.roles import Role
from ..model.task import Task
from ..tasks.worker.pool import run_pool
from .base import CenterPart


class Pool(CenterPart):
    """Lets processes of ``dmc work`` carry out the tasks of the workspace.

    Without a pool the machine that starts a task carries it out, too.
    """

    @property
    def is_enabled(self) -> bool:
        """True if new tasks wait for a process of the pool."""
        return self._workspace.queue.has_pool

    def enable(self) -> None:
        """Let new tasks wait for the pool.

        Raises:
            NotPermitted: The user may not administer the workspace.
        """
        self._workspace.permissions.require(Role.ADMINISTER)
        self._workspace.queue.has_pool = True

    def disable(self) -> None:
        """Let each task start its own worker again; those that wait still wait.

        Raises:
            NotPermitted: The user may not administer the workspace.
        """
        self._workspace.permissions.require(Role.ADMINISTER)
        self._workspace.queue.has_pool = False

    def count_waiting(self) -> int:
        """Return the number of tasks that wait for a process."""
        return self._workspace.queue.count_waiting()

    def work(
        self,
        *,
        at_once: int = 1,
        until_idle: bool = False,
        on_start: Callable[[Task], None] = lambda _task: None,
    ) -> int:
        """Take waiting tasks, one after another, until Ctrl-C.

        Args:
            at_once: How many tasks may run on this machine at the same time.
            until_idle: Return once no task waits and all have ended that were taken.
            on_start: Called with each task that is taken.

        Returns:
            The number of tasks that were taken.

        Raises:
            InvalidPlan: No task may run, or the workspace has no pool.
            NotPermitted: The user may not administer the workspace.
        """
        self._workspace.permissions.require(Role.ADMINISTER)
        require_whole_number(at_once, "at_once")
        if at_once < 1:
            reason = f"At least 1 task at once is needed, not {at_once}."
            raise InvalidPlan(reason)
        if not self.is_enabled and not self.count_waiting():
            reason = (
                "This workspace has no pool: each task starts its own worker. "
                "Enable the pool with: dmc workspace pool"
            )
            raise InvalidPlan(reason)
        return run_pool(
            self._workspace, at_once=at_once, until_idle=until_idle, on_start=on_start
        )
