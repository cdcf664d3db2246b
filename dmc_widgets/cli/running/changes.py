"""`dmc changes`: what a task changed, or what a dry run would change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import orjson
import typer

from ...tasks.change_reports import (
    RecordedChange,
    change_to_json,
    format_change_value,
)
from ..command_context import open_command_center
from ..options import TaskId
from ..output import print_table

if TYPE_CHECKING:
    from ...center import Center

_SHOWN: Final = 50
_MAX_CELL_CHARS: Final = 60

ChangedField = Annotated[
    str,
    typer.Option("--field", metavar="FIELD", help="Only this field, or a part of it."),
]
OnlyLost = Annotated[
    bool, typer.Option("--lost", help="Only stored values that are gone.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Print every change as CSV.")]
ChangesJson = Annotated[
    bool, typer.Option("--json", help="Print every change as a JSON array.")
]


def list_changes(
    ctx: typer.Context,
    task_id: TaskId,
    *,
    field: ChangedField = "",
    lost: OnlyLost = False,
    as_csv: Csv = False,
    as_json: ChangesJson = False,
) -> None:
    """Show what a task changed: first by field, then record by record.

    Of a dry run it is what the run would change.
    """
    center = open_command_center(ctx)
    task = center.tasks.get(task_id)
    if as_csv:
        _write(center.tasks.changes_csv(task, field=field, lost=lost))
    elif as_json:
        _write(_json_pieces(center.tasks.iter_changes(task, field=field, lost=lost)))
    else:
        _print_changes(center, task_id, field, lost=lost)


def _print_changes(center: Center, task_id: int, field: str, *, lost: bool) -> None:
    number = center.tasks.count_changes(task_id, field=field, lost=lost)
    if not number:
        typer.echo(f"Task {task_id}: {center.tasks.describe_no_changes(task_id)}")
        return
    if not field:
        print_table(
            ("Field", "Type", "Changed", "Lost"),
            (
                (one.field, one.part, one.changed, one.lost)
                for one in center.tasks.change_summary(task_id)
                if one.lost or not lost
            ),
        )
        typer.echo("")
    changes = center.tasks.iter_changes(task_id, field=field, lost=lost)
    print_table(
        ("Record", "Type", "Code", "Field", "Old", "New", "Lost"),
        (_row(change) for change in islice(changes, _SHOWN)),
    )
    if number > _SHOWN:
        typer.echo(f"{number:,} in all: dmc changes {task_id} --csv")


def _row(change: RecordedChange) -> tuple[object, ...]:
    return (
        change.number,
        change.part,
        change.erc,
        change.field,
        _truncate(format_change_value(change.old)),
        _truncate(format_change_value(change.new)),
        "lost" if change.lost else "",
    )


def _truncate(text: str) -> str:
    return text if len(text) <= _MAX_CELL_CHARS else f"{text[:_MAX_CELL_CHARS]}…"


def _json_pieces(changes: Iterator[RecordedChange]) -> Iterator[bytes]:
    """Yield a JSON array with a change a line."""
    yield b"["
    separator = b"\n"
    for change in changes:
        yield separator + orjson.dumps(change_to_json(change), default=str)
        separator = b",\n"
    yield b"\n]\n"


def _write(pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
