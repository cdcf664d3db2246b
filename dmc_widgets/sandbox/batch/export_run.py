"""Carrying out an export task (batch-engine facts, 3.6 and 4).

Items are written in Liferay's layouts: keys sorted, nulls left out. Columns of CSV
and of workbooks are those of the package's own exports, which come back in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from ...errors import InvalidPlan, UnknownName
from ...formats import FORMATS
from ...formats.json.batch_engine_format import ENGINE_DEFAULTS, JsontFormat
from ...formats.json.format import write_elements
from ...formats.json.values import to_json
from ...formats.source import write_archive
from ...formats.tables.translations import collect_languages
from ...model.entity_type import DEFAULT_DELEGATE, EntityType, Field
from ...objects.embedded_installation import COMPANY_ID, CREATOR
from ...objects.fields.attachment import ATTACHMENT, CONTENT
from ...ports import ExportHeader, Format, Item, Query
from ..entity_store import EntityStore
from ..responses import drop_nulls
from .import_run import SITE_PARAMETERS, is_object_entry
from .task_store import COMPLETED, BatchTask, TaskStore

EXPORT_BATCH_SIZE: Final = 100
"""Of Liferay's ``exportBatchSize``: how often the counts are kept."""

_TABLE_FORMATS: Final = frozenset({"CSV", "XLS", "XLSX"})
_IMPORT_TASK_PATH: Final = "/o/headless-batch-engine/v1.0/import-task/"
_METHODS_BY_ACTION: Final = {
    "createBatch": "POST",
    "deleteBatch": "DELETE",
    "updateBatch": "PUT",
}


class EngineJsont(JsontFormat):
    """JSONT as the batch engine writes it, with the parameters of the task."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._parameters = parameters

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write actions, configuration and items, byte by byte as the facts say."""
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
        written = write_elements(items, stream)
        stream.write(b"]\n}")
        return written

    def _configuration(self, kind: EntityType) -> dict[str, Any]:
        parameters = ENGINE_DEFAULTS | self._parameters
        found: dict[str, Any] = {
            "callbackURL": None,
            "className": kind.class_name,
            "companyId": COMPANY_ID,
            "multiCompany": False,
            "parameters": dict(sorted(parameters.items())),
        }
        if kind.delegate != DEFAULT_DELEGATE:
            found["taskItemDelegateName"] = kind.delegate
        return found | {"userId": CREATOR["id"], "version": "v1.0"}


class _XlsFormat:
    """XLS, which holds a workbook of the new kind, as in Liferay."""

    name = "XLS"
    extension = "xls"
    can_read = True
    can_write = True
    read = FORMATS["XLSX"].read
    write = FORMATS["XLSX"].write


def run_export(
    store: EntityStore, tasks: TaskStore, task: BatchTask, entity_type: EntityType
) -> str:
    """Export into the task's zip, and return the status in which it ended.

    Raises:
        DmcError: The content type, a field or a parameter is none.
    """
    tasks.start(task.id, 0)  # it has begun, whatever is wrong with it
    parameters = task.order.parameters
    format_ = find_format(task)
    names = task.order.fields
    fields = _fields_to_write(entity_type, names, format_)
    scope = (
        next(filter(None, (parameters.get(name) for name in SITE_PARAMETERS)), "") or ""
    )
    if scope and not store.installation.has_site(entity_type, scope):
        kind = "site"
        raise UnknownName(kind, scope, tuple(store.site_keys(entity_type)))
    query = Query(
        fields=_fields_to_read(entity_type, names),
        scope=scope,
        filter=parameters.get("filter", ""),
        sort=parameters.get("sort", ""),
        search=parameters.get("search", ""),
    )
    with store.installation.snapshot() as installation:
        items = installation.read(entity_type, query)
        tasks.start(task.id, installation.page(entity_type, query, 1, 1).total)
        shown = (
            select_item_fields(_drop_foreign_content(item, entity_type), names)
            for item in items
        )
        read = _record_progress(tasks, task, shown)
        with collect_languages(read, fields, format=format_.name) as (settled, written):
            header = ExportHeader(
                entity_type=entity_type,
                fields=settled,
                parameters=parameters,
                include_headers=parameters.get("containsHeaders") != "false",
                as_liferay=True,
            )
            write_archive(tasks.content(task), format_, written, header)
    tasks.finish(task.id, COMPLETED)
    return COMPLETED


def _fields_to_read(
    entity_type: EntityType, names: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Return the fields to read; None for all, and where some name is none of them.

    Definitions hold more than their fields.
    """
    known = {field.name for field in entity_type.export_fields}
    is_narrow = is_object_entry(entity_type) and names and known.issuperset(names)
    return names if is_narrow else None


def select_item_fields(item: Item, names: tuple[str, ...]) -> Item:
    """Return an item as the engine's mapper writes it: sorted, without nulls."""
    wanted = sorted(set(names) & item.keys() if names else item)
    kept: Item = drop_nulls({name: item[name] for name in wanted})
    return kept


def _drop_foreign_content(item: Item, entity_type: EntityType) -> Item:
    """Leave out what is not of the entry itself: other entries, contents of files."""
    alone = dict(item)
    for field in entity_type.fields:
        if field.custom and field.type == "array":  # a many-to-many relationship
            alone.pop(field.name, None)
        if field.type == ATTACHMENT and isinstance(alone.get(field.name), dict):
            file = alone[field.name]
            alone[field.name] = {k: v for k, v in file.items() if k != CONTENT}
    return alone


def find_format(task: BatchTask) -> Format:
    """Return the format of an export.

    Raises:
        InvalidPlan: There is none of that name; Java's words for it.
    """
    name = task.order.content_type
    if name == "JSONT":
        return EngineJsont(task.order.parameters)
    if name == "XLS":
        return _XlsFormat()
    if name not in FORMATS:
        enum = "com.liferay.batch.engine.BatchEngineTaskContentType"
        reason = f"No enum constant {enum}.{name}"
        raise InvalidPlan(reason)
    return FORMATS[name]


def _fields_to_write(
    entity_type: EntityType, names: tuple[str, ...], format_: Format
) -> tuple[Field, ...]:
    known = {field.name: field for field in entity_type.export_fields}
    if format_.name not in _TABLE_FORMATS:
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
    passed = 0
    for passed, item in enumerate(items, start=1):
        yield item
        if passed % EXPORT_BATCH_SIZE == 0:
            tasks.advance(task.id, passed, ())
    tasks.advance(task.id, passed, ())
