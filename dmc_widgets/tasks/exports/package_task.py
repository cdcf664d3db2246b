"""From an installation into a package: many batch files in one zip.

The files are numbered in the order in which they have to be imported, as batch
client extensions are: folders, picklists, definitions, entries with parents first,
and the relationships that close a circle. `dmc package` takes them in, and so does
Liferay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import Final

from ...formats import format_named
from ...formats.json.batch_engine_format import EXISTING_ONLY
from ...formats.source import ArchiveEntry, write_entries
from ...model.entity_type import object_short_name
from ...model.plan import PackagePlan
from ...model.record import Record
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...model.task import TaskPart, TaskStatus
from ...objects.names import ERC, SCOPE_KEY
from ...ports import ExportHeader, Installation
from ...storage.private_files import make_private_folder
from ..migration.dependencies import collect_dependencies
from ..migration.key_store import KeyStore
from ..migration.selection import (
    MigrationPart,
    ResolvedSelection,
    create_task_part,
    filter_by_sites,
    resolve_selection,
    unmet_site_notes,
)
from ..migration.source_items import (
    SourceItems,
    existing_keys_group,
    fields_to_move,
    written_keys_group,
)
from ..task_files import EXPORT_FILE_NAME, exported_path
from ..task_run import TaskRun
from .export_task import count_items

_PACKAGE_FORMAT: Final = "JSONT"
_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def run_package_export(run: TaskRun, plan: PackagePlan, source: Installation) -> None:
    """Carry out the export of a package to its end.

    Raises:
        RequestError: The plan asks for something that is not there.
        InstallationError: The installation gave up.
        WorkspaceError: The file could not be written.
        Cancelled: Somebody asked for it. No file is left.
    """
    source = filter_by_sites(source, plan.selection)
    selected = resolve_selection(source, plan.selection)
    path = exported_path(run.workspace, run.task)
    make_private_folder(path.parent)
    with closing(KeyStore()) as store:
        collect_dependencies(source, selected, store, lambda _: run.advance(0))
        items = SourceItems(source, store, _UnknownTarget())
        packing = _PackageTask(run, plan, items, store)
        write_entries(path, format_named(_PACKAGE_FORMAT), packing.entries(selected))
        run.remarks += items.remarks()
        run.remarks += unmet_site_notes(source)
    run.exported_file = EXPORT_FILE_NAME
    run.finish(TaskStatus.COMPLETED)


class _PackageTask:
    def __init__(
        self, run: TaskRun, plan: PackagePlan, items: SourceItems, store: KeyStore
    ) -> None:
        self._run = run
        self._plan = plan
        self._items = items
        self._store = store

    def entries(self, selected: ResolvedSelection) -> Iterator[ArchiveEntry]:
        """Yield the files of the package; an entity type without items has none."""
        run = self._run
        run.parts = [create_task_part(part) for part in selected.parts]
        run.of = sum(self._items.hint(part) for part in selected.parts)
        for number, part in enumerate(selected.parts):
            run.begin_part(number)
            names = fields_to_move(part, part.entity_type)
            items = self._items.read(part, names)
            first = next(items, None)
            if first is not None:
                all_items = count_items(run, self._noted(part, chain([first], items)))
                yield ArchiveEntry(
                    _part_file_name(run.parts, number), all_items, self._header(part)
                )
            run.end_part(number, TaskStatus.COMPLETED)

    def _noted(self, part: MigrationPart, items: Iterator[Record]) -> Iterator[Record]:
        """Note which entries pass, for the second pass over them."""
        if part.brought or not part.left_out:
            return items
        return self._noting(part, items)

    def _noting(self, part: MigrationPart, items: Iterator[Record]) -> Iterator[Record]:
        groups = [written_keys_group(part.entity_type)]
        if self._plan.policy.import_strategy is not ImportStrategy.INSERT:
            groups.append(existing_keys_group(part.entity_type))
        for item in items:
            for group in groups:
                self._store.add(group, [(item.get(SCOPE_KEY) or "", item[ERC])])
            yield item

    def _header(self, part: MigrationPart) -> ExportHeader:
        parameters = self._plan.policy.as_dict()
        if part.brought:
            # The first pass made these entries, or they were there: an entry of which
            # nothing but links is known must not come to be.
            parameters["createStrategy"] = ImportStrategy.UPSERT.value
            parameters["updateStrategy"] = UpdateStrategy.PARTIAL_UPDATE.value
            parameters[EXISTING_ONLY] = "true"
        return ExportHeader(
            entity_type=part.entity_type,
            fields=part.entity_type.export_fields,
            parameters=parameters,
        )


class _UnknownTarget:
    """A package knows no target: all that is needed goes in.

    An entry may stand there with links that the source gave up, so entries without
    links come in the second pass, too, unless the package is for new entries only.
    """

    def lacking(self, _part: MigrationPart, _scope: str, keys: list[str]) -> list[str]:
        return keys

    def linked(self, _part: MigrationPart, _scope: str, keys: list[str]) -> set[str]:
        return set(keys)


def _part_file_name(parts: Sequence[TaskPart], number: int) -> str:
    """Name a part's file: ``04-customer.batch-engine-data.json``."""
    width = max(2, len(str(len(parts))))
    part = replace(parts[number], needed=False)  # for whoever unpacks, it is all one
    words = _WORD_BOUNDARY.split(object_short_name(part.title))
    name = "-".join(filter(None, words)).lower()
    return f"{number + 1:0{width}}-{name}.{format_named(_PACKAGE_FORMAT).extension}"
