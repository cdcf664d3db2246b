"""Numbers that are used once: those of AutoIncrement fields, and ids.

The last numbers of AutoIncrement fields are read and written under the write lock, so
that neither two batches nor two processes use a number twice.

The id of a deleted item is never used again: a client that still holds it must not get
another item. SQLite reuses the highest id once its row is deleted, so the highest
deleted id is stored, in the transaction that deletes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import orjson
from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    func,
    insert,
    select,
    update,
)

from ....objects.entries.validation import EntryRules
from ....objects.fields.auto_increment import AutoIncrement
from .tables import counter, entry, spent_id


def last_numbers(connection: Connection, rules: EntryRules) -> dict[str, int]:
    """Return the last number of each AutoIncrement field; add counters for new ones."""
    query = select(counter.c.field, counter.c.last).where(
        counter.c.definition_id == rules.definition_id
    )
    known: dict[str, int] = {row.field: row.last for row in connection.execute(query)}
    new = [numbering for numbering in rules.numberings if numbering.name not in known]
    if new:
        initial = _initial_numbers(connection, rules.definition_id, new)
        rows = [
            {"definition_id": rules.definition_id, "field": name, "last": last}
            for name, last in initial.items()
        ]
        connection.execute(insert(counter), rows)
        known |= initial
    return known


def store_numbers(
    connection: Connection, definition_id: int, last: Mapping[str, int]
) -> None:
    """Store the last numbers by field, in the rows that :func:`last_numbers` added."""
    if not last:
        return
    query = (
        update(counter)
        .where(counter.c.definition_id == definition_id)
        .where(counter.c.field == bindparam("name"))
        .values(last=bindparam("number"))
    )
    connection.execute(
        query, [{"name": name, "number": number} for name, number in last.items()]
    )


def _initial_numbers(
    connection: Connection, definition_id: int, numberings: Sequence[AutoIncrement]
) -> dict[str, int]:
    """Return the last numbers in entries: older versions did not count them."""
    last = {numbering.name: numbering.first - 1 for numbering in numberings}
    query = select(entry.c.body).where(entry.c.definition_id == definition_id)
    for body in connection.execute(query).scalars():
        values = orjson.loads(body)
        for numbering in numberings:
            number = numbering.number(values.get(numbering.name))
            if number is not None:
                last[numbering.name] = max(last[numbering.name], number)
    return last


def next_id(connection: Connection, table: Table) -> int:
    """Return the first id that no row of *table* has or ever had."""
    highest, last = connection.execute(_next_id_query(table)).one()
    return max(highest or 0, last or 0) + 1


@cache
def _next_id_query(table: Table) -> Select[Any]:
    highest = select(func.max(table.c.id)).scalar_subquery()
    last = select(spent_id.c.last).where(spent_id.c.kind == table.name)
    return select(highest, last.scalar_subquery())


def retire_id(connection: Connection, table: Table, number: int) -> None:
    """Record that a row of *table* is deleted, so that its id is not used again."""
    last = _last(connection, table)
    values = {"kind": table.name, "last": number}
    if last is None:
        connection.execute(insert(spent_id).values(values))
    elif number > last:
        changed = update(spent_id).where(spent_id.c.kind == table.name)
        connection.execute(changed.values(last=number))


_LAST: Final = select(spent_id.c.last).where(spent_id.c.kind == bindparam("of_kind"))


def _last(connection: Connection, table: Table) -> int | None:
    return connection.execute(_LAST, {"of_kind": table.name}).scalar()
