"""Actions: the kinds of tasks."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What a task does: it moves items, takes that back, or looks at them."""

    EXPORT = "Export"
    IMPORT = "Import"
    MIGRATION = "Migration"
    VERIFICATION = "Verification"
    BACKUP = "Backup"
    UNDO = "Undo"
