"""Placeholders of entries in the tables: entries that have only been named so far.

They are rows of the table of entries with the status *empty*, so that links and ids of
parents need no other rule for them. The rules are those of
:mod:`dmc_widgets.objects.entries.lazy_references`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    or_,
    select,
    union,
    update,
)

from ...objects.documents.change_set import PICKLIST
from ...objects.entries.lazy_references import NO_VALUES
from ...objects.entries.stored_entries import WriteSet
from ...objects.entries.system_properties import EMPTY
from .database.dialect import Dialect
from .database.sequences import retire_id
from .database.tables import document, entry, entry_link, relationship

_FILL: Final = (
    update(entry)
    .where(entry.c.id == bindparam("filled_id"))
    .values(
        status=bindparam("new_status"),
        body=bindparam("new_body"),
        created=bindparam("now"),
        modified=bindparam("now"),
    )
)

# A literal, because a database chooses a partial index before it knows parameters.
IS_PLACEHOLDER: Final[ColumnElement[bool]] = entry.c.status == bindparam(
    "empty", EMPTY, literal_execute=True
)
NO_PLACEHOLDER: Final[ColumnElement[bool]] = entry.c.status != EMPTY

_OF_CODE: Final = (
    select(entry.c.id).where(IS_PLACEHOLDER, entry.c.erc == bindparam("code")).limit(1)
)


def has_placeholder(connection: Connection, code: str) -> bool:
    """Return True if a placeholder of any object has the code; mostly none has any."""
    return connection.execute(_OF_CODE, {"code": code}).first() is not None


def write_placeholders(
    connection: Connection, dialect: Dialect, changes: WriteSet, scope: str, now_ms: int
) -> None:
    """Add the placeholders of a batch, and fill those whose records have come.

    Args:
        connection: A connection in the transaction of the batch.
        dialect: The dialect of the database.
        changes: What the batch writes.
        scope: The scope under which the entries of the batch are stored.
        now_ms: The time of the batch. A filled entry counts as created by it.
    """
    if changes.placeholders:
        times = (now_ms, now_ms)
        rows = [
            (
                entry_id,
                definition.id,
                "" if definition.company_scoped else scope,
                erc,
                EMPTY,
                NO_VALUES,
                *times,
            )
            for entry_id, (definition, erc) in changes.placeholders.items()
        ]
        dialect.insert_entries(connection, rows)
    if changes.filled:
        filled: list[dict[str, Any]] = [
            {
                "filled_id": entry_id,
                "new_status": status,
                "new_body": body,
                "now": now_ms,
            }
            for entry_id, (_, status, body) in changes.filled.items()
        ]
        connection.execute(_FILL, filled)


def add_choices(
    connection: Connection, choices: Mapping[str, Collection[str]], now_ms: int
) -> None:
    """Add entries to picklists, with their keys as their names.

    Args:
        connection: A connection in the transaction of the batch.
        choices: The keys to add by the picklist's ERC.
        now_ms: The time of the batch.
    """
    for erc, keys in choices.items():
        own = (document.c.kind == PICKLIST) & (document.c.erc == erc)
        stored = connection.execute(select(document.c.body).where(own)).scalar()
        if stored is None:
            continue
        body = orjson.loads(stored)
        entries = list(body.get("listTypeEntries") or ())
        known = {choice["key"] for choice in entries}
        entries += [{"key": key, "name": key} for key in sorted(set(keys) - known)]
        body["listTypeEntries"] = entries
        changed = orjson.dumps(body)
        connection.execute(
            update(document).where(own).values(body=changed, modified=now_ms)
        )


def has_placeholders(connection: Connection) -> bool:
    """Return True if there is any entry that was only named; most often there is none.

    It costs less than to look for those that an entry names.
    """
    query = select(entry.c.id).where(IS_PLACEHOLDER).limit(1)
    return connection.execute(query).first() is not None


def find_named_placeholders(
    connection: Connection, naming: ColumnElement[bool]
) -> set[int]:
    """Return the ids of the placeholders that some entries name.

    Args:
        connection: A connection for reading.
        naming: The condition of the entries that name them.
    """
    named, namer = entry.alias(), entry
    children = (
        select(named.c.id)
        .select_from(relationship)
        .join(namer, namer.c.id == relationship.c.entry_id)
        .join(
            named,
            and_(
                named.c.definition_id == relationship.c.parent_definition_id,
                named.c.erc == relationship.c.parent_erc,
                or_(named.c.scope == "", named.c.scope == namer.c.scope),
            ),
        )
        .where(naming, named.c.status == EMPTY)
    )
    sides = ((entry_link.c.entry1_id, entry_link.c.entry2_id),)
    links: list[Select[Any]] = [
        select(named.c.id)
        .select_from(entry_link)
        .join(namer, namer.c.id == own)
        .join(named, named.c.id == other)
        .where(naming, named.c.status == EMPTY)
        for own, other in (*sides, *(side[::-1] for side in sides))
    ]
    return set(connection.execute(union(children, *links)).scalars())


def remove_unnamed_placeholders(connection: Connection, ids: Collection[int]) -> None:
    """Remove those of some placeholders that no entry names any more."""
    for number in ids:
        child = entry.alias()
        named = (
            select(relationship.c.entry_id)
            .join(child, child.c.id == relationship.c.entry_id)
            .where(
                relationship.c.parent_definition_id == entry.c.definition_id,
                relationship.c.parent_erc == entry.c.erc,
                or_(entry.c.scope == "", entry.c.scope == child.c.scope),
            )
        )
        linked = select(entry_link.c.name).where(
            or_(entry_link.c.entry1_id == number, entry_link.c.entry2_id == number)
        )
        removed = connection.execute(
            delete(entry).where(
                entry.c.id == number,
                IS_PLACEHOLDER,
                ~named.exists(),
                ~linked.exists(),
            )
        )
        if removed.rowcount:
            retire_id(connection, entry, number)
