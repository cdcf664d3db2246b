"""Which database a workspace has: a file of its own, or one of a PostgreSQL server.

Several machines can share a folder of files, but not a SQLite file: network drives do
not lock it as SQLite needs. So a folder may name a database server in ``database.json``
instead. It holds no password; libpq finds one in ``PGPASSWORD``, ``.pgpass`` or a
service file of the user.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ..errors import InvalidPlan, WorkspaceUnusable
from ..storage.private_files import make_private_folder, write_atomically
from ..storage.sqlite_lock import LockWait
from .database import WorkspaceDatabase, WorkspaceFile

SETTINGS_FILE: Final = "database.json"
DATABASE_FILE: Final = "workspace.db"
DEFAULT_SCHEMA: Final = "dmc_widgets"

_SCHEMA_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_MISSING: Final = (
    "it names a PostgreSQL database, for which psycopg is needed. "
    'Install it with: pip install "dmc-widgets[postgresql]"'
)


@dataclass(frozen=True, slots=True)
class DatabaseChoice:
    """The PostgreSQL database of a workspace.

    Attributes:
        url: Its address without a password: ``postgresql://team@db.example.com/dmc``.
        schema: The schema of the tables; a database may hold several workspaces.

    Raises:
        InvalidPlan: It is another address, holds a password, or the schema's name is
            not one of small letters, digits and underscores.
    """

    url: str
    schema: str = DEFAULT_SCHEMA

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
        except ValueError as exc:
            raise InvalidPlan(_not_an_address(self.url)) from exc
        if parts.password or "password" in parse_qs(parts.query):
            reason = (
                "The address of a workspace's database holds no password. Put it into "
                "PGPASSWORD or the file ~/.pgpass."
            )
            raise InvalidPlan(reason)
        if parts.scheme not in {"postgresql", "postgres"}:
            raise InvalidPlan(_not_an_address(self.url))
        if not _SCHEMA_NAME.fullmatch(self.schema):
            reason = (
                f"{self.schema!r} cannot name the tables of a workspace. Use small "
                "letters, digits and underscores."
            )
            raise InvalidPlan(reason)


def read_choice(folder: Path) -> DatabaseChoice | None:
    """Return the database that a workspace names; None if it has a file of its own.

    Raises:
        WorkspaceUnusable: What it names cannot be read.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        return None
    try:
        return DatabaseChoice(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, InvalidPlan) as exc:
        reason = f"{SETTINGS_FILE} does not name a database ({exc})."
        raise WorkspaceUnusable(str(folder), reason) from exc


def save_choice(folder: Path, choice: DatabaseChoice) -> None:
    """Let a workspace that is still empty have its tables in a database server.

    Raises:
        WorkspaceUnusable: The folder already holds a workspace with another database,
            or the database cannot be used.
    """
    known = read_choice(folder)
    if known == choice:
        return
    if known is not None or (folder / DATABASE_FILE).exists():
        reason = (
            "it already holds a workspace with another database. Choose a new folder."
        )
        raise WorkspaceUnusable(str(folder), reason)
    _open_server(folder, choice, LockWait()).close()  # it makes the tables
    content = json.dumps(asdict(choice), indent=2) + "\n"
    make_private_folder(folder)
    write_atomically(folder / SETTINGS_FILE, [content.encode()])


def open_workspace_database(folder: Path, waiting: LockWait) -> WorkspaceDatabase:
    """Open the database of a workspace; create its tables if there are none.

    Raises:
        WorkspaceUnusable: It cannot be used, or was written by a newer version.
        DiskFull: There is no room to create it.
    """
    choice = read_choice(folder)
    if choice is None:
        return WorkspaceFile(folder / DATABASE_FILE, waiting)
    return _open_server(folder, choice, waiting)


def _open_server(
    folder: Path, choice: DatabaseChoice, waiting: LockWait
) -> WorkspaceDatabase:
    try:  # few workspaces need the driver, and not everybody has installed it
        from ..storage.postgres import PostgresDatabase
    except ImportError as exc:
        raise WorkspaceUnusable(str(folder), _MISSING) from exc
    from .postgres_errors import translate_error
    from .postgres_schema import MIGRATIONS

    return PostgresDatabase(
        choice.url,
        choice.schema,
        MIGRATIONS,
        waiting=waiting,
        translate=partial(translate_error, folder=folder),
    )


def _not_an_address(url: str) -> str:
    scheme = url.partition(":")[0]
    return (
        f"A workspace's database has an address such as postgresql://user@host/name, "
        f"not one that begins with {scheme[:20]!r}."
    )
