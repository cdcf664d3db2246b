"""The many-to-many links of entries that are taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from ....objects.entries.validation import EntryRules
from ..database.tables import entry, entry_link

LinkList = Iterable[Sequence[str | int]]
"""Pairs of a relationship and the id of the entry on the other side."""

_LINKS_OF: Final = select(
    entry_link.c.name, entry_link.c.entry1_id, entry_link.c.entry2_id
).where(
    or_(
        entry_link.c.entry1_id == bindparam("own_id"),
        entry_link.c.entry2_id == bindparam("own_id"),
    )
)


class EntryLinks:
    """Adds and removes the links of a definition's entries, each only where needed.

    Args:
        connection: A connection that holds the write lock.
        rules: The rules of the definition.
    """

    def __init__(self, connection: Connection, rules: EntryRules) -> None:
        self._connection = connection
        self._names = {link.name for link in rules.many}
        self._reverse = {link.name for link in rules.many if link.reverse}

    def add(self, entry_id: int, links: LinkList) -> list[list[str | int]]:
        """Add links whose other end exists; return those that were added."""
        added = []
        for name, other in links:
            if name not in self._names or not self._exists(other):
                continue
            row = self._row(str(name), entry_id, int(other))
            if not self._is_linked(row):
                self._connection.execute(insert(entry_link), [row])
                added.append([name, other])
        return added

    def remove(self, entry_id: int, links: LinkList) -> list[list[str | int]]:
        """Remove links; return those that were there."""
        removed = []
        for name, other in links:
            row = self._row(str(name), entry_id, int(other))
            same = [entry_link.c[column] == value for column, value in row.items()]
            if self._connection.execute(delete(entry_link).where(*same)).rowcount:
                removed.append([name, other])
        return removed

    def has_others(self, entry_id: int, own: LinkList) -> bool:
        """Return True if an entry has links besides its *own* ones."""
        if not self._names:
            return False
        known = {
            tuple(self._row(str(name), entry_id, int(other)).values())
            for name, other in own
        }
        rows = self._connection.execute(_LINKS_OF, {"own_id": entry_id})
        return any(tuple(row) not in known for row in rows)

    def _row(self, name: str, own: int, other: int) -> dict[str, str | int]:
        first, second = (other, own) if name in self._reverse else (own, other)
        return {"name": name, "entry1_id": first, "entry2_id": second}

    def _is_linked(self, row: dict[str, str | int]) -> bool:
        same = [entry_link.c[column] == value for column, value in row.items()]
        query = select(entry_link.c.name).where(*same)
        return self._connection.execute(query).first() is not None

    def _exists(self, number: str | int) -> bool:
        query = select(entry.c.id).where(entry.c.id == number)
        return self._connection.execute(query).first() is not None
