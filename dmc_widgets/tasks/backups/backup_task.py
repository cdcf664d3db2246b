"""The task of a backup: copy entity types of an installation into a database.

A backup is an embedded installation in the folder of its task. So it can be read,
compared and verified as any other, and bringing it back is a migration, with its dry
run, its changes and its undo. A package of files was rejected: it would need a second
way to read, to compare and to restore, and it loses what formats cannot hold.
"""

from __future__ import annotations

from contextlib import closing
from typing import Final

from ...model.backup_plan import BackupPlan
from ...model.plan import MigrationPlan
from ...model.run_options import RunOptions
from ...model.strategies import ErrorStrategy, Policy
from ...ports import Installation
from ...storage.private_files import make_private_folder
from ..installation_access import open_connection
from ..migration.migration_task import run_migration
from ..task_run import TaskRun

_POLICY: Final = Policy(error_strategy=ErrorStrategy.CONTINUE)


def backup_migration(plan: BackupPlan, source: str) -> MigrationPlan:
    """Return the migration that fills a backup.

    An item that cannot be stored fails, and the others are backed up nevertheless.
    """
    return MigrationPlan(
        source=source,
        selection=plan.selection,
        policy=_POLICY,
        options=RunOptions(journal=False),
        name=plan.name,
    )


def run_backup(run: TaskRun, plan: BackupPlan, source: Installation) -> None:
    """Carry out a backup task to its end.

    Raises:
        RequestError: The plan asks for something that is not there.
        InstallationError: The installation gave up.
        TaskCancelled: The task was cancelled.
    """
    make_private_folder(run.workspace.task_folder(run.task.id))
    connection = run.workspace.backup(run.task.id)
    with closing(open_connection(connection, run.should_continue)) as target:
        migration = backup_migration(plan, run.task.installation)
        run_migration(run, migration, source, target)
