"""Runs an export task of the batch engine.

Items are written in Liferay's layouts: keys sorted, nulls left out. Columns of CSV and
of workbooks are those of the package's own exports, so that they can be imported again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, Final, NamedTuple

from ...errors import InvalidPlan, UnknownName
from ...formats import FORMATS
from ...formats.json.batch_configuration import ENGINE_DEFAULTS, find_site
from ...formats.json.batch_engine_format import JsontFormat
from ...formats.json.values import to_json, write_elements
from ...formats.tables.translations import collect_languages, has_language_columns
from ...formats.zip_writer import write_archive
from ...model.entity_type import DEFAULT_DELEGATE, EntityType, Field
from ...objects.company_ids import COMPANY_ID, CREATOR, CREATOR_PROPERTIES
from ...objects.entries.system_properties import has_site_scope
from ...objects.fields.attachment import ATTACHMENT, CONTENT
from ...ports import ExportHeader, Format, Item, Query
from ..entity_store import EntityStore
from ..responses import drop_nulls
from .content import FILE_EXTENSIONS
from .import_run import find_task_site, is_object_entry
from .nested_export import EXPORT_BATCH_SIZE, NESTED_FIELDS, pair_with_nested_fields
from .part_tasks import read_parts_of_owner
from .task_store import COMPLETED, BatchTask, TaskStore

_IMPORT_TASK_PATH: Final = "/o/headless-batch-engine/v1.0/import-task/"
_METHODS_BY_ACTION: Final = {
    "createBatch": "POST",
    "deleteBatch": "DELETE",
    "updateBatch": "PUT",
}


class EngineJsont(JsontFormat):
    """JSONT as the batch engine writes it, with the parameters of the task.

    Args:
        parameters: The parameters of the task, which the configuration contains.
    """

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write actions, configuration and items, byte for byte as Liferay does."""
        kind = header.entity_type
        actions = ", ".join(
            f'"{name}": {{"href": "{_IMPORT_TASK_PATH}{kind.class_name}", '
            f'"method": "{method}"}}'
            for name, method in _METHODS_BY_ACTION.items()
        )
        configuration = to_json(self._configuration(kind)).decode()
        head = (
            f'{{"actions":\n{{{actions}}},\n"configuration":\n{configuration},\n'
            '"items": ['
        )
        stream.write(head.encode())
        written = write_elements([items], stream)
        stream.write(b"]\n}")
        return written

    def _configuration(self, kind: EntityType) -> dict[str, Any]:
        parameters = ENGINE_DEFAULTS | self._parameters
        configuration: dict[str, Any] = {
            "callbackURL": None,
            "className": kind.class_name,
            "companyId": COMPANY_ID,
            "multiCompany": False,
            "parameters": dict(sorted(parameters.items())),
        }
        if kind.delegate != DEFAULT_DELEGATE:
            configuration["taskItemDelegateName"] = kind.delegate
        return configuration | {"userId": CREATOR["id"], "version": "v1.0"}


class _XlsFormat:
    """XLS that contains a workbook of the XLSX format, as in Liferay."""

    info = replace(FORMATS["XLSX"].info, name="XLS", extension="xls")
    recognise = FORMATS["XLSX"].recognise
    read = FORMATS["XLSX"].read
    write = FORMATS["XLSX"].write


def run_export(
    store: EntityStore,
    tasks: TaskStore,
    task: BatchTask,
    entity_type: EntityType,
) -> str:
    """Export into the zip archive of the task, and return its final status.

    Args:
        store: The store to read.
        tasks: The store that records the progress of the task.
        task: The task.
        entity_type: The entity type of the items.

    Raises:
        DmcError: The content type, a field or a parameter is not valid.
    """
    tasks.start(task.id, 0)  # a task with an invalid parameter has begun as well
    parameters = task.request.parameters
    format_ = find_format(task)
    fields = _fields_to_write(entity_type, task.request.fields, format_)
    export = _Export(tasks, task, entity_type, format_, fields)
    if entity_type.part_of:
        parts = read_parts_of_owner(store, tasks.database, entity_type.name, parameters)
        tasks.start(task.id, len(parts))
        export.write(_trim_items(store, entity_type, iter(parts)))
        return COMPLETED
    query = _build_query(store, tasks, task, entity_type)
    with store.installation.snapshot() as installation:
        items = installation.read(entity_type, query)
        tasks.start(task.id, installation.page(entity_type, query, 1, 1).total)
        pairs = pair_with_nested_fields(store, parameters, entity_type, items)
        rendered = (
            {**_render_item(item, entity_type), **nested} for item, nested in pairs
        )
        export.write(_trim_items(store, entity_type, rendered))
    return COMPLETED


