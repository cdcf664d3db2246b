"""The command that imports a package, file by file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..model.match_keys import parse_match_keys
from ..model.representation import printable
from ..tasks.dry_runs import DRY_RUN_NOTE
from ..tasks.packages.report import PackageReport, PackageStep
from .command_context import (
    DONE,
    FAILED,
    SOME_FAILED,
    open_task_center,
    task_exit_status,
    worst_exit_status,
)
from .merging import ChoicesFile, LeavePaths, OnlyPaths, merge_choices
from .options import (
    AllowDeletions,
    DryRun,
    Json,
    LazyReferences,
    MatchKeysOption,
    Name,
    NewSites,
    Package,
    SiteKey,
    UpdateStrategyOption,
)
from .output import print_json, print_table, task_to_json
from .source_files import open_file
from .task_progress import format_counts, print_details

if TYPE_CHECKING:
    from ..center import Center


ResumePackage = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on with a package that was interrupted: files that are in stay, and "
        "the task of one that stopped goes on.",
    ),
]


def import_package(
    ctx: typer.Context,
    name: Name,
    package: Package,
    *,
    site: SiteKey = None,
    new_sites: NewSites = False,
    lazy_references: LazyReferences = None,
    update_strategy: UpdateStrategyOption = None,
    only: OnlyPaths = None,
    leave: LeavePaths = None,
    match: MatchKeysOption = None,
    choices: ChoicesFile = None,
    allow_deletions: AllowDeletions = False,
    resume: ResumePackage = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import every *.batch-engine-data.json below a folder, or in a zip.

    In the natural order of paths, one task a file, with the strategies and the site
    that the file states, unless an option says otherwise. Files of one definition or
    folder, as the buttons of Liferay's Objects page export them, are imported, too.
    Files whose items do not move, such as roles, are left out; they are listed at the
    end, and the exit status is 3 then, as it is where the target does not hold what was
    sent.
    """
    center = open_task_center(ctx, name)
    merge = merge_choices(only, leave, choices)
    with open_file(center, package, is_package=True) as source:
        steps = center.tasks.import_package(
            name,
            source,
            site=site or "",
            new_sites=new_sites,
            lazy_references=bool(lazy_references),
            update_strategy=update_strategy,
            merge=merge,
            match=parse_match_keys(match),
            allow_deletions=allow_deletions,
            resume=resume,
            dry_run=dry_run,
        )
        done = _follow_steps(center, steps, as_json=as_json)
    raise typer.Exit(worst_exit_status(_step_status(center, step) for step in done))


def _follow_steps(
    center: Center, steps: Iterator[PackageStep], *, as_json: bool
) -> list[PackageStep]:
    """Print each step when it has ended, and return them all."""
    done: list[PackageStep] = []
    for step in steps:
        done.append(step)
        if not as_json:
            _print_step(center, step)
    if as_json:
        print_json([_step_to_json(step) for step in done])
    else:
        _print_report(PackageReport(tuple(done)))
    return done


def _print_step(center: Center, step: PackageStep) -> None:
    file = printable(step.file)
    if step.task is None:
        reason = printable(step.reason)
        typer.echo(f"{file}: {step.status.lower()}. {reason}", err=step.failed)
        return
    task = step.task
    typer.echo(f"{file}: {task.entity_type}, {task.status}, {format_counts(task)}.")
    print_details(center, task, shown=(DRY_RUN_NOTE,))  # said once, at the end
    for note in step.notes:
        typer.echo(f"Note: {printable(note)}")


def _print_report(report: PackageReport) -> None:
    """Print what was left out, and the results in one line."""
    if report.left_out:
        typer.echo("Left out:")
        columns = ("File", "Class", "Items", "Why")
        print_table(columns, map(_left_out_line, report.left_out))
    typer.echo(report.summary)
    if report.is_dry_run:
        typer.echo(f"Note: {DRY_RUN_NOTE}")


def _left_out_line(step: PackageStep) -> tuple[object, ...]:
    short_name = step.class_name.rpartition(".")[2]
    return (step.file, short_name, step.items, "such items do not move")


def _step_to_json(step: PackageStep) -> dict[str, Any]:
    base: dict[str, Any] = {"file": step.file, "className": step.class_name}
    if step.task is not None:
        found = step.verification
        return {
            **base,
            **task_to_json(step.task),
            "packageNotes": list(step.notes),
            "isAsExpected": None if found is None else found.is_equal,
        }
    return {
        **base,
        "status": step.status,
        "error": step.reason,
        "leftOut": step.left_out,
        "items": step.items,
    }


def _step_status(center: Center, step: PackageStep) -> int:
    if step.task is not None:
        return task_exit_status(center, step.task)
    if step.left_out:
        return SOME_FAILED
    return FAILED if step.failed else DONE
