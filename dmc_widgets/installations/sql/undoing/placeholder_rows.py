"""Placeholders that go with the entries that named them, and come back with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from ....objects.entries.lazy_references import NO_VALUES
from ....objects.entries.system_properties import EMPTY
from ..database.tables import entry
from ..placeholders import (
    find_named_placeholders,
    has_placeholders,
    remove_unnamed_placeholders,
)

PLACEHOLDERS: Final = "placeholders"
"""The key of the placeholders that went with an entry: id, definition, site, ERC and
date of creation of each."""

_ROWS: Final = select(
    entry.c.id, entry.c.definition_id, entry.c.scope, entry.c.erc, entry.c.created
)


class PlaceholderRows:
    """Removes and restores placeholders; most installations have none.

    Args:
        connection: A connection that holds the write lock.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._may_exist = has_placeholders(connection)

    def named_by(self, entry_id: int) -> set[int]:
        """Return the ids of the placeholders that an entry names."""
        if not self._may_exist:
            return set()
        return find_named_placeholders(self._connection, entry.c.id == entry_id)

    def remove_unnamed(self, ids: set[int]) -> list[list[Any]]:
        """Remove those that no entry names any more; return their rows."""
        if not ids:
            return []
        rows = self._connection.execute(_ROWS.where(entry.c.id.in_(ids))).all()
        remove_unnamed_placeholders(self._connection, ids)
        query = select(entry.c.id).where(entry.c.id.in_(ids))
        left = set(self._connection.execute(query).scalars())
        return [list(row) for row in rows if row.id not in left]

    def restore(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add placeholders again, unless something has taken their place."""
        for number, definition_id, scope, erc, created in rows:
            self._may_exist = True
            same = (
                (entry.c.definition_id == definition_id)
                & (entry.c.scope == scope)
                & (entry.c.erc == erc)
            )
            taken = select(entry.c.id).where(same | (entry.c.id == number))
            if self._connection.execute(taken).first() is not None:
                continue
            row = {
                "id": number,
                "definition_id": definition_id,
                "scope": scope,
                "erc": erc,
                "status": EMPTY,
                "body": NO_VALUES,
                "created": created,
                "modified": created,
            }
            self._connection.execute(insert(entry), [row])
