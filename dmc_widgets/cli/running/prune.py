"""`dmc prune`: remove what tasks that ended long ago have left."""

from __future__ import annotations

from typing import Annotated

import typer

from ...model.representation import printable
from ...tasks.pruning import PruneReport
from ..command_context import open_command_center
from ..options import Json
from ..output import print_json, print_table

OlderThan = Annotated[
    str,
    typer.Option(
        "--older-than",
        metavar="AGE",
        help="Prune tasks that ended before: an age such as 90d, or a day.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be removed, and remove none.")
]
Backups = Annotated[
    bool, typer.Option("--backups", help="Remove backups, too, which stay otherwise.")
]


def prune_tasks(
    ctx: typer.Context,
    *,
    older_than: OlderThan,
    backups: Backups = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Remove files, outcomes, changes and marks of old tasks, and unused attachments.

    The tasks stay in the list with their counts, and the history stays whole. What was
    pruned can no longer be resumed, repaired or undone. Exit status 3: an installation
    did not answer, and its tasks were left alone.
    """
    center = open_command_center(ctx)
    report = center.prune(older_than, backups=backups, dry_run=dry_run)
    if as_json:
        print_json(_report_to_json(report))
    else:
        _print_report(report, dry_run=dry_run)
    if report.problems:
        raise typer.Exit(3)


def _print_report(report: PruneReport, *, dry_run: bool) -> None:
    if report.tasks:
        columns = ("ID", "Name", "Action", "Type", "Status", "Ended")
        print_table(
            columns,
            (
                (x.id, x.name, x.action, x.entity_type, x.status, x.modified)
                for x in report.tasks
            ),
        )
    for name, problem in report.problems.items():
        typer.echo(f"{printable(name)} was left alone: {printable(problem)}", err=True)
    verb = "Would prune" if dry_run else "Pruned"
    typer.echo(f"{verb} {printable(report.summary)}.")


def _report_to_json(report: PruneReport) -> dict[str, object]:
    return {
        "tasks": [task.id for task in report.tasks],
        "fileBytes": report.file_bytes,
        "recordBytes": report.record_bytes,
        "totalBytes": report.total_bytes,
        "installations": {
            name: {
                "marks": removed.marks,
                "attachments": removed.attachments,
                "bytes": removed.bytes,
            }
            for name, removed in report.storage.items()
        },
        "problems": report.problems,
    }
