"""The task of an export: read an installation, select fields, write a zipped file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import length_hint

from ...errors import InvalidPlan, UnknownName
from ...formats import find_format
from ...formats.tables.export_columns import NESTED_FORMATS
from ...formats.tables.translations import (
    collect_languages,
    has_language_columns,
    is_translated,
)
from ...formats.zip_writer import (
    ItemPages,
    PageWriter,
    translate_write_errors,
    write_archive,
)
from ...model.entity_type import EntityType, Field
from ...model.item_pages import ColumnItems, ItemColumns, JsonLines, PagedItems
from ...model.plan import ExportPlan
from ...model.task import TaskStatus
from ...objects.documents.file_bodies import file_body, is_document_type
from ...objects.entries.system_properties import has_site_scope
from ...ports import ExportHeader, Format, Installation, Item, Query
from ...storage.private_files import make_private_folder
from ..item_losses import ItemLosses, fit_to_version
from ..task_files import exported_name, exported_path
from ..task_run import TaskRun
from .part_files import describe_part_file

_REPORT_EVERY_ITEMS = 500

_Page = JsonLines | ItemColumns | list[Item]


def run_export(
    run: TaskRun, plan: ExportPlan, installation: Installation, entity_type: EntityType
) -> None:
    """Carry out an export task to its end.

    Raises:
        RequestError: A chosen field does not exist, or the format cannot hold it.
        InstallationError: The installation gave up.
        WorkspaceError: The file could not be written.
        TaskCancelled: The task was cancelled. No file is left.
    """
    format_ = find_format(plan.format)
    fields = select_fields(plan, entity_type, format_)
    losses = fit_to_version(entity_type, plan.for_version)
    query = _make_query(plan, fields)
    parts = describe_part_file(
        installation, entity_type, replace(query, fields=None), format_.info.name
    )
    run.notes += parts.notes
    items = installation.read(entity_type, query)
    run.total = length_hint(items)
    pages = _find_pages(run, items, format_, fields) if losses is None else None
    items = _leave_out(plan, entity_type, items, losses)
    path = exported_path(run.workspace, run.task)
    make_private_folder(path.parent)
    read = count_items(run, parts.items(items))
    has_columns = has_language_columns(format_.info)
    with (
        translate_write_errors(path),
        collect_languages(read, fields, has_columns=has_columns) as (final, rest),
    ):
        header = _make_header(plan, entity_type, final, parts.parameters)
        was_read = rest is not read
        written = _report_progress(run, rest) if was_read else read
        write_archive(path, format_, pages or written, header)
    run.notes += _several_sites_note(plan, entity_type)
    run.exported_file = exported_name(run.task)
    run.notes += losses.notes() if losses else []
    run.finish(TaskStatus.COMPLETED)


def _find_pages(
    run: TaskRun, items: Iterator[Item], format_: Format, fields: Sequence[Field]
) -> ItemPages | None:
    """Return the items as JSON, or as columns, where they are written as such."""
    if not isinstance(format_, PageWriter):
        return None
    pages: Iterator[_Page] | None = None
    if not format_.info.is_table:
        pages = items.pages() if isinstance(items, PagedItems) else None
    elif isinstance(items, ColumnItems) and not (
        has_language_columns(format_.info) and any(map(is_translated, fields))
    ):
        pages = items.column_pages()
    return ItemPages(_count_pages(run, pages), format_) if pages else None


def _count_pages(run: TaskRun, pages: Iterable[_Page]) -> Iterator[_Page]:
    """Yield pages, count their items and report progress."""
    run.advance(0)
    for page in pages:
        yield page
        count = len(page) if isinstance(page, list) else page.number
        run.items_read += count
        run.count_items_read()
        run.advance(run.done + count)


def _leave_out(
    plan: ExportPlan,
    entity_type: EntityType,
    items: Iterator[Item],
    losses: ItemLosses | None,
) -> Iterator[Item]:
    """Yield items without what no import takes, and what the plan's version lacks."""
    if is_document_type(entity_type):
        chosen = plan.fields or ()
        items = (file_body(entity_type, item, chosen) for item in items)
    return losses.fit(items) if losses else items


