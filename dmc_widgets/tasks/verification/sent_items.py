"""What a task sent: derived again from its file, or from its source.

A verification needs it for the records that differ, to show what was expected, and for
records of which no digest was made. Records are read again as the task read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ...formats.source import open_source
from ...model.entity_type import EntityType
from ...model.mapping import Values
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...model.record import Record, UnreadableRecord
from ...model.task import Task
from ...ports import Installation, Item
from ...workspace import Workspace
from ...workspace.file_identity import identify_file
from ..imports.expressions import compile_expression
from ..imports.file_chunks import read_chunks
from ..imports.numbered_chunk import Chunk
from ..imports.parent_lookups import create_lookups
from ..installation_access import find_entity_type
from ..matching.matched_codes import (
    MatchedCodes,
    ReferenceTranslation,
    fetch_as_sent,
)
from ..task_files import original_file
from .entry_index import EntryIndex, EntryState, IndexedEntry

SentItem = tuple[IndexedEntry, Item]


class SentItems(Protocol):
    """Derives again what a task has sent."""

    def read(self, index: EntryIndex, state: EntryState) -> Iterator[list[SentItem]]:
        """Yield the items of the entries of an index in one state, some at a time.

        Those that cannot be derived are left out.

        Raises:
            DmcError: The file or the source cannot be read.
        """
        ...

    def are_original(self) -> bool:
        """Return True if they are still what was sent, as far as can be known.

        Raises:
            DmcError: The file cannot be read.
        """
        ...


class FileItems:
    """The items of an import, read from the copy of its file.

    Args:
        workspace: Holds the file.
        task: The import.
        plan: Its plan.
        installation: The target, which is asked for parents.
        entity_type: The entity type in the target.
    """

    def __init__(
        self,
        workspace: Workspace,
        task: Task,
        plan: ImportPlan,
        installation: Installation,
        entity_type: EntityType,
    ) -> None:
        self._workspace = workspace
        self._task = task
        self._name = task.original_file
        self._plan = plan
        self._map = plan.mapping.compile(entity_type, compile_expression)
        self._lookups = create_lookups(installation, plan, entity_type)
        codes = MatchedCodes(workspace, task.id, plan.matched_in)
        self._references = ReferenceTranslation(codes, entity_type, plan.scope)
        self._has_matches = bool(plan.mapping.match or plan.matched_in)

    def read(self, index: EntryIndex, state: EntryState) -> Iterator[list[SentItem]]:
        """Yield the items of the entries of an index in one state."""
        for first, records in self._chunks():
            wanted = index.find_records(state, first, first + len(records) - 1)
            if not wanted:
                continue
            numbers = sorted(wanted)
            items = self._items([records[number - first] for number in numbers])
            yield [
                (wanted[number], item)
                for number, item in zip(numbers, items, strict=True)
                if item is not None
            ]

    def are_original(self) -> bool:
        """Return True unless the file is known to be another one than was imported."""
        path = original_file(self._workspace, self._task).path
        sha256 = self._task.file_sha256
        return not sha256 or identify_file(path).sha256 == sha256

    def read_all(self) -> Iterator[tuple[int, Item]]:
        """Yield every item with the number of its record."""
        for first, records in self._chunks():
            for number, item in enumerate(self._items(records), start=first):
                if item is not None:
                    yield number, item

    def _chunks(self) -> Iterator[tuple[int, Chunk]]:
        options = self._plan.reading
        path = original_file(self._workspace, self._task).path
        with open_source(path, name=self._name, options=options) as source:
            for chunk in read_chunks(source, self._plan.options):
                yield chunk.first, chunk.records

    def _items(self, records: Chunk) -> list[Item | None]:
        """Map records as the import did; None for those that it refused."""
        mapped = [self._map_record(record) for record in records]
        items: list[Values] = [item for item in mapped if item is not None]
        if self._lookups:
            items = [item for item, _ in self._lookups.resolve(items)]
        translated: Sequence[Values | Problem] = items
        if self._has_matches:
            translated = self._references.translate(items)
        resolved = map(_item_or_none, translated)
        return [None if item is None else next(resolved) for item in mapped]

    def _map_record(self, record: Record | UnreadableRecord) -> Item | None:
        if isinstance(record, UnreadableRecord):
            return None
        return _item_or_none(self._map(record))


OpenSource = Callable[[], AbstractContextManager[Installation]]
"""Opens the source of a migration for a block, or lends one that is open."""


class SourceEntries:
    """The entries of a migration, read from its source as it is now.

    Args:
        open_source: Opens the source.
        key: The key of the entity type.
        find_names: Returns the fields that move of the source's entity type; None for
            all.
        codes: The codes under which the target has entries of the source.
    """

    def __init__(
        self,
        open_source: OpenSource,
        key: str,
        find_names: Callable[[EntityType], tuple[str, ...] | None],
        codes: MatchedCodes,
    ) -> None:
        self._open_source = open_source
        self._key = key
        self._find_names = find_names
        self._codes = codes

    def read(self, index: EntryIndex, state: EntryState) -> Iterator[list[SentItem]]:
        """Yield the items of the entries of an index in one state."""
        with self._open_source() as source:
            entity_type = find_entity_type(source.entity_types(), self._key)
            names = self._find_names(entity_type)
            for site, entries in index.pages(state):
                keys = [entry.key for entry in entries]
                items = fetch_as_sent(source, entity_type, self._codes, keys, site)
                yield [
                    (entry, _pick(items[entry.key], names))
                    for entry in entries
                    if entry.key in items
                ]

    def are_original(self) -> bool:
        """Return False: an installation may hold other entries at any time."""
        return False


def _item_or_none(item: Values | Problem) -> Item | None:
    return None if isinstance(item, Problem) else dict(item)


def _pick(item: Item, names: tuple[str, ...] | None) -> Item:
    if names is None:
        return item
    return {name: item[name] for name in names if name in item}
