"""`dmc outcomes`: what became of each record of a task."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from ...model.outcome import OutcomeKind
from ...model.representation import printable
from ..command_context import open_command_center
from ..options import TaskId
from ..output import print_table

if TYPE_CHECKING:
    from ...center.task_handle import RecordOutcome

_SHOWN: Final = 50

Kind = Annotated[
    OutcomeKind | None,
    typer.Option("--kind", help="Only records with this kind of outcome."),
]
OutcomesJson = Annotated[
    bool, typer.Option("--json", help="Print every outcome as a JSON array.")
]


def list_outcomes(
    ctx: typer.Context,
    task_id: TaskId,
    *,
    kind: Kind = None,
    as_json: OutcomesJson = False,
) -> None:
    """Show what became of each record of a task: first by kind, then one by one.

    A running task shows what it has done by now.
    """
    task = open_command_center(ctx).task(task_id)
    outcomes = task.outcomes(kind, wait=False)
    if as_json:
        for piece in _json_pieces(outcomes):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    if kind is None:
        numbers = {word.value: getattr(task.counts, word.value) for word in OutcomeKind}
        print_table(("Outcome", "Records"), (x for x in numbers.items() if x[1]))
        typer.echo("")
    rows = [_row(record) for record in islice(outcomes, _SHOWN)]
    print_table(("Record", "Type", "Outcome", "Code", "Message"), rows)
    if next(outcomes, None) is not None:
        option = f" --kind {kind.value}" if kind else ""
        typer.echo(f"There are more: dmc outcomes {task_id}{option} --json")


def _row(record: RecordOutcome) -> tuple[object, ...]:
    message = record.problem.message if record.problem else record.note
    return record.number, record.part, record.kind.value, record.erc, printable(message)


def _json_pieces(outcomes: Iterator[RecordOutcome]) -> Iterator[bytes]:
    """Yield a JSON array with an outcome a line."""
    yield b"["
    separator = b"\n"
    for record in outcomes:
        yield separator + orjson.dumps(_to_json(record))
        separator = b",\n"
    yield b"\n]\n"


def _to_json(record: RecordOutcome) -> dict[str, Any]:
    problem = record.problem
    return {
        "itemIndex": record.number,
        "entityType": record.part,
        "outcome": record.kind.value,
        "externalReferenceCode": record.erc,
        "code": problem.code if problem else "",
        "field": problem.field if problem else "",
        "message": problem.message if problem else "",
        "note": record.note,
    }
