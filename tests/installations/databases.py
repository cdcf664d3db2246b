"""Empty databases of each kind, for tests that hold for all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from dmc_widgets.installations import ConnectOptions
from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.postgresql_access import connection_parameters
from dmc_widgets.installations.sql.database.dialect import Dialect
from dmc_widgets.installations.sql.database.sqlite import Sqlite
from dmc_widgets.model.access import Access
from dmc_widgets.storage.sqlite_lock import SHORT_WAIT, LockWait
from tests.postgresql import create_installation

KINDS: Final = ("sqlite", "postgresql")


def empty_database(kind: str, folder: Path) -> Dialect:
    """Return an empty database of a kind, with our tables or without."""
    if kind == "sqlite":
        return Sqlite(folder / "empty.db")
    return postgres(create_installation())


def postgres(url: str, waiting: LockWait = SHORT_WAIT) -> Dialect:
    """Return the database at an address of the server of the tests."""
    from dmc_widgets.installations.sql.database.postgres import Postgres

    address = parse_address(url)
    options = replace(ConnectOptions(), access=Access(user=address.user))
    return Postgres(connection_parameters(address, options), waiting)
