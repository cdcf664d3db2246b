"""The task of a package export: many batch files in one zip.

The files are numbered in the order in which they have to be imported, as in a batch
client extension: folders, picklists, definitions, entries with parents first, and the
relationships that close a circle. ``dmc package`` imports them, and so does Liferay,
which takes entries of one site a file; so each site has a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain, groupby
from typing import Final

from ...errors import NotSupported
from ...formats import find_format
from ...formats.json.batch_configuration import EXISTING_ONLY
from ...formats.zip_writer import ArchiveEntry, write_entries
from ...model.entity_type import object_short_name
from ...model.plan import PackagePlan
from ...model.record import Record
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...model.task import TaskPart, TaskStatus
from ...objects.documents.file_bodies import package_body
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...objects.versions.releases import find_release
from ...ports import ExportHeader, Installation
from ...storage.private_files import make_private_folder
from ..item_losses import fit_to_version
from ..migration.dependencies import collect_dependencies
from ..migration.key_store import KeyStore
from ..migration.selection import (
    MigrationPart,
    ResolvedSelection,
    create_task_part,
    resolve_selection,
)
from ..migration.site_filter import empty_site_notes, filter_by_sites
from ..migration.source_items import (
    FieldNames,
    SourceItems,
    existing_keys_group,
    fields_to_move,
    written_keys_group,
)
from ..task_files import exported_name, exported_path
from ..task_run import TaskRun
from .export_task import count_items, site_parameters

_PACKAGE_FORMAT: Final = "JSONT"
_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def run_package_export(run: TaskRun, plan: PackagePlan, source: Installation) -> None:
    """Carry out the export of a package to its end.

    Raises:
        RequestError: The plan asks for something that is not there.
        InstallationError: The installation gave up.
        WorkspaceError: The file could not be written.
        TaskCancelled: The task was cancelled. No file is left.
    """
    source = filter_by_sites(source, plan.selection)
    selected = resolve_selection(source, plan.selection)
    selected = _leave_out_unknown_kinds(run, selected, plan.for_version)
    path = exported_path(run.workspace, run.task)
    make_private_folder(path.parent)
    with closing(KeyStore()) as store:
        collect_dependencies(source, selected, store, lambda _: run.advance(0))
        items = SourceItems(source, store, _UnknownTarget(), parts=selected.parts)
        task = _PackageTask(run, plan, items, store)
        write_entries(path, find_format(_PACKAGE_FORMAT), task.entries(selected))
        run.notes += items.notes()
        run.notes += empty_site_notes(source)
    run.exported_file = exported_name(run.task)
    run.finish(TaskStatus.COMPLETED)


def _leave_out_unknown_kinds(
    run: TaskRun, selected: ResolvedSelection, version: str
) -> ResolvedSelection:
    """Leave out the kinds of items that a version of Liferay lacks, and note them.

    Raises:
        UnknownName: The version is unknown; the error lists the known ones.
        NotSupported: The version has none of the kinds.
    """
    known, missing, refusal = [], [], None
    for part in selected.parts:
        try:
            fit_to_version(part.entity_type, version)
        except NotSupported as exc:
            refusal = exc
            missing.append(part.entity_type.name)
        else:
            known.append(part)
    if refusal is None:
        return selected
    if not known:
        raise refusal
    names = ", ".join(dict.fromkeys(missing))
    run.notes.append(
        f"Liferay {find_release(version).name} has no {names}: they are left out of "
        "the package."
    )
    return replace(selected, parts=tuple(known))


class _PackageTask:
    """Yields the files of one package, and remembers keys for the second pass."""

    def __init__(
        self, run: TaskRun, plan: PackagePlan, items: SourceItems, store: KeyStore
    ) -> None:
        self._run = run
        self._plan = plan
        self._items = items
        self._store = store
        self._stems: dict[str, int] = {}

    def entries(self, selected: ResolvedSelection) -> Iterator[ArchiveEntry]:
        """Yield the files of the package; an entity type without items has no file."""
        run = self._run
        run.parts = [create_task_part(part) for part in selected.parts]
        run.total = sum(self._items.estimate(part) for part in selected.parts)
        for number, part in enumerate(selected.parts):
            run.begin_part(number)
            names = fields_to_move(part, part.entity_type)
            losses = None
            if not part.second_pass_fields:
                losses = fit_to_version(part.entity_type, self._plan.for_version)
            read = self._read(part, names)
            if losses:
                read = losses.fit(read)
            for site, items in _split_by_site(part, read):
                yield ArchiveEntry(
                    self._file_name(number, site),
                    count_items(run, self._remember_keys(part, items)),
                    self._header(part, site),
                )
            run.notes += losses.notes() if losses else []
            run.end_part(number, TaskStatus.COMPLETED)

    def _read(self, part: MigrationPart, names: FieldNames) -> Iterator[Record]:
        """Yield the items of a part, without what no import takes."""
        items, entity_type = self._items.read(part, names), part.entity_type
        if part.is_entries:
            return items
        return (package_body(entity_type, item) for item in items)

    def _file_name(self, number: int, site: str) -> str:
        """Return a name that no other file of the package has, in any case."""
        stem = _part_file_stem(self._run.parts, number, site)
        count = self._stems[stem] = self._stems.get(stem, 0) + 1
        extension = find_format(_PACKAGE_FORMAT).info.extension
        return f"{stem}-{count}.{extension}" if count > 1 else f"{stem}.{extension}"

    def _remember_keys(
        self, part: MigrationPart, items: Iterator[Record]
    ) -> Iterator[Record]:
        """Remember the keys of entries that a second pass has to read."""
        if part.second_pass_fields or not part.deferred_fields:
            return items
        return self._iter_remembering(part, items)

    def _iter_remembering(
        self, part: MigrationPart, items: Iterator[Record]
    ) -> Iterator[Record]:
        groups = [written_keys_group(part.entity_type)]
        if self._plan.policy.import_strategy is not ImportStrategy.INSERT:
            groups.append(existing_keys_group(part.entity_type))
        for item in items:
            for group in groups:
                self._store.add(group, [(item.get(SCOPE_KEY) or "", item[ERC])])
            yield item

    def _header(self, part: MigrationPart, site: str) -> ExportHeader:
        parameters = self._plan.policy.strategies | site_parameters(site)
        if part.second_pass_fields:
            # The first pass created these entries, or they existed: no entry must be
            # created of which nothing but links is known.
            parameters["createStrategy"] = ImportStrategy.UPSERT.value
            parameters["updateStrategy"] = UpdateStrategy.PARTIAL_UPDATE.value
            parameters[EXISTING_ONLY] = "true"
        return ExportHeader(
            entity_type=part.entity_type,
            fields=part.entity_type.export_fields,
            parameters=parameters,
        )


class _UnknownTarget:
    """The unknown target of a package, which is taken to lack all dependencies.

    It may hold an entry with links that the source no longer has, so the second pass
    has entries without links, too, unless the package is for new entries only.
    """

    def find_missing(
        self, _part: MigrationPart, _scope: str, keys: list[str]
    ) -> list[str]:
        return keys

    def find_linked(
        self, _part: MigrationPart, _scope: str, keys: list[str]
    ) -> set[str]:
        return set(keys)


def _split_by_site(
    part: MigrationPart, items: Iterator[Record]
) -> Iterator[tuple[str, Iterator[Record]]]:
    """Yield each site with its items, which every installation reads site by site.

    Items that belong to no site come under an empty key. Without items there is none.
    """
    if has_site_scope(part.entity_type):
        yield from groupby(items, key=lambda item: str(item.get(SCOPE_KEY) or ""))
        return
    first = next(items, None)
    if first is not None:
        yield "", chain([first], items)


def _part_file_stem(parts: Sequence[TaskPart], number: int, site: str) -> str:
    """Return the name of a part's file without its ending: ``04-customer``."""
    width = max(2, len(str(len(parts))))
    part = replace(parts[number], needed=False)  # names of files do not show it
    words = _WORD_BOUNDARY.split(object_short_name(part.title))
    if site:
        words += _WORD_BOUNDARY.split(site)
    name = "-".join(filter(None, words)).lower()
    return f"{number + 1:0{width}}-{name}"
