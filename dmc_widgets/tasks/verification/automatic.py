"""Verify an import or a migration at its end, within its own task."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ...errors import DmcError
from ...model.plan import Action, ImportPlan, MigrationPlan
from ...model.verification import Verification
from ...ports import Installation
from ..task_run import TaskCancelled, TaskPaused, TaskRun, TaskTakenOver
from ..unexpected_errors import unexpected_message
from .stored_entries import OpenReader

ShareReading = Callable[[Callable[[], None]], OpenReader | None]
"""Returns what opens readers of a target; None if the verification itself reads it. It
is given what is to be called a few times a second, and may end it by an exception."""

_STEP_EVERY_S: Final = 5.0
_COMMAND: Final = "Verify it later: dmc verify {id}"
_log = logging.getLogger(__name__)


def verify_at_end(
    run: TaskRun,
    plan: ImportPlan | MigrationPlan,
    target: Installation,
    source: Installation | None = None,
    share_reading: ShareReading | None = None,
) -> None:
    """Compare the target with what was sent, unless the plan turns that off.

    What differs becomes a note of the task; the list of it is in the workspace. A
    verification that cannot be carried out, or that is cancelled, does not change what
    became of the task: a note says why, and how to verify it later.

    Args:
        run: The running task.
        plan: Its plan.
        target: Its target.
        source: The source of a migration, where it is open.
        share_reading: Has other processes read the target, where they can.

    Raises:
        TaskPaused: The task was asked to pause; it is verified when it goes on.
        TaskTakenOver: Another process has ended the task.
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
    open_reader = share_reading(progress.check) if share_reading else None

    def verify() -> Verification:
        parts = (run.workspace, state, target, state.id, progress.advance)
        return TaskVerification(*parts).carry_out(source, open_reader)

    note = _carry_out(verify, state.id)
    if note:
        run.notes.append(note)


def _carry_out(verify: Callable[[], Verification], task_id: int) -> str:
    """Carry out a verification; return what is to be noted of it, or nothing.

    Raises:
        TaskPaused: The task was asked to pause.
        TaskTakenOver: Another process has ended the task.
    """
    try:
        found = verify()
    except (TaskPaused, TaskTakenOver):
        raise
    except TaskCancelled:
        return f"The verification was cancelled. {_COMMAND.format(id=task_id)}"
    except DmcError as exc:
        reason = str(exc)
    except OSError as exc:  # a process that reads the target could not be started
        reason = f"{exc.strerror or exc}."
    except Exception as exc:
        # What is written is complete, whatever this is. The log keeps the traceback.
        _log.exception("The verification of task %s ended unexpectedly", task_id)
        reason = unexpected_message(exc)
    else:
        is_complete = found.is_equal and not found.unverified
        return "" if is_complete else f"Verification: {found.summary}"
    return f"The task could not be verified: {reason} {_COMMAND.format(id=task_id)}"


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
