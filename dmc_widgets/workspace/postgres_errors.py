"""Errors of a workspace's PostgreSQL database, in our words."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psycopg

from ..errors import DiskFull, DmcError, WorkspaceUnusable
from ..storage.postgres.database import NewerSchema

_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (
        psycopg.errors.LockNotAvailable,
        "another program keeps the workspace locked. End it, or try later.",
    ),
    (
        psycopg.errors.InsufficientPrivilege,
        "its database does not let this user read and write the tables. Ask for the "
        "rights to the schema.",
    ),
    (
        psycopg.errors.ReadOnlySqlTransaction,
        "its database is read-only now, as a replica is. Name the server that takes "
        "writes.",
    ),
)


def translate_error(error: Exception, folder: Path) -> DmcError:
    """Return the error to raise for what the server or the driver reported."""
    if isinstance(error, NewerSchema):
        reason = (
            "this workspace was written by a newer version "
            f"(step {error.version}, known here: {error.known}). Update dmc-widgets."
        )
        return WorkspaceUnusable(str(folder), reason)
    if isinstance(error, psycopg.errors.DiskFull):
        reason = "the disk of its database server is full. Free some space there."
        return DiskFull(str(folder), reason)
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return WorkspaceUnusable(str(folder), reason)
    message = " ".join(str(error).split())
    if isinstance(error, psycopg.OperationalError):
        reason = f"its database server does not answer ({message})."
    else:
        reason = f"its database did not answer as expected ({message})."
    return WorkspaceUnusable(str(folder), reason)
