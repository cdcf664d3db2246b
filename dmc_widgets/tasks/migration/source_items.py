"""Read the items of a migration's parts from the source."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import length_hint
from typing import Final, Protocol

from ...model.entity_type import EntityType
from ...model.record import Record
from ...objects.comparison.erc_matching import NO_TRANSLATION, ErcTranslation
from ...objects.documents.definition_bodies import is_system_definition
from ...objects.documents.folders import remove_definitions
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, Query
from .dependencies import (
    chosen_items_group,
    chosen_keys_group,
    needed_items_group,
    place_item,
)
from .key_store import KeyStore
from .selection import MigrationPart

_PAGE_SIZE: Final = 100

FieldNames = tuple[str, ...] | None
"""The fields that move; None for all, which definitions and picklists have."""


class Destination(Protocol):
    """Knows which items exist already where the others go."""

    def find_missing(
        self, part: MigrationPart, scope: str, keys: list[str]
    ) -> list[str]:
        """Return those of a part's dependencies in a site that have to move."""
        ...

    def find_linked(self, part: MigrationPart, scope: str, keys: list[str]) -> set[str]:
        """Return the keys of entries that have any of the links that a part brings."""
        ...


class SourceItems:
    """Read whole entity types, their dependencies only, or the links of a second pass.

    Args:
        source: The installation to read.
        store: The keys of dependencies, and of entries that were written.
        destination: Where the items go.
        codes: The codes under which the destination has documents of the source.
        parts: All parts that move: a first pass reads what the second one brings.

    Attributes:
        system_definitions: The names of Liferay's own definitions, which do not move.
        entries_visited: The number of entries that a second pass has read for links.
    """

    def __init__(
        self,
        source: Installation,
        store: KeyStore,
        destination: Destination,
        codes: ErcTranslation = NO_TRANSLATION,
        parts: Sequence[MigrationPart] = (),
    ) -> None:
        self._second_pass_fields = {
            part.entity_type.key: part.second_pass_fields
            for part in parts
            if part.second_pass_fields
        }
        self._source = source
        self._store = store
        self._destination = destination
        self._codes = codes
        self.system_definitions: set[str] = set()
        self.entries_visited = 0

    def estimate(self, part: MigrationPart) -> int:
        """Return about how many items a part has; 0 for a second pass."""
        if part.second_pass_fields:
            return 0
        if part.is_dependency:
            return self._store.count(part.entity_type.key)
        if number := self._store.count_items(chosen_items_group(part.entity_type)):
            return number
        return length_hint(
            self._source.read(part.entity_type, _make_query(part, (ERC,)))
        )

    def read(self, part: MigrationPart, names: FieldNames) -> Iterator[Record]:
        """Yield the items of a part with the fields *names*."""
        if part.second_pass_fields:
            return self._read_links(part)
        deferred = self._second_pass_fields.get(part.entity_type.key, ())
        if names is None or not deferred:
            items = self._read_first_pass(part, names)
        else:
            with_links = tuple(dict.fromkeys([*names, ERC, *deferred]))
            if has_site_scope(part.entity_type) and SCOPE_KEY not in with_links:
                with_links += (SCOPE_KEY,)
            items = self._read_first_pass(part, with_links)
            items = self._keep_links(part, items, deferred, names)
        if part.is_entries:
            return items
        return self._read_documents(part.entity_type.name, items)

    def _read_first_pass(
        self, part: MigrationPart, names: FieldNames
    ) -> Iterator[Record]:
        if part.is_dependency:
            return self._read_dependencies(part, names)
        group = chosen_items_group(part.entity_type)
        if part.is_entries and self._store.count_items(group):
            return (_pick_fields(item, names) for item in self._store.items(group))
        return self._source.read(part.entity_type, _make_query(part, names))

    def _keep_links(
        self,
        part: MigrationPart,
        items: Iterator[Record],
        deferred: Sequence[str],
        names: tuple[str, ...],
    ) -> Iterator[Record]:
        """Yield entries with the fields *names*, and keep what waits for later."""
        kept_names = (ERC, SCOPE_KEY, *deferred)
        group = _links_group(part.entity_type)
        while page := list(islice(items, _PAGE_SIZE)):
            kept = (_pick_fields(item, kept_names) for item in page)
            self._store.keep_items(group, map(place_item, kept))
            yield from (_pick_fields(item, names) for item in page)

    def revisit(self, part: MigrationPart) -> None:
        """Note what a part tells that was moved before the task was resumed.

        Entries that were chosen tell nothing, so they are not read again.
        """
        is_chosen = part.is_entries and not part.is_dependency
        if not part.second_pass_fields and not is_chosen:
            deque(self.read(part, None), maxlen=0)

    def fetch(
        self, part: MigrationPart, names: FieldNames, scope: str, keys: list[str]
    ) -> dict[str, Record]:
        """Return items of a part by the codes that the destination knows them by.

        Entries of a second pass are returned with their links alone.
        """
        if part.second_pass_fields:
            names = (ERC, *part.second_pass_fields)
            if has_site_scope(part.entity_type):
                names += (SCOPE_KEY,)
        stored = self._source.fetch(part.entity_type, keys, scope)
        picked = [_pick_fields(stored[key], names) for key in keys if key in stored]
        items: Iterator[Record] = iter(picked)
        if not part.is_entries:
            items = self._read_documents(part.entity_type.name, items)
        return {str(item[ERC]): item for item in items}

    def _read_documents(self, kind: str, items: Iterator[Record]) -> Iterator[Record]:
        """Yield documents with the target's codes, without those that it has anyway."""
        builtin = KINDS_BY_NAME[kind].builtin_ercs
        for item in items:
            if item.get(ERC) in builtin:
                continue
            if is_system_definition(item):
                self.system_definitions.add(str(item.get("name")))
            else:  # definitions in folders move by themselves, if they are chosen
                yield remove_definitions(self._codes.translate(kind, item))

    def notes(self) -> Iterator[str]:
        """Yield notes on what was read and does not move."""
        if self.system_definitions:
            yield (
                "Definitions of Liferay's own were left alone, with whatever was added "
                f"to them: {', '.join(sorted(self.system_definitions))}."
            )

    def _read_dependencies(
        self, part: MigrationPart, names: FieldNames
    ) -> Iterator[Record]:
        group = chosen_keys_group(part.entity_type)
        for scope, keys in self._store.pages(part.entity_type.key):
            chosen = self._store.find(group, scope, keys)
            dependencies = [key for key in keys if key not in chosen]
            moving = self._find_moving(part, scope, dependencies)
            group_of_items = needed_items_group(part.entity_type)
            stored = self._fetch(part, group_of_items, scope, moving)
            for key in moving:
                if key in stored:
                    yield _pick_fields(stored[key], names)

    def _fetch(
        self, part: MigrationPart, group: str, scope: str, keys: list[str]
    ) -> dict[str, Item]:
        """Return entries by code; those that were read before are not read again."""
        kept = self._store.find_items(group, scope, keys) if part.is_entries else {}
        missing = [key for key in keys if key not in kept]
        if not missing:
            return kept
        return kept | self._source.fetch(part.entity_type, missing, scope)

    def _find_moving(
        self, part: MigrationPart, scope: str, keys: list[str]
    ) -> list[str]:
        """Return the dependencies that the destination lacks, in their order.

        Those that this migration has moved before it was resumed are not among them,
        except where their outcomes are not known yet.
        """
        find = self._store.find
        moved = find(moved_keys_group(part), scope, keys)
        unfinished = find(unfinished_keys_group(part), scope, keys) - moved
        others = [key for key in keys if key not in moved | unfinished]
        missing = set(self._destination.find_missing(part, scope, others))
        return [key for key in keys if key in missing | unfinished]

    def _read_links(self, part: MigrationPart) -> Iterator[Record]:
        """Yield the code and the deferred links of the entries that were written.

        Entries without links are left out, unless the entry existed before in the
        target and has links to lose there.
        """
        names = (ERC, *part.second_pass_fields)
        if has_site_scope(part.entity_type):
            names += (SCOPE_KEY,)
        for scope, keys in self._store.pages(written_keys_group(part.entity_type)):
            group = _links_group(part.entity_type)
            entries = self._fetch(part, group, scope, keys)
            self.entries_visited += len(keys)
            with_links = {key for key in entries if has_links(entries[key], part)}
            unlinked = [key for key in entries if key not in with_links]
            with_links |= self._find_links_to_lose(part, scope, unlinked)
            unfinished = self._store.find(unfinished_keys_group(part), scope, keys)
            with_links |= unfinished & entries.keys()
            for key in keys:
                if key in with_links:
                    yield _pick_fields(entries[key], names)

    def _find_links_to_lose(
        self, part: MigrationPart, scope: str, unlinked: list[str]
    ) -> set[str]:
        existing = self._store.find(
            existing_keys_group(part.entity_type), scope, unlinked
        )
        if not existing:
            return set()
        return self._destination.find_linked(part, scope, sorted(existing))


