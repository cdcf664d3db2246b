"""`dmc history`: what happened to the tasks of the workspace, and who asked for it."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import typer

from ...center.history import HistoryChoices
from ...model.entity_type import simple_name
from ...workspace.history.store import HistoryEvent
from ..command_context import open_command_center
from ..options import Json
from ..output import print_json, print_table

TaskNumber = Annotated[
    int | None,
    typer.Argument(metavar="[ID]", help="The number of a task; without it, all tasks."),
]
Keyword = Annotated[
    str,
    typer.Option("--find", help="A text in the name, entity type, file or detail."),
]
Author = Annotated[str, typer.Option("--author", help="What this user did.")]
Event = Annotated[
    str, typer.Option("--event", help="A status or a request: Completed, Cancel.")
]
InstallationName = Annotated[
    str, typer.Option("--installation", help="What concerned this installation.")
]
Since = Annotated[
    str, typer.Option("--since", help="A day, a time in UTC, or an age: 7d, 12h.")
]
Until = Annotated[str, typer.Option("--until", help="Likewise; what came before it.")]
Limit = Annotated[
    int, typer.Option("--limit", min=1, help="The number of events at most.")
]


def show_history(
    ctx: typer.Context,
    task_id: TaskNumber = None,
    *,
    keyword: Keyword = "",
    author: Author = "",
    event: Event = "",
    installation: InstallationName = "",
    since: Since = "",
    until: Until = "",
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """Show what happened to tasks, the newest first: who, what, when, which file.

    Events are never changed or removed, not even when their task is.
    """
    choices = HistoryChoices(
        keyword=keyword,
        author=author,
        event=event,
        installation=installation,
        since=since,
        until=until,
    )
    events = open_command_center(ctx).history.events(task_id, **choices)
    chosen = islice(events, limit)
    if as_json:
        print_json([_event_to_json(event) for event in chosen])
        return
    print_table(
        ("Time", "Task", "Event", "Author", "Action", "Type", "File", "Records"),
        map(_event_row, chosen),
    )


def _event_row(event: HistoryEvent) -> tuple[object, ...]:
    has_counts = event.counts.total > 0
    return (
        event.at,
        event.task_id,
        event.event,
        event.author,
        event.action,
        ", ".join(map(simple_name, event.entity_type.split(", "))),
        event.file,
        event.counts.summary if has_counts else "",
    )


def _event_to_json(event: HistoryEvent) -> dict[str, Any]:
    counts = event.counts
    return {
        "id": event.id,
        "at": event.at,
        "event": event.event,
        "author": event.author,
        "taskId": event.task_id,
        "name": event.name,
        "installation": event.installation,
        "action": event.action,
        "entityType": event.entity_type,
        "originalFile": event.file,
        "plan": event.plan,
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": counts.skipped,
        "failed": counts.failed,
        "unknown": counts.unknown,
        "detail": event.detail,
    }