def check_export(
    plan: ExportPlan, installation: Installation, entity_type: EntityType
) -> None:
    """Refuse a plan that cannot be carried out, before it starts.

    Raises:
        RequestError: The plan names something that does not exist.
        InstallationError: The installation does not answer.
    """
    fields = select_fields(plan, entity_type, find_format(plan.format))
    fit_to_version(entity_type, plan.for_version)
    if plan.filter or plan.sort:
        installation.read(entity_type, _make_query(plan, fields))


def select_fields(
    plan: ExportPlan, entity_type: EntityType, format_: Format
) -> tuple[Field, ...]:
    """Return the fields to write, by name, which is the order in Liferay's files.

    Raises:
        UnknownName: The plan names a field that does not exist.
        InvalidPlan: The format cannot hold a field that the plan names, or no field of
            the entity type.
    """
    in_order = sorted(entity_type.export_fields, key=lambda field: field.name)
    readable = {field.name: field for field in in_order}
    if plan.fields is None:
        fields = tuple(
            field
            for field in in_order
            if format_.info.can_hold(field)
            and not field.on_request
            and not (field.read_only and is_document_type(entity_type))
        )
        if not fields:
            reason = (
                f"{entity_type.name} cannot be written as {format_.info.name}. "
                f"Choose {NESTED_FORMATS}."
            )
            raise InvalidPlan(reason)
        return fields
    for name in plan.fields:
        if name not in readable:
            raise UnknownName(kind="field", name=name, known=tuple(readable))
        if not format_.info.can_hold(readable[name]):
            reason = f"The field {name!r} cannot be written as {format_.info.name}."
            raise InvalidPlan(reason)
    return tuple(readable[name] for name in readable if name in plan.fields)


def _make_header(
    plan: ExportPlan,
    entity_type: EntityType,
    fields: tuple[Field, ...],
    parameters: dict[str, str],
) -> ExportHeader:
    return ExportHeader(
        entity_type=entity_type,
        fields=fields,
        parameters=_make_parameters(plan) | parameters,
        include_headers=plan.include_headers,
        guard_formulas=plan.guard_formulas,
        compression=plan.compression,
    )


def _make_query(plan: ExportPlan, fields: tuple[Field, ...]) -> Query:
    return Query(
        fields=tuple(field.name for field in fields),
        scope=plan.scope,
        filter=plan.filter,
        sort=plan.sort,
        search=plan.search,
    )


def _make_parameters(plan: ExportPlan) -> dict[str, str]:
    parameters = {"containsHeaders": str(plan.include_headers).lower()}
    return parameters | site_parameters(plan.scope)


def site_parameters(site: str) -> dict[str, str]:
    """Return the parameters by which batch files name their site; none for no site.

    Object entries are imported into ``scopeKey`` by every release; the Data Migration
    Center states ``siteId``.
    """
    return {"scopeKey": site, "siteId": site} if site else {}


def _several_sites_note(plan: ExportPlan, entity_type: EntityType) -> list[str]:
    """Return a note if Liferay could not import a file without its site."""
    is_batch_file = plan.format.upper() == "JSONT"
    if plan.scope or not (is_batch_file and has_site_scope(entity_type)):
        return []
    return [
        "The entries belong to sites, and the file names none. Liferay imports such a "
        "file into one site only: export each site by itself, or export a package."
    ]


def _report_progress(run: TaskRun, items: Iterable[Item]) -> Iterator[Item]:
    """Yield items that were counted before, and report progress meanwhile."""
    for number, item in enumerate(items):
        if number % _REPORT_EVERY_ITEMS == 0:
            run.advance(run.done)
        yield item


def count_items(run: TaskRun, items: Iterator[Item]) -> Iterator[Item]:
    """Yield items, count them and report progress."""
    before, number = run.done, 0
    for item in items:
        if not number:
            run.advance(before)  # it may have been cancelled while the first was read
        number += 1
        run.items_read += 1
        yield item
        if number % _REPORT_EVERY_ITEMS == 0:
            run.count_items_read()
            run.advance(before + number)
    run.count_items_read()
    run.done = before + number
