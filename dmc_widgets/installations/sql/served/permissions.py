"""The permissions of entries, as clients of a server state them.

Nothing here is checked against them: an embedded installation has no users.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from orjson import dumps, loads
from sqlalchemy import Connection, delete, insert, select

from ..database.dialect import Dialect
from ..database.tables import entry_permission

Permission = dict[str, Any]
"""A role (``roleName``) and what it may do (``actionIds``)."""


def read_permissions(
    connection: Connection, dialect: Dialect, ids: Collection[int]
) -> dict[int, list[Permission]]:
    """Return the permissions of entries by id; absent are those never stated."""
    columns = entry_permission.c
    query = select(columns.entry_id, columns.permissions).where(
        dialect.any_of(columns.entry_id)
    )
    rows = connection.execute(query, {"keys": dialect.keys(ids)})
    return {row.entry_id: loads(row.permissions) for row in rows}


def store_permissions(
    connection: Connection, entry_id: int, permissions: Sequence[Permission]
) -> None:
    """Replace the permissions of an entry."""
    own = entry_permission.c.entry_id == entry_id
    connection.execute(delete(entry_permission).where(own))
    row = {"entry_id": entry_id, "permissions": dumps(list(permissions))}
    connection.execute(insert(entry_permission), row)
