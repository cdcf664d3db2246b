"""The history of entries: what each write changed, where the definition keeps one.

Liferay calls it *entry history* (``enableObjectEntryHistory``) and gives it out as
``auditEvents``. Values stand in it as they are stored. Those of Encrypted fields are
left out, since a history would outlive the value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from orjson import dumps, loads
from sqlalchemy import Connection, insert, select

from ....objects.entries.stored_entries import WriteSet
from ....objects.entries.validation import EntryRules
from ..database.dialect import Dialect
from ..database.tables import entry, entry_event

ADD: Final = "ADD"
UPDATE: Final = "UPDATE"

Bodies = Mapping[int, bytes]


class EntryEvent(NamedTuple):
    """A change of an entry.

    Attributes:
        created: The time of the change, in milliseconds since the epoch.
        kind: ``ADD`` or ``UPDATE``.
        changes: For each changed field its *name*, the *newValue* and, of an update,
            the *oldValue*.
    """

    created: int
    kind: str
    changes: list[dict[str, Any]]


def read_bodies(
    connection: Connection, dialect: Dialect, rules: EntryRules, changes: WriteSet
) -> Bodies:
    """Return the stored bodies that *changes* will replace, for the history."""
    if not rules.history or not changes.updated:
        return {}
    query = select(entry.c.id, entry.c.body).where(dialect.any_of(entry.c.id))
    rows = connection.execute(query, {"keys": dialect.keys(changes.updated)})
    return {row.id: row.body for row in rows}


def record_events(
    connection: Connection,
    rules: EntryRules,
    changes: WriteSet,
    before: Bodies,
    now_ms: int,
) -> None:
    """Record what *changes* did, after it was stored.

    Args:
        connection: The connection, in the transaction of the changes.
        rules: The rules of the definition.
        changes: The changes.
        before: What :func:`read_bodies` returned before they were stored.
        now_ms: The time of the changes.
    """
    if not rules.history:
        return
    left_out = frozenset(rules.encrypted)
    events = [
        (entry_id, ADD, _list_values(body, left_out))
        for entry_id, (_, _, body) in changes.all_created().items()
    ]
    events += [
        (entry_id, ADD, _list_values(body, left_out))
        for entry_id, (_, _, body) in changes.filled.items()
    ]
    events += [
        (entry_id, UPDATE, _list_changes(before[entry_id], body, left_out))
        for entry_id, (_, body) in changes.updated.items()
        if entry_id in before
    ]
    rows = [
        {
            "entry_id": entry_id,
            "kind": kind,
            "created": now_ms,
            "changes": dumps(listed),
        }
        for entry_id, kind, listed in events
        if listed or kind == ADD
    ]
    if rows:
        connection.execute(insert(entry_event), rows)


def read_events(
    connection: Connection, dialect: Dialect, ids: Collection[int]
) -> dict[int, list[EntryEvent]]:
    """Return the events of entries by id, the most recent ones first."""
    columns = entry_event.c
    query = (
        select(columns.entry_id, columns.created, columns.kind, columns.changes)
        .where(dialect.any_of(columns.entry_id))
        .order_by(columns.id.desc())
    )
    events: dict[int, list[EntryEvent]] = {entry_id: [] for entry_id in ids}
    for row in connection.execute(query, {"keys": dialect.keys(ids)}):
        event = EntryEvent(row.created, row.kind, loads(row.changes))
        events[row.entry_id].append(event)
    return events


def _list_values(body: bytes, left_out: Collection[str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "newValue": value}
        for name, value in loads(body).items()
        if name not in left_out
    ]


def _list_changes(
    old_body: bytes, new_body: bytes, left_out: Collection[str]
) -> list[dict[str, Any]]:
    return list(_iterate_changes(loads(old_body), loads(new_body), left_out))


def _iterate_changes(
    old: Mapping[str, Any], new: Mapping[str, Any], left_out: Collection[str]
) -> Iterator[dict[str, Any]]:
    for name in sorted((old.keys() | new.keys()) - set(left_out)):
        if old.get(name) != new.get(name):
            yield {
                "name": name,
                "newValue": new.get(name),
                "oldValue": old.get(name),
            }
