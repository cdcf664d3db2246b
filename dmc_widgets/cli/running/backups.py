"""`dmc backup` and `dmc restore`: a copy before a risky run, and the way back."""

from __future__ import annotations

from typing import Annotated

import typer

from ...center.backups import build_backup_plan, build_restore_plan
from ...center.choices import WriteChoices
from ..command_context import open_task_center, task_exit_status
from ..migration import build_selection
from ..options import (
    AllowDeletions,
    DryRun,
    Entities,
    Filters,
    Json,
    Name,
    Sites,
    TaskName,
)
from ..task_progress import follow_task, print_result_as
from ..write_choices import with_write_choices

BackupId = Annotated[
    int, typer.Argument(metavar="ID", help="The number of the backup task.")
]
Into = Annotated[
    str,
    typer.Option(
        "--into",
        metavar="NAME",
        help="The installation to write to; without it the one that was backed up.",
    ),
]


def back_up(
    ctx: typer.Context,
    name: Name,
    entities: Entities = None,
    *,
    filters: Filters = None,
    sites: Sites = None,
    task_name: TaskName = None,
    as_json: Json = False,
) -> None:
    """Copy entity types of an installation into the workspace, with their files.

    The backup of task 7 is the installation "Backup 7": dmc export, compare and verify
    read it, and dmc restore 7 brings it back. Without an ENTITY everything is copied;
    with one, also the definitions and parents that it needs.
    """
    center = open_task_center(ctx, name)
    chosen = build_selection(entities, filters, sites, with_needed=False)
    plan = build_backup_plan(
        chosen.entity_types,
        filters=chosen.filters,
        sites=chosen.sites,
        name=task_name or "",
    )
    task = follow_task(center, center.tasks.start_backup(name, plan))
    print_result_as(center, task, as_json=as_json)
    if task.counts.successful and not task.error and not as_json:
        typer.echo(f"Bring it back: dmc restore {task.id}")
    raise typer.Exit(task_exit_status(center, task))


@with_write_choices
def restore(
    ctx: typer.Context,
    backup_id: BackupId,
    entities: Entities = None,
    *,
    into: Into = "",
    allow_deletions: AllowDeletions = False,
    dry_run: DryRun = False,
    task_name: TaskName = None,
    as_json: Json = False,
    choices: WriteChoices,
) -> None:
    """Bring the items of a backup back, as they were.

    What was deleted since is created, and what was changed since is set again. What was
    added since stays. Restoring is a migration: dmc undo takes it back.
    """
    center = open_task_center(ctx, task_id=backup_id)
    backup = center.tasks.get(backup_id)
    plan = build_restore_plan(
        backup,
        entities or (),
        choices,
        allow_deletions=allow_deletions,
        dry_run=dry_run,
        name=task_name or "",
    )
    target = into or backup.installation
    task = follow_task(center, center.tasks.start_migration(target, plan))
    print_result_as(center, task, as_json=as_json)
    raise typer.Exit(task_exit_status(center, task))
