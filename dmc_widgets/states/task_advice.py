"""What to do next with a task, in a sentence for each action that leads on."""

from __future__ import annotations

from ..center.repair_table import can_repair
from ..center.resuming import is_resumable
from ..center.shown_run import can_run_as_shown
from ..center.undo import can_undo
from ..languages import gettext as _
from ..model.action import Action
from ..model.plan import is_dry_run
from ..model.task import Task, TaskStatus

_AT_WORK = frozenset({TaskStatus.QUEUED, TaskStatus.RUNNING})


def list_advice(task: Task) -> tuple[str, ...]:
    """List what leads on from the present state of a task, the best first."""
    if task.status in _AT_WORK:
        return (_("This page may be closed: the task goes on by itself."),)
    advice = []
    if can_run_as_shown(task):
        advice.append(_("Run exactly what the dry run has shown, or change the plan."))
    if is_resumable(task):
        advice.append(_("Resume goes on where the task stands; nothing is done twice."))
    if can_repair(task) and task.counts.failed:
        advice.append(_("Mend the failed records below, and retry them in this task."))
    if task.action is Action.EXPORT and task.status is TaskStatus.COMPLETED:
        advice.append(_("Download the file, or run the export again."))
    if can_undo(task) and task.status is TaskStatus.COMPLETED:
        advice.append(_("Verify proves that the target holds what was sent."))
    if can_undo(task):
        advice.append(_("Undo takes back what was written."))
    if not advice and is_dry_run(task.plan):
        advice.append(_("Nothing was written. Run Again looks once more."))
    return tuple(advice[:3])
