"""Taking tasks back: ``center.tasks.undo(task)``, and what became of each record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from ..errors import InvalidPlan, NotSupported
from ..model.action import Action
from ..model.outcome import DELETED, KEPT_NOTES, SECRETS_STAY, OutcomeKind
from ..model.plan import DRY_RUN_SUFFIX, UndoPlan, is_dry_run
from ..model.representation import html_fields
from ..model.task import Task
from ..ports import ItemRemover, Undoer
from ..workspace import Workspace
from .base import require_records
from .launching import start_task

if TYPE_CHECKING:
    from .tasks import Tasks

_READING: Final = frozenset({Action.EXPORT, Action.VERIFICATION, Action.BACKUP})
_REVERSED: Final = frozenset(
    {OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
)


class UndoneRecord(NamedTuple):
    """What became of one record of an undo.

    Attributes:
        number: The number of the record in the undo, from 1.
        part: The entity type in an undo of several; otherwise empty.
        key: The external reference code of the item.
        bucket: ``reversed``, ``kept`` because of what others did since, ``failed``, or
            ``skipped`` where the undo did not come to it.
        reason: Why it was kept or failed; of a reversed one ``deleted``, ``restored``,
            ``brought back`` or ``as it was before``.
    """

    number: int
    part: str
    key: str
    bucket: str
    reason: str

    def _repr_html_(self) -> str:
        return html_fields(self)


def can_undo(task: Task) -> bool:
    """Return True if a task of this kind and status may be taken back."""
    if task.action in _READING or not task.status.is_final:
        return False
    counts = task.counts
    is_known = counts.created + counts.updated > 0 and not counts.unknown
    return is_known and not is_dry_run(task.plan)


def start_undo(
    tasks: Tasks, workspace: Workspace, task: Task, *, dry_run: bool
) -> Task:
    """Start the undo of a task that has ended; see :meth:`.Tasks.undo`."""
    require_written(task, workspace)
    with closing(tasks.open_target(task)) as installation:
        if not isinstance(installation, Undoer | ItemRemover):
            raise NotSupported(
                what=f"Tasks that wrote to {task.installation} cannot be taken back: "
                "nothing can be deleted there.",
                instead="Restore the items from a backup.",
            )
    require_journal(workspace, task)
    name = f"Undo of {task.name}"
    plan = UndoPlan(
        task=task.id,
        entity_type=task.plan.entity_type,
        dry_run=dry_run,
        name=f"{name}{DRY_RUN_SUFFIX}" if dry_run else name,
    )
    return start_task(workspace, task.installation, plan)


def require_written(task: Task, workspace: Workspace) -> None:
    """Require that a task has ended and has written something.

    Raises:
        InvalidPlan: It has not ended, has written nothing, or may have written more
            than is known.
    """
    if task.action in _READING or is_dry_run(task.plan):
        reason = f"Task {task.id} wrote nothing, so there is nothing to take back."
        raise InvalidPlan(reason)
    require_records(task)
    if not task.status.is_final:
        reason = f"Task {task.id} is {task.status}. Wait for its end, or cancel it."
        raise InvalidPlan(reason)
    if unknown := task.counts.unknown:
        records = "1 record" if unknown == 1 else f"{unknown:,} records"
        reason = (
            f"What became of {records} of task {task.id} is not known, so an undo "
            f"would miss them. Resume the task first, which asks {task.installation}; "
            f"then take it back: dmc resume {task.id}"
        )
        raise InvalidPlan(reason)
    is_empty = workspace.changes.is_empty(task.id)
    if is_empty and not task.counts.created + task.counts.updated:
        reason = f"Task {task.id} changed nothing, so there is nothing to take back."
        raise InvalidPlan(reason)


def require_journal(workspace: Workspace, task: Task) -> None:
    """Require that a task has kept a journal.

    Raises:
        NotSupported: It kept none.
    """
    if workspace.changes.is_empty(task.id):
        raise NotSupported(
            what=f"Task {task.id} cannot be taken back: it kept no journal.",
            instead="Restore the items from a backup; keep the journal next time.",
        )


def iter_undone(workspace: Workspace, task: Task) -> Iterator[UndoneRecord]:
    """Yield what became of each record of an undo, in its order."""
    for batch in workspace.outcomes.read(task.id):
        for index, outcome in enumerate(batch.outcomes, start=batch.first_index):
            place = task.place(index)
            bucket, reason = _bucket(outcome.kind, outcome.note)
            if outcome.kind is OutcomeKind.FAILED:
                failure = workspace.outcomes.failure(task.id, index)
                reason = failure.problem.message if failure else ""
            yield UndoneRecord(place.number, place.title, outcome.key, bucket, reason)


def _bucket(kind: OutcomeKind, note: str) -> tuple[str, str]:
    if kind in _REVERSED:
        if note == DELETED:
            return "reversed", "deleted"
        reason = _REVERSED_REASONS[kind]
        if note == SECRETS_STAY:
            reason += f", except for {_KEPT_REASONS[note]}"
        return "reversed", reason
    if note in KEPT_NOTES:
        return "kept", _KEPT_REASONS[note]
    return ("failed", "") if kind is OutcomeKind.FAILED else ("skipped", "not tried")


_REVERSED_REASONS: Final = {
    OutcomeKind.CREATED: "brought back",
    OutcomeKind.UPDATED: "restored",
    OutcomeKind.UNCHANGED: "as it was before",
}
_KEPT_REASONS: Final = {
    "changed-since": "changed or deleted since by somebody else",
    "in-use-since": "named since by other items, or holding entries of others",
    SECRETS_STAY: "values of Encrypted fields, which are not kept",
}
