"""The items of a migration's parts, as the source gives them out."""

from __future__ import annotations

from collections.abc import Iterator
from operator import length_hint
from typing import Protocol

from ...model.entity_type import EntityType
from ...model.record import Record
from ...objects.comparison.erc_matching import NO_TRANSLATION, ErcTranslation
from ...objects.documents.definition_bodies import is_system_definition
from ...objects.documents.folders import remove_definitions
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item, Query
from .dependencies import chosen_keys_group
from .key_store import KeyStore
from .selection import MigrationPart

FieldNames = tuple[str, ...] | None
"""The fields that move; None for all, which definitions and picklists have."""


class Destination(Protocol):
    """Knows what is there already where the items go."""

    def lacking(self, part: MigrationPart, scope: str, keys: list[str]) -> list[str]:
        """Pick, of some needed keys of a part and a site, those that have to move."""
        ...

    def linked(self, part: MigrationPart, scope: str, keys: list[str]) -> set[str]:
        """Pick the keys of entries that have any of the links that a part brings."""
        ...


class SourceItems:
    """Reads whole entity types, what others need of them, or their late links.

    Args:
        source: Where they are.
        store: Which of them are needed, and which were written.
        destination: Where they go.
        codes: What is known by other codes there.

    Attributes:
        left_alone: FieldNames of definitions that were read and do not move.
        looked_at: How many entries a second pass has looked at for links.
    """

    def __init__(
        self,
        source: Installation,
        store: KeyStore,
        destination: Destination,
        codes: ErcTranslation = NO_TRANSLATION,
    ) -> None:
        self._source = source
        self._store = store
        self._destination = destination
        self._codes = codes
        self.left_alone: list[str] = []
        self.looked_at = 0

    def hint(self, part: MigrationPart) -> int:
        """Say about how many items a part has; links are not known beforehand."""
        if part.brought:
            return 0
        if part.needed:
            return self._store.count(part.entity_type.key)
        return length_hint(
            self._source.read(part.entity_type, _make_query(part, (ERC,)))
        )

    def read(self, part: MigrationPart, names: FieldNames) -> Iterator[Record]:
        """Yield the items of a part with the fields *names*."""
        if part.brought:
            return self._linked(part)
        if part.needed:
            items = self._needed(part, names)
        else:
            items = self._source.read(part.entity_type, _make_query(part, names))
        if part.is_entries:
            return items
        return self._documents(part.entity_type.name, items)

    def _documents(self, kind: str, items: Iterator[Record]) -> Iterator[Record]:
        """Yield documents as the target knows them, without those of Liferay's own."""
        for item in items:
            if is_system_definition(item):
                self.left_alone.append(str(item.get("name")))
            else:  # definitions move by themselves, where they are chosen
                yield remove_definitions(self._codes.translated(kind, item))

    def remarks(self) -> Iterator[str]:
        """Say what was read and does not move."""
        if self.left_alone:
            yield (
                "Definitions of Liferay's own were left alone, with whatever was added "
                f"to them: {', '.join(sorted(self.left_alone))}."
            )

    def _needed(self, part: MigrationPart, names: FieldNames) -> Iterator[Record]:
        group = chosen_keys_group(part.entity_type)
        for scope, keys in self._store.pages(part.entity_type.key):
            chosen = self._store.known(group, scope, keys)
            needed = [key for key in keys if key not in chosen]
            moving = self._destination.lacking(part, scope, needed)
            found = self._source.fetch(part.entity_type, moving, scope)
            for key in moving:
                if key in found:
                    yield _pick_fields(found[key], names)

    def _linked(self, part: MigrationPart) -> Iterator[Record]:
        """Yield code and late links of the entries that were written.

        Those without links have nothing to bring, unless the entry was there before
        and has links to lose.
        """
        names = (ERC, *part.brought)
        if has_site_scope(part.entity_type):
            names += (SCOPE_KEY,)
        for scope, keys in self._store.pages(written_keys_group(part.entity_type)):
            found = self._source.fetch(part.entity_type, keys, scope)
            self.looked_at += len(keys)
            linked = {key for key in found if has_links(found[key], part)}
            bare = [key for key in found if key not in linked]
            linked |= self._to_lose(part, scope, bare)
            for key in keys:
                if key in linked:
                    yield _pick_fields(found[key], names)

    def _to_lose(self, part: MigrationPart, scope: str, bare: list[str]) -> set[str]:
        stood = self._store.known(existing_keys_group(part.entity_type), scope, bare)
        if not stood:
            return set()
        return self._destination.linked(part, scope, sorted(stood))


def written_keys_group(entity_type: EntityType) -> str:
    """Name the group of keys of entries that stand in the target now."""
    return f"written {entity_type.key}"


def existing_keys_group(entity_type: EntityType) -> str:
    """Name the group of those of them that stood there before."""
    return f"stood {entity_type.key}"


def has_links(item: Item, part: MigrationPart) -> bool:
    """Say whether an entry has any of the links that a part brings."""
    return any(item.get(name) for name in part.brought)


def fields_to_move(part: MigrationPart, target: EntityType) -> FieldNames:
    """Return the fields that move: readable there, writable here, and no ids."""
    if target.open:
        return None
    readable = {field.name for field in part.entity_type.export_fields}
    takes = {field.name for field in target.import_fields if not field.fixed}
    return tuple(
        sorted(
            name
            for name in (readable & takes) - part.left_out
            if f"{name.removesuffix('Id')}ERC" not in readable or name[-2:] != "Id"
        )
    )


def fields_missing_in_target(part: MigrationPart, target: EntityType) -> list[str]:
    """Name the fields of the source's object that the target's does not have."""
    known = {field.name for field in target.fields}
    return sorted(
        field.name
        for field in part.entity_type.export_fields
        if field.custom and not field.read_only and field.name not in known
    )


def fields_fixed_in_target(part: MigrationPart, target: EntityType) -> list[str]:
    """Name the fields of the source's object that the target's keeps as they are."""
    readable = {field.name for field in part.entity_type.export_fields}
    return sorted(e.name for e in target.fields if e.fixed and e.name in readable)


def _make_query(part: MigrationPart, names: FieldNames) -> Query:
    return Query(fields=names, filter=part.filter)


def _pick_fields(item: Item, names: FieldNames) -> Record:
    if names is None:
        return item
    return {name: item[name] for name in names if name in item}
