"""Ids are given out once: what is deleted takes its id along.

Whoever still holds the id of something that was deleted is to find nothing, and not
what came after it. SQLite gives the highest id out again when its row is gone, so the
highest one that ever went is kept. All of it happens in the transaction that deletes.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, insert, select, update

from .tables import spent_id


def next_id(connection: Connection, table: Table) -> int:
    """Return the first id that nothing in *table* has or ever had."""
    there = connection.execute(select(func.max(table.c.id))).scalar()
    return max(there or 0, _last(connection, table) or 0) + 1


def spend_id(connection: Connection, table: Table, number: int) -> None:
    """Remember that a row of *table* goes."""
    last = _last(connection, table)
    values = {"kind": table.name, "last": number}
    if last is None:
        connection.execute(insert(spent_id).values(values))
    elif number > last:
        changed = update(spent_id).where(spent_id.c.kind == table.name)
        connection.execute(changed.values(last=number))


def _last(connection: Connection, table: Table) -> int | None:
    query = select(spent_id.c.last).where(spent_id.c.kind == table.name)
    return connection.execute(query).scalar()
