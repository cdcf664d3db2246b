"""Databases as older versions left them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

_TABLES: Final = {
    "0002": ("counter",),
    "0003": ("stored_file",),
    "0004": ("entry_link", "many_to_many"),
    "0005": ("spent_id",),
    "0006": ("site",),
    "0007": ("entry_event", "entry_permission"),
    "0008": ("lost_value",),
}


def set_back(path: Path, version: str) -> None:
    """Take from a database the tables and indexes that came after *version*."""
    with closing(sqlite3.connect(path)) as connection, connection:
        if version < "0009":
            connection.execute("DROP INDEX entry_placeholder")
        for later, tables in _TABLES.items():
            for table in tables if later > version else ():
                connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
