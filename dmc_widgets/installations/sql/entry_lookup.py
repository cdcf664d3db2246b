"""What a batch of entries meets in the tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from operator import itemgetter
from typing import Any, Final

from orjson import loads
from sqlalchemy import Connection, bindparam, select

from ...objects.entries.attachment_files import BatchFiles
from ...objects.entries.stored_entries import StoredEntry, new_stored_entry
from ...objects.entries.validation import EntryRules, ValidatedEntry
from ...objects.fields.many_to_many import LinkContext
from ...objects.fields.relationship import ParentDefinition
from .attachments import find_files
from .database.dialect import Dialect
from .database.sequences import last_numbers
from .database.tables import entry, unique_value
from .entry_reader import find_entry_ids
from .many_to_many import find_links

# Every batch asks this, so it is put together once.
_STORED: Final = (
    select(entry.c.erc, entry.c.id, entry.c.status, entry.c.body, entry.c.modified)
    .where(entry.c.definition_id == bindparam("own_definition"))
    .where(entry.c.scope == bindparam("own_scope"))
)
_BETWEEN: Final = (
    select(entry.c.id)
    .where(entry.c.definition_id == bindparam("own_definition"))
    .where(entry.c.erc.between(bindparam("first"), bindparam("last")))
    .order_by(entry.c.erc)  # else PostgreSQL may take any way to the first it meets
    .limit(1)
)
_BETWEEN_IN_SITE: Final = _BETWEEN.where(entry.c.scope == bindparam("own_scope"))
_MANY: Final = 100
"""From so many codes on, one more statement costs less than to look up each."""

_CODE: Final = itemgetter(0)
_STORED_PARTS: Final = itemgetter(1, 2, 3, 4)


class TableEntryLookup:
    """An :class:`~dmc_widgets.objects.entries.batch_lookup.EntryLookup` of the tables.

    Args:
        connection: The connection, in the transaction of the batch.
        dialect: The dialect of the database.
        rules: The rules of the definition, read in the same transaction.
        scope: The scope under which the definition's entries are stored.
        site: The key of the batch's site; empty for company scope.
    """

    def __init__(
        self,
        connection: Connection,
        dialect: Dialect,
        rules: EntryRules,
        scope: str,
        site: str,
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._rules = rules
        self._scope = scope
        self._site = site

    def find_entries(self, ercs: Collection[str]) -> dict[str, StoredEntry]:
        """Return the stored entries with these codes, by code."""
        where = {"own_definition": self._rules.definition_id, "own_scope": self._scope}
        if self._has_none_between(ercs, where):
            return {}
        query = _STORED.where(self._dialect.any_of(entry.c.erc))
        keys = {"keys": self._dialect.keys(ercs)}
        # All rows at once, and as the driver has them: one by one, SQLAlchemy takes
        # longer than the database.
        rows = self._connection.execute(query, where | keys).cursor.fetchall()
        entries = map(new_stored_entry, map(_STORED_PARTS, rows))
        return dict(zip(map(_CODE, rows), entries, strict=True))

    def _has_none_between(self, ercs: Collection[str], where: dict[str, Any]) -> bool:
        """Return True if no stored code is between the first and the last of many.

        It is so for an empty definition, and for each batch of a file with new entries
        that is sorted by code. One step in the index of codes tells, so a code of
        another site counts where the index holds the sites of a code together.
        """
        if len(ercs) < _MANY:
            return False
        query = _BETWEEN_IN_SITE if self._dialect.orders_by_site else _BETWEEN
        ends = {"first": min(ercs), "last": max(ercs)}
        return self._connection.execute(query, where | ends).first() is None

    def last_numbers(self) -> dict[str, int]:
        """Return the last number of each AutoIncrement field."""
        return last_numbers(self._connection, self._rules)

    def find_parents(self, parent: ParentDefinition, ercs: Set[str]) -> Collection[str]:
        """Return those of *ercs* that entries of a definition have."""
        where = (parent, self._site)
        return find_entry_ids(self._connection, self._dialect, where, ercs)

    def find_by_id(self, ids: Set[int], beside: Set[int]) -> dict[int, tuple[int, str]]:
        """Return the definition's id and the ERC of entries, by the entries' id."""
        query = select(entry.c.id, entry.c.definition_id, entry.c.erc).where(
            self._dialect.any_of(entry.c.id)
        )
        keys = {"keys": self._dialect.keys(ids | beside)}
        rows = self._connection.execute(query, keys)
        return {row.id: (row.definition_id, row.erc) for row in rows}

    def find_links(
        self, items: Sequence[ValidatedEntry], stored: Mapping[str, StoredEntry]
    ) -> LinkContext:
        """Return what many-to-many relationships of the items lead to."""
        ids = {erc: stored_entry.id for erc, stored_entry in stored.items()}
        where = (self._site, ids)
        return find_links(self._connection, self._dialect, self._rules, where, items)

    def find_owners(self, field: str, values: Mapping[str, Any]) -> dict[str, int]:
        """Return the ids of the entries that hold unique values, by the value."""
        query = (
            select(unique_value.c.value, unique_value.c.entry_id)
            .where(unique_value.c.definition_id == self._rules.definition_id)
            .where(unique_value.c.scope == self._scope)
            .where(unique_value.c.field == field)
            .where(self._dialect.any_of(unique_value.c.value))
        )
        indexed = dict(zip(map(self._dialect.index_text, values), values, strict=True))
        keys = {"keys": self._dialect.keys(indexed)}
        rows = self._connection.execute(query, keys).cursor.fetchall()
        return {indexed[text]: entry_id for text, entry_id in rows}

    def find_files(
        self, items: Sequence[ValidatedEntry], stored: Collection[StoredEntry]
    ) -> BatchFiles:
        """Return the files that the items name and that the stored entries have."""
        values = [item.values for item in items]
        values += [loads(stored_entry.body) for stored_entry in stored]
        return find_files(
            self._connection, self._dialect, self._rules, self._scope, values
        )
