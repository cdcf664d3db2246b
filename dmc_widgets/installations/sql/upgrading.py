"""Bringing tables to a revision with Alembic. Imported only when there is need."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade_tables(connection: Connection, revision: str) -> None:
    """Bring the tables to *revision*, in the transaction of *connection*."""
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def alembic_config() -> Config:
    """Name the folder of the migrations, which is part of the package."""
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
