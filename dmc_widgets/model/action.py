"""Actions: the kinds of tasks."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """The direction of a task: out of an installation, into one, or between two."""

    EXPORT = "Export"
    IMPORT = "Import"
    MIGRATION = "Migration"
