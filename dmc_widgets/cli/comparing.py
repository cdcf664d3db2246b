"""The command that compares installations, and applies single differences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UnknownName
from ..objects.comparison.difference_paths import difference_path
from ..objects.comparison.differences import ChangeType, Difference
from ..objects.names import ERC
from ..storage.remote_addresses import is_address
from ..tasks.installation_comparison import format_value
from .command_context import (
    DIFFERENT,
    open_command_center,
    open_task_center,
    task_exit_status,
)
from .options import (
    AllowDeletions,
    DryRun,
    Json,
    TargetName,
    TaskName,
    require_writable,
)
from .output import print_json, print_table, print_written
from .task_progress import follow_task, print_result_as

if TYPE_CHECKING:
    from ..center import Center

_MAX_CELL_CHARS = 60

_SourceOrFile = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="The name of the installation to compare with, or a file of definitions, "
        "picklists or folders, or its address.",
    ),
]
_ApplyPaths = Annotated[
    list[str] | None,
    typer.Option(
        "--apply",
        metavar="PATH",
        help="Make TARGET like SOURCE in this difference, and in nothing else: "
        "Customer.objectFields.vatNumber, or Customer for all of a document. "
        "Repeat it.",
    ),
]
_ChoicesOutput = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=require_writable,
        help="Write the differences as YAML, or JSON if the name ends in .json, each "
        "to be accepted or left; --choices takes the file.",
    ),
]


def compare_installations(
    ctx: typer.Context,
    source: _SourceOrFile,
    target: TargetName,
    *,
    apply: _ApplyPaths = None,
    output: _ChoicesOutput = None,
    allow_deletions: AllowDeletions = False,
    dry_run: DryRun = False,
    task_name: TaskName = None,
    as_json: Json = False,
) -> None:
    """Show how folders, picklists and definitions of two installations differ.

    added, removed and changed say what would make TARGET like SOURCE; an import does
    not change what is marked kept. Exit status: 0 if they are alike, 3 if they differ.
    With --apply, that of the task.
    """
    open_center = open_task_center if apply else open_command_center
    center = open_center(ctx)
    origin = _origin(center, source)
    if apply:
        handle = center.differences.apply(
            origin,
            target,
            apply,
            allow_deletions=allow_deletions,
            dry_run=dry_run,
            name=task_name or "",
            wait=False,
        )
        raise typer.Exit(_follow(center, handle.id, as_json=as_json))
    if isinstance(origin, str) and not is_address(origin):
        differences = center.differences.between(origin, target)
    else:
        differences = center.differences.of_file(origin, target)
    if output is not None:
        center.differences.write_choices(differences, output)
    _print_differences(differences, as_json=as_json)
    if output is not None and not as_json:
        print_written(output)
    raise typer.Exit(DIFFERENT if differences else 0)


def _follow(center: Center, task_id: int, *, as_json: bool) -> int:
    """Follow the task that applies differences; return its exit status."""
    task = follow_task(center, center.tasks.get(task_id))
    print_result_as(center, task, as_json=as_json)
    return task_exit_status(center, task)


def _origin(center: Center, source: str) -> str | Path:
    """Return the name of an installation, or else the path or address of a file."""
    if is_address(source):
        return source
    try:
        center.installations[source]
    except UnknownName:
        path = Path(source)
        if path.is_file():
            return path
        raise
    return source


def _print_differences(differences: list[Difference], *, as_json: bool) -> None:
    if as_json:
        print_json([_difference_to_json(difference) for difference in differences])
    elif differences:
        print_table(
            ("Type", "Name", "Change", "Property", "Source", "Target", "Kept"),
            map(_difference_row, differences),
        )
        typer.echo(_difference_summary(differences))
    else:
        typer.echo("Folders, picklists and definitions are alike.")


def _difference_row(difference: Difference) -> tuple[object, ...]:
    values = (
        _truncate(format_value(value))
        for value in (difference.source, difference.target)
    )
    kept = "kept" if difference.kept else ""
    return (
        difference.kind,
        difference.name,
        difference.change,
        difference.path,
        *values,
        kept,
    )


def _truncate(text: str) -> str:
    return text if len(text) <= _MAX_CELL_CHARS else f"{text[:_MAX_CELL_CHARS]}…"


def _difference_summary(differences: list[Difference]) -> str:
    numbers = dict.fromkeys(ChangeType, 0)
    for difference in differences:
        numbers[difference.change] += 1
    summary = ", ".join(f"{number:,} {change}" for change, number in numbers.items())
    codes = sum(difference.path == ERC for difference in differences)
    if codes:
        summary += (
            f". Other external reference codes: {codes:,}; dmc migrate takes these as "
            "the same with --match-names"
        )
    kept = list(
        dict.fromkeys(difference.kept for difference in differences if difference.kept)
    )
    if kept:
        number = sum(difference.kept is not None for difference in differences)
        summary += (
            f". Kept by an import, which does not change them: {number:,} "
            f"({'; '.join(kept)})"
        )
    return f"{summary}."


def _difference_to_json(difference: Difference) -> dict[str, object]:
    return {
        "type": difference.kind,
        "name": difference.name,
        "externalReferenceCode": difference.key,
        "change": difference.change.value,
        "path": difference.path,
        "source": difference.source,
        "target": difference.target,
        "kept": difference.kept or "",
        "fullPath": difference_path(difference),
    }
