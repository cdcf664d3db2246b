"""`dmc failures` and `dmc retry`: mend failed records, and try them again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ...model.outcome import Problem
from ...model.reading_options import ReadingOptions
from ...model.repair_check import RepairCheck
from ...model.representation import printable
from ...model.task import Task
from ..command_context import (
    DONE,
    SOME_FAILED,
    open_command_center,
    open_task_center,
    task_exit_status,
)
from ..file_options import with_reading_options
from ..options import DryRun, TaskId, require_file, require_writable
from ..output import print_table, print_written
from ..source_files import open_file
from ..task_progress import follow_task, print_result

if TYPE_CHECKING:
    from ...center import Center
    from ...center.repair import MendedRecords

_SHOWN = 50


FailureOutput = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=require_writable,
        help="Write them into a file, or to an address, that can be mended and given "
        "to `dmc retry`.",
    ),
]
FailureFormat = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="CSV, XLSX, JSON, JSONL or JSONT. Without it: as the name of the file "
        "ends, else as the original.",
    ),
]
Mended = Annotated[
    str | None,
    typer.Argument(
        metavar="[FILE]",
        callback=require_file,
        help="The file of `dmc failures`, mended, or its address. Without it: all "
        "failed records, as they are.",
    ),
]


Replace = Annotated[
    list[str] | None,
    typer.Option(
        "--replace",
        metavar="FIELD:OLD=NEW",
        help="Put NEW in place of the rejected value OLD of FIELD, in all records that "
        "failed for it. May be repeated.",
    ),
]
AddKey = Annotated[
    list[str] | None,
    typer.Option(
        "--add-key",
        metavar="FIELD:KEY",
        help="Add the rejected value KEY to the picklist of FIELD, for all records "
        "that failed for it. May be repeated.",
    ),
]
Grouped = Annotated[
    bool,
    typer.Option("--groups", help="Only how many records failed for which value."),
]


def list_failures(
    ctx: typer.Context,
    task_id: TaskId,
    *,
    output: FailureOutput = None,
    format_name: FailureFormat = "",
    groups: Grouped = False,
) -> None:
    """Show the records of a task that failed, or write them into a file.

    The file has the format and the columns of the original, and behind them
    errorRecord, errorCode, errorField, errorValue and errorMessage. Mend the values, in
    a spreadsheet for example, and give the file to `dmc retry`.
    """
    center = open_command_center(ctx)
    task = center.tasks.recover(task_id)
    _note_draft(center, task)
    if output is not None:
        number = center.repair.save_failures(task, output, format=format_name)
        records = "1 failed record" if number == 1 else f"{number:,} failed records"
        print_written(output, records)
        if number:
            them = "it" if number == 1 else "them"
            typer.echo(f"Mend {them}, then: dmc retry {task.id} {output}")
        return
    if not task.counts.failed:
        typer.echo(f"Task {task.id} has no failed records.")
    elif groups:
        _print_groups(center, task)
    else:
        _print_failures(center, task)


def _note_draft(center: Center, task: Task) -> None:
    """Print that values which were typed in the dashboard are not used here."""
    number = len(center.repair.draft(task).mends)
    if number:
        are, whose = (
            ("1 record was", "Its")
            if number == 1
            else (f"{number:,} records were", "Their")
        )
        typer.echo(
            f"Note: {are} mended in the dashboard, and not retried there yet. {whose} "
            "new values are not used here.",
            err=True,
        )


def _print_groups(center: Center, task: Task) -> None:
    from ...center.repair_table import can_repair

    found = center.repair.groups(task)
    print_table(
        ("Records", "Code", "Field", "Value", "Message"),
        ((x.number, x.code, x.field, _format_value(x.value), x.message) for x in found),
    )
    if not can_repair(task):
        return
    for group in found:
        if group.number > 1 and (value := _format_value(group.value)):
            mend = shlex.quote(f"{group.field}:{value}=NEW")
            typer.echo(
                f"One value for all of them: dmc retry {task.id} --replace {mend}"
            )
            return


def _print_failures(center: Center, task: Task) -> None:
    from ...center.repair_table import can_repair

    failures = center.tasks.failures(task.id, limit=_SHOWN)
    _print_problems((str(task.place(x.index)), x.problem) for x in failures)
    if task.counts.failed > _SHOWN:
        typer.echo(
            f"{_SHOWN} of {task.counts.failed:,}; all of them: "
            f"dmc failures {task.id} -o FILE"
        )
    elif can_repair(task):
        typer.echo(f"To mend them in a file: dmc failures {task.id} -o FILE")


def _print_problems(problems: Iterable[tuple[str, Problem]]) -> None:
    print_table(
        ("Record", "Field", "Value", "Message"),
        (
            (record, x.field, _format_value(x.value), x.message)
            for record, x in problems
        ),
    )


def _format_value(rejected: str | None) -> str:
    """Format a rejected value as people write it, and as --replace takes it."""
    from ...center.repair_table import format_rejected_value

    return format_rejected_value(rejected)


def _split_field(text: str) -> tuple[str, str]:
    field, sign, value = text.partition(":")
    if not sign or not field:
        message = f"{text!r} has no ':' after the name of a field."
        raise typer.BadParameter(message)
    return field, value


def _parse_replacements(
    options: Sequence[str] | None,
) -> dict[str, dict[str, str | None]]:
    """Return new values by the rejected ones, by field; None empties a field."""
    replacements: dict[str, dict[str, str | None]] = {}
    for field, value in map(_split_field, options or ()):
        old, sign, new = value.partition("=")
        if not sign:
            message = f"{field}:{value} has no '=' between the old and the new value."
            raise typer.BadParameter(message, param_hint="--replace")
        replacements.setdefault(field, {})[old] = new or None
    return replacements


def _read_mended(
    center: Center, task: Task, file: str | None, reading: ReadingOptions
) -> MendedRecords | None:
    """Read the mended records of a file, and print what is to be said of them."""
    if file is None:
        return None
    with open_file(center, file) as opened:
        name = opened.name or ""
        records = center.repair.read(task, opened.path, reading, name=name)
    for note in records.notes:
        typer.echo(f"Note: {printable(note)}", err=True)
    return records


def _parse_keys(options: Sequence[str] | None) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for field, key in map(_split_field, options or ()):
        keys.setdefault(field, []).append(key)
    return keys


def _print_check(check: RepairCheck, known: Sequence[str]) -> None:
    typer.echo(f"Nothing was written. A retry would end with: {check.counts.summary}.")
    for note in check.notes:
        if note not in known:
            typer.echo(f"Note: {printable(note)}", err=True)
    if check.problems:
        _print_problems((str(x.position), x.problem) for x in check.problems[:_SHOWN])
    if len(check.problems) > _SHOWN:
        typer.echo(f"{_SHOWN} of {len(check.problems):,} problems.")


@with_reading_options
def retry_failures(
    ctx: typer.Context,
    task_id: TaskId,
    mended: Mended = None,
    *,
    replace: Replace = None,
    add_key: AddKey = None,
    dry_run: DryRun = False,
    reading: ReadingOptions,
) -> None:
    """Try the failed records of a task again, within the task.

    What is in already is not written again. Where an import stopped at its first
    failure, the records after it come along. With --dry-run, all problems that the
    mended records still have are shown, and nothing is written.
    """
    center = open_task_center(ctx, task_id=task_id)
    task = center.tasks.recover(task_id)
    _note_draft(center, task)
    records = _read_mended(center, task, mended, reading)
    replacements, keys = _parse_replacements(replace), _parse_keys(add_key)
    records = center.repair.combine(task, records, replacements, keys)
    if dry_run:
        check = center.repair.check(task, records)
        _print_check(check, known=records.notes if records else ())
        raise typer.Exit(SOME_FAILED if check.failed else DONE)
    started = center.repair.start(task, records)
    task = follow_task(center, started)
    print_result(center, task)
    raise typer.Exit(task_exit_status(center, task))
