"""Backups as installations: each is known by the number of the task that made it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..storage.operating_system import sqlite_url_path
from .connections import Connection

BACKUP_FILE: Final = "backup.db"
_NAME: Final = re.compile(r"Backup ([1-9][0-9]*)")


def backup_name(task_id: int) -> str:
    """Return the name of the installation that a backup task has made: ``Backup 7``."""
    return f"Backup {task_id}"


def backup_task_id(name: str) -> int | None:
    """Return the number of the task that made a backup; None for another name."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def backup_connection(task_id: int, folder: Path) -> Connection:
    """Return the connection to the backup in the folder of a task."""
    path = sqlite_url_path(folder / BACKUP_FILE)
    return Connection(backup_name(task_id), f"sqlite:///{path}")


def find_backup(name: str, task_folder: Callable[[int], Path]) -> Connection | None:
    """Return the connection to the backup of a name; None if there is none."""
    task_id = backup_task_id(name)
    if task_id is None:
        return None
    folder = task_folder(task_id)
    is_there = (folder / BACKUP_FILE).is_file()
    return backup_connection(task_id, folder) if is_there else None
