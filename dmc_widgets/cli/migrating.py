"""The commands that move many entity types at once."""

from __future__ import annotations

import typer

from ..errors import InvalidPlan
from ..model.migration import Selection
from ..model.plan import MigrationPlan, PackagePlan
from ..model.strategies import Policy
from ..model.task import TaskStatus
from ..private_files import write_whole
from .files import chunks_of
from .following import follow, print_parts, print_result
from .options import (
    AllowDeletions,
    DryRun,
    Entities,
    Filters,
    Json,
    MatchNames,
    Name,
    OnError,
    OnExisting,
    OnFailure,
    OnUpdate,
    Output,
    Sites,
    SourceName,
    TargetName,
    TaskName,
    WithNeeded,
)
from .printing import print_json
from .session import center_of
from .shapes import task_shape
from .status import task_status


def migrate(
    ctx: typer.Context,
    source: SourceName,
    target: TargetName,
    entities: Entities = None,
    *,
    with_needed: WithNeeded = False,
    filters: Filters = None,
    sites: Sites = None,
    import_strategy: OnExisting = None,
    update_strategy: OnUpdate = None,
    on_error: OnFailure = None,
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
    center = center_of(ctx)
    plan = MigrationPlan(
        source=source,
        chosen=_selection(entities, filters, sites, with_needed=with_needed),
        policy=_policy(import_strategy, update_strategy, on_error),
        dry_run=dry_run,
        match_names=match_names,
        allow_deletions=allow_deletions,
        name=task_name or "",
    )
    task = follow(center, center.start_migration(target, plan))
    if as_json:
        print_json([task_shape(task)])
    else:
        print_parts(task)
        print_result(center, task)
    raise typer.Exit(task_status(task))


def export_package(
    ctx: typer.Context,
    name: Name,
    entities: Entities = None,
    *,
    output: Output,
    with_needed: WithNeeded = False,
    filters: Filters = None,
    sites: Sites = None,
    import_strategy: OnExisting = None,
    update_strategy: OnUpdate = None,
    on_error: OnFailure = None,
) -> None:
    """Export many entity types into one zip, as batch client extensions hold them.

    The files are numbered in the order in which dmc package imports them, with the
    strategies that they state. Without an ENTITY everything is exported.
    """
    center = center_of(ctx)
    plan = PackagePlan(
        chosen=_selection(entities, filters, sites, with_needed=with_needed),
        policy=_policy(import_strategy, update_strategy, on_error),
    )
    task = follow(center, center.start_package(name, plan))
    print_parts(task)
    print_result(center, task)
    if task.status is TaskStatus.COMPLETED:
        write_whole(output, chunks_of(center.task_file(task.id)))
        typer.echo(f"Wrote {output}.")
    raise typer.Exit(task_status(task))


def _selection(
    entities: list[str] | None,
    filters: list[str] | None,
    sites: list[str] | None,
    *,
    with_needed: bool,
) -> Selection:
    return Selection(
        entity_types=tuple(entities or ()),
        with_needed=with_needed,
        filters=tuple(_filter(each) for each in filters or ()),
        sites=tuple(sites or ()),
    )


def _filter(text: str) -> tuple[str, str]:
    entity, sign, expression = text.partition("=")
    if not sign or not entity.strip() or not expression.strip():
        reason = f"The filter {text!r} is not of the form ENTITY=EXPRESSION."
        raise InvalidPlan(reason)
    return entity.strip(), expression.strip()


def _policy(
    on_existing: OnExisting, on_update: OnUpdate, on_error: OnError | None
) -> Policy:
    default = Policy()
    return Policy(
        on_existing=on_existing or default.on_existing,
        on_update=on_update or default.on_update,
        on_error=on_error.strategy if on_error else default.on_error,
    )
