"""Migrate the tables with Alembic. Imported only when a database needs it."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

# Alembic keeps the migration that runs in a variable of its module, so that two threads
# with a database each would take one another's connection.
_one_at_a_time = Lock()


def upgrade_tables(connection: Connection, revision: str) -> None:
    """Migrate the tables to *revision*, in the transaction of *connection*."""
    config = alembic_config()
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, revision)


def alembic_config() -> Config:
    """Return a configuration with the migrations that are part of the package."""
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
