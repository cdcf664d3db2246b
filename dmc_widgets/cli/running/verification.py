"""`dmc verify`: whether a target holds what was sent, or what a source holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from ...center.verification import require_report_name
from ...errors import InvalidPlan
from ...model.match_keys import parse_match_keys
from ...model.plan import Selection, VerificationPlan
from ...model.representation import printable
from ...model.task import Task
from ...tasks.verification.report_files import format_verified_value
from ..command_context import (
    DIFFERENT,
    DONE,
    FAILED,
    open_command_center,
    open_task_center,
)
from ..migration import build_selection
from ..options import Filters, Json, Sites, TaskName, choose_workers
from ..output import print_json, print_table, print_written
from ..task_progress import follow_task, print_end_reason

if TYPE_CHECKING:
    from ...center import Center
    from ...center.choices import WorkerChoices
    from ...center.verification import VerificationReport
    from ...model.verification import Mismatch

_SHOWN: Final = 20
_MAX_CELL_CHARS: Final = 60
_WORKERS_OF_TASKS: Final = (
    "Several workers verify what a task has sent. Two installations are compared by "
    "one: leave --workers and --cluster out."
)
_OPTIONS_OF_TASKS: Final = (
    "A task is verified as it was run. --filter, --site and --match belong to "
    "dmc verify SOURCE TARGET."
)

Subject = Annotated[
    str,
    typer.Argument(
        metavar="TASK|SOURCE",
        help="The number of an import or a migration, or the installation that states "
        "what is expected.",
    ),
]
VerifiedTarget = Annotated[
    str, typer.Argument(metavar="TARGET", help="The installation to verify.")
]
VerifiedEntities = Annotated[
    list[str] | None,
    typer.Argument(metavar="ENTITY", help="Entity types; none for everything."),
]
VerifiedKeys = Annotated[
    list[str] | None,
    typer.Option(
        "--match",
        metavar="ENTITY=a,b",
        help="Compare an entry of this entity type with the one that has its values of "
        "these fields, whatever its external reference code. Repeat it for further "
        "entity types.",
    ),
]
VerifyingWorkers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        help="Read the target with so many worker processes at once, to verify a task; "
        "with those of the import by default.",
    ),
]
VerifyingCluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Read the target on the workers of a Dask scheduler, such as "
        "tcp://10.0.0.5:8786, or on a local cluster of this task's own (local); empty "
        "for none.",
    ),
]
Last = Annotated[
    bool,
    typer.Option(
        "--last", help="Show the last verification of a task; make no new one."
    ),
]
Report = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write the report, to a path or an address: .html for people, .json for "
        "programs.",
    ),
]


def verify(
    ctx: typer.Context,
    subject: Subject,
    target: VerifiedTarget = "",
    entities: VerifiedEntities = None,
    *,
    filters: Filters = None,
    sites: Sites = None,
    match: VerifiedKeys = None,
    task_name: TaskName = None,
    workers: VerifyingWorkers = None,
    cluster: VerifyingCluster = None,
    output: Report = None,
    last: Last = False,
    as_json: Json = False,
) -> None:
    """Verify a task, or compare what two installations hold; nothing is written.

    dmc verify TASK compares what the task has sent with what its target holds now.
    dmc verify SOURCE TARGET compares entries by their external reference codes, or by
    the fields of --match, field by field, and attachments by their contents. Imports
    and migrations verify themselves at their end; --last shows what they found. Exit
    status: 0 if all is as expected, 3 if not.
    """
    if output is not None:
        require_report_name(output)
    open_center = open_task_center if not last else open_command_center
    center = open_center(ctx)
    center.tasks.require_target(output)
    if last:
        task = center.tasks.get(_task_id(subject, target))
    else:
        selection = build_selection(entities, filters, sites, with_needed=False)
        chosen = _Chosen(selection, match, choose_workers(workers, cluster))
        started = _start(center, subject, target, chosen, task_name or "")
        task = follow_task(center, started)
    report = center.tasks.verification(task)
    if report is None:
        _print_end(task)
        raise typer.Exit(FAILED)
    _show_report(report, output, as_json=as_json)
    raise typer.Exit(DONE if report.is_equal else DIFFERENT)


class _Chosen(NamedTuple):
    """What is chosen for a verification, by options."""

    selection: Selection
    match: list[str] | None
    workers: WorkerChoices


def _start(
    center: Center, subject: str, target: str, chosen: _Chosen, name: str
) -> Task:
    selection, match, workers = chosen
    if not target:
        number = _task_id(subject, target)
        if match or selection.filters or selection.sites:
            raise InvalidPlan(_OPTIONS_OF_TASKS)
        return center.tasks.verify(number, **workers)
    if workers.get("workers", 1) != 1 or workers.get("cluster"):
        raise InvalidPlan(_WORKERS_OF_TASKS)
    keys = parse_match_keys(match)
    plan = VerificationPlan(source=subject, selection=selection, match=keys, name=name)
    return center.tasks.start_verification(target, plan)


def _task_id(subject: str, target: str) -> int:
    if target or not subject.isdecimal():
        reason = (
            "Give the number of a task, or the names of two installations: "
            "dmc verify SOURCE TARGET."
        )
        raise InvalidPlan(reason)
    return int(subject)


def _print_end(task: Task) -> None:
    """Print how a task ended that has no report."""
    typer.echo(f"Task {task.id} {task.status}. It has not been verified.")
    print_end_reason(task)


def _show_report(
    report: VerificationReport, output: str | None, *, as_json: bool
) -> None:
    """Print a report, and write it into a file if that is wanted."""
    if output is not None:
        report.save(output)
    if as_json:
        mismatches = [mismatch.as_dict() for mismatch in report.iter_mismatches()]
        print_json({**report.as_dict(), "mismatches": mismatches})
    else:
        _print_report(report)
        if output is not None:
            print_written(output)


def _print_report(report: VerificationReport) -> None:
    print_table(
        ("Type", "Expected", "Equal", "Different", "Missing", "Surplus", "Unverified"),
        (
            (
                part.title,
                part.expected,
                part.equal,
                part.different,
                part.missing,
                part.surplus,
                part.unverified,
            )
            for part in report.result.parts
        ),
    )
    _print_mismatches(report)
    for note in report.result.notes:
        typer.echo(f"Note: {printable(note)}")
    typer.echo(printable(report.summary))


def _print_mismatches(report: VerificationReport) -> None:
    shown = report.page(0, _SHOWN)
    if not shown:
        return
    typer.echo("")
    print_table(
        ("Type", "Code", "Site", "State", "Field", "Expected", "In the target"),
        (row for mismatch in shown for row in _rows(mismatch)),
    )
    rest = report.result.mismatches - len(shown)
    if rest > 0:
        hint = f"dmc verify {report.maker} --last -o report.html"
        typer.echo(f"{rest:,} more: {hint}")
    typer.echo("")


def _rows(mismatch: Mismatch) -> list[tuple[object, ...]]:
    identity = (mismatch.part, mismatch.key, mismatch.site, mismatch.kind)
    if not mismatch.fields:
        return [(*identity, "", mismatch.note, "")]
    return [
        (
            *identity,
            field.field,
            _truncate(format_verified_value(field.expected)),
            _truncate(format_verified_value(field.actual)),
        )
        for field in mismatch.fields
    ]


def _truncate(text: str) -> str:
    return text if len(text) <= _MAX_CELL_CHARS else f"{text[:_MAX_CELL_CHARS]}…"
