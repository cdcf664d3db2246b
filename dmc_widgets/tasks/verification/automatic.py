"""Verify an import or a migration at its end, within its own task."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ...errors import DmcError
from ...model.plan import Action, ImportPlan, MigrationPlan
from ...ports import Installation
from ..task_run import TaskCancelled, TaskRun
from .stored_entries import StoredReader

OpenReader = Callable[[Callable[[], None]], StoredReader | None]
"""Returns what reads a target, or None for the verification itself. It is given what
is to be called a few times a second, and may end the reading by an exception."""

_STEP_EVERY_S: Final = 5.0
_COMMAND: Final = "Verify it later: dmc verify {id}"


def verify_at_end(
    run: TaskRun,
    plan: ImportPlan | MigrationPlan,
    target: Installation,
    source: Installation | None = None,
    open_reader: OpenReader | None = None,
) -> None:
    """Compare the target with what was sent, unless the plan turns that off.

    What differs becomes a note of the task; the list of it is in the workspace. A
    verification that cannot be carried out, or that is cancelled, does not change what
    became of the task.

    Args:
        run: The running task.
        plan: Its plan.
        target: Its target.
        source: The source of a migration, where it is open.
        open_reader: Returns what reads the target, where other processes can.

    Raises:
        TaskTakenOver: Another process has ended the task.
        WorkspaceError: The result could not be recorded.
    """
    if plan.dry_run or not plan.options.verify:
        return
    if not run.counts.successful:
        return
    from .task_verification import TaskVerification

    state = replace(run.current_task(), plan=plan)
    if run.task.action is Action.BACKUP:  # it is written beside what it is made of
        state = replace(state, installation=run.workspace.backup(state.id).name)
    progress = _Progress(run)
    verify = TaskVerification(run.workspace, state, target, state.id, progress.advance)
    reader = open_reader(progress.check) if open_reader else None
    again = _COMMAND.format(id=state.id)
    try:
        found = verify.carry_out(source, reader)
    except TaskCancelled:
        run.notes.append(f"The verification was cancelled. {again}")
    except DmcError as exc:
        run.notes.append(f"The task could not be verified: {exc} {again}")
    except OSError as exc:  # a process that reads the target could not be started
        reason = exc.strerror or str(exc)
        run.notes.append(f"The task could not be verified: {reason}. {again}")
    else:
        if not found.is_equal or found.unverified:
            run.notes.append(f"Verification: {found.summary}")


class _Progress:
    """Notes in the course of a task how far its verification is.

    Args:
        run: The running task.
    """

    def __init__(self, run: TaskRun) -> None:
        self._run = run
        self._done = 0
        self._noted_at = time.monotonic()

    def advance(self, number: int) -> None:
        """Add compared records.

        Raises:
            TaskCancelled: The task was cancelled.
            TaskPaused: The task was asked to pause.
            TaskTakenOver: Another process has ended the task.
        """
        run = self._run
        run.advance(run.done)
        self._done += number
        at = time.monotonic()
        if at - self._noted_at >= _STEP_EVERY_S:
            self._noted_at = at
            total = run.counts.successful
            run.course.add_step(
                "progress", f"{self._done:,} of {total:,} records are verified."
            )

    def check(self) -> None:
        """Do what :meth:`advance` does while nothing is compared."""
        self.advance(0)
