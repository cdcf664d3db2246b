"""Backups of installations, and bringing them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ..errors import InvalidPlan, NotSupported
from ..model.plan import Action, BackupPlan, MigrationPlan, Plan, Selection
from ..model.run_options import DEFAULT_OPTIONS
from ..model.strategies import Policy, UpdateStrategy
from ..model.task import Task, TaskStatus
from ..workspace.backups import backup_name, backup_task_id
from .choices import WriteChoices, choose_options, choose_policy

_USABLE: Final = frozenset({TaskStatus.COMPLETED, TaskStatus.PARTIALLY_COMPLETED})
_READING: Final = frozenset({Action.EXPORT, Action.VERIFICATION, Action.BACKUP})
_RESTORING: Final = Policy(update_strategy=UpdateStrategy.MERGE)
"""What was added since stays, and so does what a backup cannot hold, such as the values
of encrypted fields that a server does not give out."""


def build_backup_plan(
    entities: str | Iterable[str] = (),
    *,
    filters: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    sites: str | Iterable[str] = (),
    name: str = "",
) -> BackupPlan:
    """Return the plan that copies entity types of an installation.

    Raises:
        InvalidPlan: A value is of another kind.
    """
    selection = Selection(entity_types=entities, filters=filters, sites=sites)
    # The copy has to hold the definitions of entries, and the parents that they name.
    selection = replace(selection, with_needed=bool(selection.entity_types))
    return BackupPlan(selection=selection, name=name)


def build_restore_plan(
    backup: Task,
    entities: str | Iterable[str],
    choices: WriteChoices,
    *,
    allow_deletions: bool = False,
    dry_run: bool = False,
    name: str = "",
) -> MigrationPlan:
    """Return the migration that brings a backup back.

    Raises:
        NotSupported: The task is not a backup, or its copy is not complete.
        InvalidPlan: A value is of another kind.
    """
    made = require_backup(backup)
    chosen = Selection(entity_types=entities).entity_types
    return MigrationPlan(
        source=backup_name(backup.id),
        selection=Selection(entity_types=chosen or made.selection.entity_types),
        policy=choose_policy(_RESTORING, choices),
        options=choose_options(DEFAULT_OPTIONS, choices),
        allow_deletions=allow_deletions,
        dry_run=dry_run,
        name=name or f"Restore of backup {backup.id}",
    )


def require_backup(task: Task) -> BackupPlan:
    """Return the plan of a backup; refuse a task that has made none to bring back.

    Raises:
        NotSupported: It is another kind of task, or its copy is not complete.
    """
    if not isinstance(task.plan, BackupPlan):
        what = f"Task {task.id} ({task.action}) is not a backup."
        raise NotSupported(what=what, instead="Give the number of a backup task.")
    if task.pruned:
        what = f"Backup {task.id} was pruned from the workspace."
        raise NotSupported(what=what, instead="Give another one, or back up again.")
    if task.status not in _USABLE:
        what = f"Backup {task.id} is not complete ({task.status})."
        raise NotSupported(what=what, instead="Give a complete one, or back up again.")
    return task.plan


def can_restore(task: Task) -> bool:
    """Return True for a backup that can be brought back."""
    is_backup = isinstance(task.plan, BackupPlan)
    return is_backup and task.status in _USABLE and not task.pruned


def require_no_backup(installation: str, plan: Plan) -> None:
    """Refuse to write to a backup, which would be one no more.

    Raises:
        InvalidPlan: The plan writes, and the installation is a backup.
    """
    is_backup = backup_task_id(installation) is not None
    if is_backup and plan.action not in _READING:
        reason = f"{installation} is a backup, which is only read. Choose another."
        raise InvalidPlan(reason)
