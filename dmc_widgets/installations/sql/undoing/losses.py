"""What entries lose when their definition loses fields or relationships.

It may be much more than fits in memory, so it is written row by row, in the transaction
that removes it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from orjson import dumps, loads
from sqlalchemy import Connection, Select, bindparam, insert, select

from ..database.tables import entry_link, lost_value, relationship, unique_value

_PAGE: Final = 500
_READ: Final = (
    select(lost_value.c.id, lost_value.c.entry_id, lost_value.c.lost)
    .where(
        lost_value.c.task == bindparam("of_task"),
        lost_value.c.batch == bindparam("of_batch"),
        lost_value.c.position == bindparam("of_position"),
        lost_value.c.id > bindparam("after"),
    )
    .order_by(lost_value.c.id)
    .limit(_PAGE)
)


class ItemMark(NamedTuple):
    """The item of a batch that caused losses: its task, batch and position from 0."""

    task: str
    batch: int
    position: int


class LossRecorder:
    """Records the values and links that entries lose because of one item.

    Args:
        connection: A connection in the transaction that removes them.
        mark: The item that causes it.
    """

    def __init__(self, connection: Connection, mark: ItemMark) -> None:
        self._connection = connection
        self._mark = mark
        self.is_empty = True

    def add_values(self, lost: Mapping[int, Mapping[str, Any]]) -> None:
        """Record the values that entries lose, by the id of the entry."""
        self._add((number, {"values": values}) for number, values in lost.items())

    def add_links(self, names: Sequence[str], entries: Select[Any]) -> None:
        """Record the many-to-many links of relationships that go, of some entries."""
        query = select(
            entry_link.c.name, entry_link.c.entry1_id, entry_link.c.entry2_id
        ).where(entry_link.c.name.in_(names), entry_link.c.entry1_id.in_(entries))
        rows = self._connection.execute(query).all()
        self._add((row.entry1_id, {"link": [row.name, row.entry2_id]}) for row in rows)

    def add_parents(self, fields: Sequence[str], entries: Select[Any]) -> None:
        """Record the parents in relationships that go, of some entries."""
        query = select(relationship).where(
            relationship.c.field.in_(fields), relationship.c.entry_id.in_(entries)
        )
        rows = self._connection.execute(query).all()
        self._add((row.entry_id, {"parent": [row.field, *row[2:]]}) for row in rows)

    def add_unique_values(self, definition_id: int, fields: Collection[str]) -> None:
        """Record the unique values that a definition's entries give up."""
        query = select(unique_value).where(
            unique_value.c.definition_id == definition_id,
            unique_value.c.field.in_(fields),
        )
        rows = self._connection.execute(query).all()
        self._add((row.entry_id, {"unique": list(row[:4])}) for row in rows)

    def _add(self, lost: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        task, batch, position = self._mark
        rows = [
            {
                "task": task,
                "batch": batch,
                "position": position,
                "entry_id": number,
                "lost": dumps(what),
            }
            for number, what in lost
        ]
        if rows:
            self.is_empty = False
            self._connection.execute(insert(lost_value), rows)


def read_losses(
    connection: Connection, mark: ItemMark
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the id of an entry and what it lost, in the order of recording."""
    where = {
        "of_task": mark.task,
        "of_batch": mark.batch,
        "of_position": mark.position,
        "after": 0,
    }
    while page := connection.execute(_READ, where).all():
        for row in page:
            yield row.entry_id, loads(row.lost)
        where["after"] = page[-1].id
