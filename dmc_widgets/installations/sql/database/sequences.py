"""The last numbers of AutoIncrement fields.

They are read and written in the transaction that alone may write, so that neither
two batches nor two processes give one number twice.

Ids are given out once: what is deleted takes its id along.

Whoever still holds the id of something that was deleted is to find nothing, and not
what came after it. SQLite gives the highest id out again when its row is gone, so the
highest one that ever went is kept. All of it happens in the transaction that deletes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import Connection, Table, bindparam, func, insert, select, update

from ....objects.entries.validation import EntryRules
from ....objects.fields.auto_increment import AutoIncrement
from .tables import counter, entry, spent_id


def last_numbers(connection: Connection, rules: EntryRules) -> dict[str, int]:
    """Return the last number of each AutoIncrement field, and note new fields."""
    query = select(counter.c.field, counter.c.last).where(
        counter.c.definition_id == rules.definition_id
    )
    known: dict[str, int] = {
        each.field: each.last for each in connection.execute(query)
    }
    new = [numbering for numbering in rules.numberings if numbering.name not in known]
    if new:
        started = _started(connection, rules.definition_id, new)
        rows = [
            {"definition_id": rules.definition_id, "field": name, "last": last}
            for name, last in started.items()
        ]
        connection.execute(insert(counter), rows)
        known |= started
    return known


def store_numbers(
    connection: Connection, definition_id: int, last: Mapping[str, int]
) -> None:
    """Note the last numbers by field; :func:`last_numbers` has made their rows."""
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


def _started(
    connection: Connection, definition_id: int, numberings: Sequence[AutoIncrement]
) -> dict[str, int]:
    """Begin after what entries hold already: older versions kept what came."""
    last = {numbering.name: numbering.first - 1 for numbering in numberings}
    query = select(entry.c.body).where(entry.c.definition_id == definition_id)
    for body in connection.execute(query).scalars():
        values = orjson.loads(body)
        for each in numberings:
            number = each.number(values.get(each.name))
            if number is not None:
                last[each.name] = max(last[each.name], number)
    return last


def next_id(connection: Connection, table: Table) -> int:
    """Return the first id that nothing in *table* has or ever had."""
    there = connection.execute(select(func.max(table.c.id))).scalar()
    return max(there or 0, _last(connection, table) or 0) + 1


def retire_id(connection: Connection, table: Table, number: int) -> None:
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
