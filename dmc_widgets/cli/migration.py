"""The commands that move many entity types, and the comparison of installations."""

from __future__ import annotations

import typer

from ..center.choices import WriteChoices, choose_options, choose_policy
from ..errors import InvalidPlan
from ..model.plan import MigrationPlan, PackagePlan, Selection
from ..model.run_options import RunOptions
from ..model.strategies import Policy
from ..objects.comparison.differences import ChangeType, Difference
from ..objects.names import ERC
from ..tasks.installation_comparison import format_value
from .command_context import (
    DIFFERENT,
    open_command_center,
    task_exit_status,
    verified_exit_status,
)
from .options import (
    AllowDeletions,
    DryRun,
    Entities,
    ErrorStrategyOption,
    ErrorStrategyWord,
    Filters,
    ForVersion,
    ImportStrategyOption,
    Json,
    MatchNames,
    Name,
    Output,
    Sites,
    SourceName,
    TargetName,
    TaskName,
    UpdateStrategyOption,
    WithNeeded,
)
from .output import print_json, print_table, task_to_json
from .task_progress import follow_task, print_parts, print_result, save_exported_file
from .write_choices import with_write_choices


@with_write_choices
def migrate(
    ctx: typer.Context,
    source: SourceName,
    target: TargetName,
    entities: Entities = None,
    *,
    choices: WriteChoices,
    with_needed: WithNeeded = False,
    filters: Filters = None,
    sites: Sites = None,
    match_names: MatchNames = False,
    allow_deletions: AllowDeletions = False,
    dry_run: DryRun = False,
    task_name: TaskName = None,
    as_json: Json = False,
) -> None:
    """Bring entity types from one installation into another, with no file between.

    Folders come first, then picklists, definitions, and entries with parents before
    their children. Without an ENTITY everything moves.
    """
    center = open_command_center(ctx)
    plan = MigrationPlan(
        source=source,
        selection=build_selection(entities, filters, sites, with_needed=with_needed),
        policy=choose_policy(Policy(), choices),
        dry_run=dry_run,
        options=choose_options(RunOptions(), choices),
        match_names=match_names,
        allow_deletions=allow_deletions,
        name=task_name or "",
    )
    task = follow_task(center, center.tasks.start_migration(target, plan))
    if as_json:
        print_json([task_to_json(task)])
    else:
        print_parts(task)
        print_result(center, task)
    raise typer.Exit(verified_exit_status(center, task))


def export_package(
    ctx: typer.Context,
    name: Name,
    entities: Entities = None,
    *,
    output: Output,
    with_needed: WithNeeded = False,
    filters: Filters = None,
    sites: Sites = None,
    import_strategy: ImportStrategyOption = None,
    update_strategy: UpdateStrategyOption = None,
    error_strategy: ErrorStrategyOption = None,
    for_version: ForVersion = None,
) -> None:
    """Export many entity types into one zip, as batch client extensions hold them.

    The files are numbered in the order in which dmc package imports them, with the
    strategies that they state. Without an ENTITY everything is exported.
    """
    center = open_command_center(ctx)
    plan = PackagePlan(
        selection=build_selection(entities, filters, sites, with_needed=with_needed),
        policy=_build_policy(import_strategy, update_strategy, error_strategy),
        for_version=for_version or "",
    )
    task = follow_task(center, center.tasks.start_package(name, plan))
    print_parts(task)
    print_result(center, task)
    save_exported_file(center, task, output)
    raise typer.Exit(task_exit_status(task))


def build_selection(
    entities: list[str] | None,
    filters: list[str] | None,
    sites: list[str] | None,
    *,
    with_needed: bool,
) -> Selection:
    """Return the selection that the options of a command state.

    Raises:
        InvalidPlan: A filter is not of the form ``ENTITY=EXPRESSION``.
    """
    return Selection(
        entity_types=tuple(entities or ()),
        with_needed=with_needed,
        filters=tuple(_parse_filter(text) for text in filters or ()),
        sites=tuple(sites or ()),
    )


def _parse_filter(text: str) -> tuple[str, str]:
    entity, sign, expression = text.partition("=")
    if not sign or not entity.strip() or not expression.strip():
        reason = f"The filter {text!r} is not of the form ENTITY=EXPRESSION."
        raise InvalidPlan(reason)
    return entity.strip(), expression.strip()


def _build_policy(
    import_strategy: ImportStrategyOption,
    update_strategy: UpdateStrategyOption,
    error_strategy: ErrorStrategyWord | None,
) -> Policy:
    default = Policy()
    return Policy(
        import_strategy=import_strategy or default.import_strategy,
        update_strategy=update_strategy or default.update_strategy,
        error_strategy=error_strategy.strategy
        if error_strategy
        else default.error_strategy,
    )


_MAX_CELL_CHARS = 60


def compare_installations(
    ctx: typer.Context, source: SourceName, target: TargetName, *, as_json: Json = False
) -> None:
    """Show how folders, picklists and definitions of two installations differ.

    added, removed and changed say what would make TARGET like SOURCE; an import does
    not change what is marked kept. Exit status: 0 if they are alike, 3 if they differ.
    """
    differences = open_command_center(ctx).installations.differences(source, target)
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
    raise typer.Exit(DIFFERENT if differences else 0)


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
    }
