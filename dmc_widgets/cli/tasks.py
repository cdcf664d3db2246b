"""`dmc task`: the tasks of the workspace."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Final

import typer

from ..model.plan import Action
from ..model.representation import printable
from ..model.task import Task, TaskStatus
from .command_context import open_command_center
from .options import Json, Output, TaskId, TaskJson
from .output import (
    failures_to_json,
    print_json,
    print_pairs,
    print_table,
    print_written,
    task_to_json,
)
from .task_progress import format_counts, print_failures, print_parts

Keyword = Annotated[
    str,
    typer.Option(
        "--find",
        help="Words in the name, entity type, file, author, installation or error.",
    ),
]
EntityTypeName = Annotated[
    str, typer.Option("--type", help="Only tasks that move it: C_Ticket.")
]
SortKey = Annotated[
    str, typer.Option("--sort", help="What is sorted by: created, failed, duration …")
]
Ascending = Annotated[
    bool, typer.Option("--ascending", help="The oldest, or the smallest, come first.")
]
Limit = Annotated[
    int, typer.Option("--limit", min=0, help="How many tasks at most; 0 for all.")
]
ActionName = Annotated[
    Action | None, typer.Option("--action", help="Only this kind of task.")
]
StatusName = Annotated[
    TaskStatus | None, typer.Option("--status", help="Only tasks of this status.")
]
InstallationName = Annotated[
    str, typer.Option("--installation", help="Only tasks that read or write it.")
]
AuthorName = Annotated[
    str, typer.Option("--author", help="Only tasks that this user started.")
]
CreatedSince = Annotated[
    str, typer.Option("--since", help="A day, a time in UTC, or an age: 7d, 12h.")
]
CreatedUntil = Annotated[
    str, typer.Option("--until", help="Likewise; tasks that were created before it.")
]
_STOP_WAIT_S: Final = 5.0


def list_tasks(
    ctx: typer.Context,
    *,
    keyword: Keyword = "",
    action: ActionName = None,
    status: StatusName = None,
    entity_type: EntityTypeName = "",
    installation: InstallationName = "",
    author: AuthorName = "",
    since: CreatedSince = "",
    until: CreatedUntil = "",
    sort: SortKey = "id",
    ascending: Ascending = False,
    limit: Limit = 0,
    as_json: Json = False,
) -> None:
    """List the tasks of the workspace, the newest first."""
    tasks = open_command_center(ctx).tasks.list(
        keyword,
        action,
        sort=sort,
        descending=not ascending,
        limit=limit or None,
        status=status or "",
        entity_type=entity_type,
        installation=installation,
        author=author,
        since=since,
        until=until,
    )
    if as_json:
        print_json([task_to_json(task) for task in tasks])
        return
    print_table(
        ("ID", "Name", "Action", "Type", "Status", "Successful", "Failed", "Total"),
        (_task_row(task) for task in tasks),
    )


def _task_row(task: Task) -> tuple[object, ...]:
    return (
        task.id,
        task.name,
        task.action,
        task.entity_type,
        task.status,
        task.counts.successful,
        task.counts.failed,
        task.counts.total,
    )


def show_task(
    ctx: typer.Context, task_id: TaskId, *, as_json: TaskJson = False
) -> None:
    """Show a task, its counts and what failed in it.

    If its worker died, the target is asked first what became of its records.
    """
    center = open_command_center(ctx)
    task = center.tasks.recover(task_id)
    if as_json:
        failures = center.tasks.failures(task_id)
        errors = failures_to_json(
            (failure.index, failure.problem) for failure in failures
        )
        print_json(
            {**task_to_json(task), "plan": task.plan.as_dict(), "errors": errors}
        )
        return
    values = task_to_json(task)
    values["notes"] = " ".join(task.notes)
    parts = values.pop("parts")
    print_pairs((_title(name), value) for name, value in values.items())
    if parts:
        print_parts(task)
    if shares := center.tasks.workers(task):
        print_table(
            ("Worker", "Partitions", "Records"),
            ((x.name, f"{len(x.partitions)}", f"{x.records:,}") for x in shares),
        )
    print_failures(center, task, limit=20)


def _title(name: str) -> str:
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in name)
    return words.title().replace("Id", "ID")


def show_log(ctx: typer.Context, task_id: TaskId, *, as_json: Json = False) -> None:
    """Show what a task did: its worker, its parts, requests that were sent again."""
    entries = open_command_center(ctx).tasks.log(task_id)
    if as_json:
        print_json([asdict(entry) for entry in entries])
        return
    print_table(("Time", "Event"), ((entry.at, entry.text) for entry in entries))


def save_report(ctx: typer.Context, task_id: TaskId, *, output: Output) -> None:
    """Save the failed records of a task as CSV.

    Columns: item, itemIndex, message, code, field, value.
    """
    center = open_command_center(ctx)
    center.tasks.recover(task_id)
    center.tasks.write_report(task_id, output)
    print_written(output)


def cancel_task(ctx: typer.Context, task_id: TaskId) -> None:
    """End a task within a second; what it has written stays.

    The last record that is in is printed. A paused task ends, too.
    """
    center = open_command_center(ctx)
    if _has_ended(center.tasks.get(task_id)):
        return
    center.tasks.cancel(task_id)
    _print_stopped(center.tasks.wait(task_id, timeout_s=_STOP_WAIT_S))


def pause_task(ctx: typer.Context, task_id: TaskId) -> None:
    """Interrupt a task within a second; `dmc resume ID` goes on with its next record.

    Exports and dry runs cannot be paused.
    """
    center = open_command_center(ctx)
    if _has_ended(center.tasks.get(task_id)):
        return
    center.tasks.pause(task_id)
    _print_stopped(center.tasks.wait(task_id, timeout_s=_STOP_WAIT_S))


def _has_ended(task: Task) -> bool:
    """Return True, and print it, if there is nothing to stop any more."""
    has_ended = task.status.is_final and task.status is not TaskStatus.PAUSED
    if has_ended:
        typer.echo(f"Task {task.id} has ended already: {task.status}.")
    return has_ended


def _print_stopped(task: Task) -> None:
    """Print how far a task came, or that its worker has not heard yet."""
    if task.status.is_final:
        typer.echo(f"Task {task.id} {task.status}: {format_counts(task)}.")
        typer.echo(printable(task.error))
    else:
        typer.echo(f"Task {task.id} was asked to stop.")
