"""Verify an import or a migration at its end, within its own task."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...errors import DmcError
from ...model.plan import Action, ImportPlan, MigrationPlan
from ...ports import Installation
from ..task_run import TaskCancelled, TaskRun

_COMMAND: Final = "Verify it later: dmc verify {id}"


def verify_at_end(
    run: TaskRun,
    plan: ImportPlan | MigrationPlan,
    target: Installation,
    source: Installation | None = None,
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
    verify = TaskVerification(
        run.workspace, state, target, state.id, lambda _number: run.advance(run.done)
    )
    again = _COMMAND.format(id=state.id)
    try:
        found = verify.carry_out(source)
    except TaskCancelled:
        run.notes.append(f"The verification was cancelled. {again}")
    except DmcError as exc:
        run.notes.append(f"The task could not be verified: {exc} {again}")
    else:
        if not found.is_equal or found.unverified:
            run.notes.append(f"Verification: {found.summary}")
