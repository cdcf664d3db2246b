"""The commands that move many entity types."""

from __future__ import annotations

import typer

from ..center.choices import WriteChoices, choose_options, choose_policy
from ..errors import InvalidPlan
from ..model.match_keys import parse_match_keys
from ..model.plan import MigrationPlan, PackagePlan, Selection
from ..model.run_options import RunOptions
from ..model.strategies import Policy
from .command_context import (
    open_task_center,
    task_exit_status,
)
from .options import (
    AllowDeletions,
    DryRun,
    Entities,
    ErrorStrategyOption,
    ErrorStrategyWord,
    ExportOutput,
    Filters,
    ForVersion,
    ImportStrategyOption,
    Json,
    MatchKeysOption,
    MatchNames,
    Name,
    Sites,
    SourceName,
    TargetName,
    TaskName,
    UpdateStrategyOption,
    WithNeeded,
)
from .task_progress import (
    follow_task,
    print_result,
    print_result_as,
    save_exported_file,
)
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
    match: MatchKeysOption = None,
    allow_deletions: AllowDeletions = False,
    dry_run: DryRun = False,
    task_name: TaskName = None,
    as_json: Json = False,
) -> None:
    """Bring entity types from one installation into another, with no file between.

    Folders come first, then picklists, definitions, and entries with parents before
    their children. Without an ENTITY everything moves.
    """
    center = open_task_center(ctx, source, target)
    plan = MigrationPlan(
        source=source,
        selection=build_selection(entities, filters, sites, with_needed=with_needed),
        policy=choose_policy(Policy(), choices),
        dry_run=dry_run,
        options=choose_options(RunOptions(), choices),
        match_names=match_names,
        match=parse_match_keys(match),
        allow_deletions=allow_deletions,
        name=task_name or "",
    )
    task = follow_task(center, center.tasks.start_migration(target, plan))
    print_result_as(center, task, as_json=as_json)
    raise typer.Exit(task_exit_status(center, task))


def export_package(
    ctx: typer.Context,
    name: Name,
    entities: Entities = None,
    *,
    output: ExportOutput = None,
    with_needed: WithNeeded = False,
    filters: Filters = None,
    sites: Sites = None,
    import_strategy: ImportStrategyOption = None,
    update_strategy: UpdateStrategyOption = None,
    error_strategy: ErrorStrategyOption = None,
    for_version: ForVersion = None,
    task_name: TaskName = None,
) -> None:
    """Export many entity types into one zip, as batch client extensions hold them.

    The files are numbered in the order in which dmc package imports them, with the
    strategies that they state. Without an ENTITY everything is exported.
    """
    center = open_task_center(ctx, name)
    center.tasks.require_target(output)
    plan = PackagePlan(
        selection=build_selection(entities, filters, sites, with_needed=with_needed),
        policy=_build_policy(import_strategy, update_strategy, error_strategy),
        for_version=for_version or "",
        name=task_name or "",
    )
    task = follow_task(center, center.tasks.start_package(name, plan))
    print_result(center, task)
    save_exported_file(center, task, output)
    raise typer.Exit(task_exit_status(center, task))


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
