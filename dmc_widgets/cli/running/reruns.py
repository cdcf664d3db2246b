"""`dmc task again` and `dmc task compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..command_context import open_command_center, open_task_center, task_exit_status
from ..options import Json, TaskId
from ..output import print_json, print_table, print_warnings
from ..task_progress import follow_task, print_result

OtherTask = Annotated[int, typer.Argument(metavar="OTHER", help="The second task.")]
_SHOWN = 50


def run_again(ctx: typer.Context, task_id: TaskId) -> None:
    """Run a task once more, as a new one with the same plan and the same file."""
    center = open_task_center(ctx, task_id=task_id)
    started = center.tasks.run_again(task_id)
    print_warnings(started.notes)
    task = follow_task(center, started)
    print_result(center, task, shown=started.notes)
    raise typer.Exit(task_exit_status(center, task))


def compare_tasks(
    ctx: typer.Context, task_id: TaskId, other: OtherTask, *, as_json: Json = False
) -> None:
    """Show what is different about two tasks: plans, counts, outcomes of records.

    Records of the same file are compared by number, others by external reference code.
    """
    comparison = open_command_center(ctx).tasks.compare(task_id, other)
    records, shown = comparison.records, comparison.records.head(_SHOWN)
    if as_json:
        print_json(
            {
                "plans": [
                    {"choice": name, "first": one, "second": two}
                    for name, one, two in comparison.plans
                ],
                "counts": [counts.summary for counts in comparison.counts],
                "records": records.to_dict("records"),
            }
        )
        return
    first, second = (counts.summary for counts in comparison.counts)
    rows = [("records", first, second), *comparison.plans]
    print_table(("", f"Task {task_id}", f"Task {other}"), rows)
    typer.echo(comparison.summary)
    columns = [records.columns[0], "outcome", "outcome_2", "message", "message_2"]
    if len(shown):
        print_table(columns, shown[columns].itertuples(index=False))
    if len(records) > _SHOWN:
        typer.echo(f"… and {len(records) - _SHOWN:,} more; all of them with --json.")
