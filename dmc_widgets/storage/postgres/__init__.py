"""Tables of our own in PostgreSQL: for workspaces that several machines share."""

from __future__ import annotations

from .database import PostgresDatabase

__all__ = ["PostgresDatabase"]