def _links_group(entity_type: EntityType) -> str:
    """Return the group of entries with what the second pass brings."""
    return f"links of {entity_type.key}"


def written_keys_group(entity_type: EntityType) -> str:
    """Return the group of keys of entries that the target holds by now."""
    return f"written {entity_type.key}"


def existing_keys_group(entity_type: EntityType) -> str:
    """Return the group of those of them that the target held before."""
    return f"existing {entity_type.key}"


def moved_keys_group(part: MigrationPart) -> str:
    """Return the group of keys of a part's items that have outcomes already."""
    return f"moved {_part_key(part)}"


def unfinished_keys_group(part: MigrationPart) -> str:
    """Return the group of keys of items that were announced and have no outcomes."""
    return f"unfinished {_part_key(part)}"


def _part_key(part: MigrationPart) -> str:
    kind = "links of " if part.second_pass_fields else ""
    return f"{kind}{part.entity_type.key}"


def has_links(item: Item, part: MigrationPart) -> bool:
    """Return True if an entry has any of the links that a part brings."""
    return any(item.get(name) for name in part.second_pass_fields)


def fields_to_move(part: MigrationPart, target: EntityType) -> FieldNames:
    """Return the fields that move: readable in the source, writable in the target.

    Ids of parents are left out where the parent's code moves.
    """
    if target.open:
        return None
    readable = {field.name for field in part.entity_type.export_fields}
    writable = {field.name for field in target.import_fields if not field.fixed}
    return tuple(
        sorted(
            name
            for name in (readable & writable) - part.deferred_fields
            if f"{name.removesuffix('Id')}ERC" not in readable or name[-2:] != "Id"
        )
    )


def fields_missing_in_target(part: MigrationPart, target: EntityType) -> list[str]:
    """Return the fields of the source's object that the target's does not have."""
    known = {field.name for field in target.fields}
    return sorted(
        field.name
        for field in part.entity_type.export_fields
        if field.custom and not field.read_only and field.name not in known
    )


def fields_fixed_in_target(part: MigrationPart, target: EntityType) -> list[str]:
    """Return the fields of the source's object that are fixed in the target."""
    readable = {field.name for field in part.entity_type.export_fields}
    return sorted(x.name for x in target.fields if x.fixed and x.name in readable)


def _make_query(part: MigrationPart, names: FieldNames) -> Query:
    return Query(fields=names, filter=part.filter)


def _pick_fields(item: Item, names: FieldNames) -> Record:
    if names is None:
        return item
    return {name: item[name] for name in names if name in item}
