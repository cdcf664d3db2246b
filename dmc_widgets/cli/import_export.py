"""The commands that export and import records; each starts a task and follows it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, NoReturn, cast

import typer

from ..center.choices import WriteChoices, choose_options, choose_policy
from ..center.exported_files import choose_format
from ..errors import InvalidPlan
from ..formats import FORMATS
from ..model.compression import Compression
from ..model.plan import ExportPlan
from ..model.reading_options import ReadingOptions
from ..model.representation import printable
from ..model.task import Task
from .command_context import (
    DONE,
    SOME_FAILED,
    open_command_center,
    open_task_center,
    task_exit_status,
)
from .file_options import with_reading_options
from .import_plans import (
    build_import_plan,
    plan_with_mapping,
    print_detected_options,
    site_changes,
)
from .options import (
    AllowDeletions,
    ClusterAddress,
    CompressionName,
    CountOnly,
    DryRun,
    Entity,
    ExportOutput,
    FieldNames,
    File,
    Filter,
    FormatName,
    FormulaGuard,
    ForVersion,
    Json,
    MappingFile,
    MatchFields,
    Name,
    NewSites,
    NoHeaders,
    Output,
    Pairs,
    Parent,
    Search,
    SiteKey,
    Sort,
    TaskName,
    TemplateName,
    Workers,
    choose_workers,
)
from .output import print_json, print_warnings, print_written
from .source_files import look_at_file, open_file
from .task_progress import (
    follow_task,
    print_result,
    save_exported_file,
)
from .write_choices import with_write_choices

if TYPE_CHECKING:
    from ..center import Center


def export_records(
    ctx: typer.Context,
    name: Name,
    entity: Entity,
    *,
    output: ExportOutput = None,
    format_name: FormatName = None,
    fields: FieldNames = None,
    no_headers: NoHeaders = False,
    formula_guard: FormulaGuard = None,
    compression: CompressionName = None,
    filter_: Filter = None,
    sort: Sort = None,
    search: Search = None,
    site: SiteKey = None,
    parent: Parent = None,
    for_version: ForVersion = None,
    template: TemplateName = None,
    task_name: TaskName = None,
    count: CountOnly = False,
) -> None:
    """Export the records of an entity type into a file.

    It is a zip, unless its name ends like a format: tickets.csv, tickets.jsonl.
    """
    center = open_task_center(ctx, name)
    key = center.installations.entity_type(name, entity).key
    plan = _base_export_plan(center, key, template, output, format_name)
    plan = _with_file_choices(plan, fields, formula_guard, no_headers=no_headers)
    plan = _with_compression(plan, compression)
    plan = replace(
        plan,
        filter=plan.filter if filter_ is None else filter_,
        sort=plan.sort if sort is None else sort,
        search=plan.search if search is None else search,
        scope=plan.scope if site is None else site,
        for_version=plan.for_version if for_version is None else for_version,
        name=task_name or plan.name,
    )
    plan = plan if parent is None else center.files.of_parent(plan, parent)
    if count:
        typer.echo(f"{center.installations.count_matches(name, plan).text}.")
    else:
        _export(center, name, plan, output)


def _with_file_choices(
    plan: ExportPlan, fields: str | None, guard: bool | None, *, no_headers: bool
) -> ExportPlan:
    if fields is not None:
        names = (field.strip() for field in fields.split(","))
        plan = replace(plan, fields=tuple(name for name in names if name))
    return replace(
        plan,
        include_headers=plan.include_headers and not no_headers,
        guard_formulas=plan.guard_formulas if guard is None else guard,
    )


def _with_compression(plan: ExportPlan, compression: Compression | None) -> ExportPlan:
    """Refuse a compression for a format that has none to choose."""
    if compression is None:
        return plan
    if "compression" not in FORMATS.find(plan.format).info.writing_options:
        reason = (
            f"--compression is for PARQUET, not for {plan.format}. Leave it out, or "
            "choose --format PARQUET."
        )
        raise InvalidPlan(reason)
    return replace(plan, compression=compression)


def _export(
    center: Center, name: str, plan: ExportPlan, output: str | None
) -> NoReturn:
    center.tasks.require_target(output)
    task = follow_task(center, center.tasks.start_export(name, plan))
    print_result(center, task)
    save_exported_file(center, task, output)
    raise typer.Exit(task_exit_status(center, task))


def _base_export_plan(
    center: Center,
    key: str,
    template: str | None,
    output: str | None,
    format_name: str | None,
) -> ExportPlan:
    if template is None:
        chosen = format_name or choose_format(output)
        return ExportPlan(entity_type=key, format=chosen.upper())
    plan = center.templates.use(template)
    if not isinstance(plan, ExportPlan):
        reason = f"The template {template!r} is for imports. Use it with dmc import."
        raise InvalidPlan(reason)
    chosen = format_name or plan.format
    return replace(plan, entity_type=key, format=chosen.upper())


@with_write_choices
@with_reading_options
def import_records(
    ctx: typer.Context,
    name: Name,
    entity: Entity,
    file: File,
    *,
    reading: ReadingOptions,
    choices: WriteChoices,
    task_name: TaskName = None,
    pairs: Pairs = None,
    mapping_file: MappingFile = None,
    match: MatchFields = None,
    site: SiteKey = None,
    new_sites: NewSites = False,
    parent: Parent = None,
    dry_run: DryRun = False,
    template: TemplateName = None,
    allow_deletions: AllowDeletions = False,
    workers: Workers = None,
    cluster: ClusterAddress = None,
) -> None:
    """Import the records of a file into an entity type.

    The strategies that a *.batch-engine-data.json states hold unless an option
    says otherwise.
    """
    choices |= cast("WriteChoices", choose_workers(workers, cluster))
    center = open_task_center(ctx, name)
    with open_file(center, file) as source:
        plan, head = build_import_plan(
            center, name, source, entity=entity, template=template, reading=reading
        )
        print_detected_options(head)
        plan = plan_with_mapping(center, plan, pairs, mapping_file, parent, match=match)
        plan = replace(
            plan,
            policy=choose_policy(plan.policy, choices),
            allow_deletions=allow_deletions or plan.allow_deletions,
            name=task_name or plan.name,
            dry_run=dry_run,
            options=choose_options(plan.options, choices, dry_run=dry_run),
            **site_changes(plan, site, new_sites=new_sites),
        )
        started = center.tasks.start_import(name, plan, source)
    raise typer.Exit(_follow_import(center, started))


def _follow_import(center: Center, started: Task) -> int:
    print_warnings(started.notes)
    task = follow_task(center, started)
    print_result(center, task, shown=started.notes)
    return task_exit_status(center, task)


@with_reading_options
def save_mapping(
    ctx: typer.Context,
    name: Name,
    entity: Entity,
    file: File,
    *,
    reading: ReadingOptions,
    output: Output,
) -> None:
    """Write a suggested mapping of a file's fields, to be edited.

    The file is YAML, or JSON if its name ends in .json. Use it with
    dmc import --mapping.
    """
    center = open_command_center(ctx)
    entity_type = center.installations.entity_type(name, entity)
    with look_at_file(center, file) as source:
        head = center.files.read_head(source, options=reading)
    print_detected_options(head)
    print_warnings(head.warnings)
    center.mappings.write(center.mappings.suggest(entity_type, head), output)
    print_written(output)


@with_reading_options
def suggest_entity_type(
    ctx: typer.Context,
    name: Name,
    file: File,
    *,
    reading: ReadingOptions,
    as_json: Json = False,
) -> None:
    """List the entity types that a file's records may belong to, and why.

    Exit status 3 says that several are about as likely, or that none is.
    """
    center = open_command_center(ctx)
    with look_at_file(center, file) as source:
        head = center.files.read_head(source, options=reading)
        found = center.files.suggest_entity_types(name, head)
    is_clear = bool(found) and found[0].clear
    if as_json:
        print_json([asdict(suggestion) for suggestion in found])
    elif not found:
        typer.echo(f"No column of {head.name} is a field of an entity type of {name}.")
    else:
        for suggestion in found if not is_clear else found[:1]:
            typer.echo(printable(suggestion.sentence))
    raise typer.Exit(DONE if is_clear else SOME_FAILED)