def _trim_items(
    store: EntityStore, entity_type: EntityType, items: Iterator[Item]
) -> Iterator[Item]:
    """Yield items as the version of Liferay that is played writes them."""
    if store.version is None:
        return items
    return map(partial(store.version.trim, entity_type.class_name), items)


class _Export(NamedTuple):
    """An export task that has been checked."""

    tasks: TaskStore
    task: BatchTask
    entity_type: EntityType
    format: Format
    fields: tuple[Field, ...]

    def write(self, items: Iterator[Item]) -> None:
        """Write the items into the archive of the task, and finish the task."""
        tasks, task = self.tasks, self.task
        parameters = task.request.parameters
        selected = (select_item_fields(item, task.request.fields) for item in items)
        counted = _record_progress(tasks, task, selected)
        has_columns = has_language_columns(self.format.info)
        languages = collect_languages(counted, self.fields, has_columns=has_columns)
        with languages as (columns, written):
            header = ExportHeader(
                entity_type=self.entity_type,
                fields=columns,
                parameters=parameters,
                include_headers=parameters.get("containsHeaders") != "false",
                as_liferay=True,
            )
            write_archive(tasks.content_path(task), self.format, written, header)
        tasks.finish(task.id, COMPLETED)


def _build_query(
    store: EntityStore, tasks: TaskStore, task: BatchTask, entity_type: EntityType
) -> Query:
    parameters = task.request.parameters
    scope = ""
    if has_site_scope(entity_type):
        scope = find_task_site(store, tasks, find_site(parameters))
    if scope and not store.installation.has_site(entity_type, scope):
        kind = "site"
        raise UnknownName(kind, scope, tuple(store.site_keys(entity_type)))
    return Query(
        fields=None
        if parameters.get(NESTED_FIELDS)
        else _fields_to_read(entity_type, task.request.fields),
        scope=scope,
        filter=parameters.get("filter", ""),
        sort=parameters.get("sort", ""),
        search=parameters.get("search", ""),
    )


def _fields_to_read(
    entity_type: EntityType, names: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Return the fields to read; None for all of them.

    All are read if a name is unknown, and of documents, which have properties that are
    not fields.
    """
    known = {field.name for field in entity_type.export_fields}
    is_narrow = is_object_entry(entity_type) and names and known.issuperset(names)
    return names if is_narrow else None


def select_item_fields(item: Item, names: tuple[str, ...]) -> Item:
    """Return an item as the engine's mapper writes it: sorted, without nulls."""
    selected_names = sorted(set(names) & item.keys() if names else item)
    selected: Item = drop_nulls({name: item[name] for name in selected_names})
    return selected


def _render_item(item: Item, entity_type: EntityType) -> Item:
    """Return an item as the API shows it.

    The author has all the properties that the API states. An entry has neither linked
    entries nor contents of files.
    """
    entry = dict(item)
    if isinstance(entry.get("creator"), dict):
        entry["creator"] = entry["creator"] | CREATOR_PROPERTIES
    for field in entity_type.fields:
        if field.custom and field.type == "array":  # a many-to-many relationship
            entry.pop(field.name, None)
        if field.type == ATTACHMENT and isinstance(entry.get(field.name), dict):
            file = entry[field.name]
            entry[field.name] = {k: v for k, v in file.items() if k != CONTENT}
    return entry


def find_format(task: BatchTask) -> Format:
    """Return the format of an export.

    Raises:
        InvalidPlan: The format is unknown; the message is that of Java.
    """
    name = task.request.content_type
    if name == "JSONT":
        return EngineJsont(task.request.parameters)
    if name == "XLS":
        return _XlsFormat()
    if name not in FILE_EXTENSIONS:  # Liferay has no others
        enum = "com.liferay.batch.engine.BatchEngineTaskContentType"
        reason = f"No enum constant {enum}.{name}"
        raise InvalidPlan(reason)
    return FORMATS[name]


def _fields_to_write(
    entity_type: EntityType, names: tuple[str, ...], format_: Format
) -> tuple[Field, ...]:
    known = {field.name: field for field in entity_type.export_fields}
    if not format_.info.is_table:
        return tuple(known.values())
    if not names:
        reason = "Field names are not set"
        raise InvalidPlan(reason)
    for name in names:
        if name not in known:
            reason = f"Invalid field name: {name}"
            raise InvalidPlan(reason)
    return tuple(known[name] for name in dict.fromkeys(names))


def _record_progress(
    tasks: TaskStore, task: BatchTask, items: Iterator[Item]
) -> Iterator[Item]:
    count = 0
    for count, item in enumerate(items, start=1):
        yield item
        if count % EXPORT_BATCH_SIZE == 0:
            tasks.advance(task.id, count, ())
    tasks.advance(task.id, count, ())
