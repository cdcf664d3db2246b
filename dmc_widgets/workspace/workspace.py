"""The workspace as one thing that callers hold."""

from __future__ import annotations

import getpass
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_data_path

from ..storage.private_files import make_private_folder, restrict_tree
from ..storage.sqlite_lock import LockWait
from .connections import ConnectionStore
from .database import INTERACTIVE_WAIT, WorkspaceDatabase
from .emergency_record import EmergencyRecord
from .file_transfer import Upload, translate_os_errors
from .mapping_history import MappingHistory
from .outcomes import OutcomeStore
from .tasks import TaskRegistry
from .templates import TemplateStore

_STALE_UPLOAD_S = 24 * 60 * 60
_DATABASE = "workspace.db"
# Whoever names a folder with other things in it as the workspace shares it perhaps.
_OURS = re.compile(
    r"workspace\.db(-wal|-shm|-journal)?|tasks|uploads|sample|open-dashboard-\d+\.html"
)


def default_path() -> Path:
    """Return ``DMC_WORKSPACE`` if it is set, else a folder of the user's own."""
    chosen = os.environ.get("DMC_WORKSPACE")
    if chosen:
        return Path(chosen)
    return user_data_path("dmc_widgets", appauthor=False)


class Workspace:
    """A folder with connections, templates, used mappings, tasks and their files.

    Args:
        path: The folder; made where it is not there. None means
            :func:`default_path`.
        waiting: How long to wait while other processes write to its database.

    Raises:
        WorkspaceUnusable: The folder cannot be used, or holds something else.
        DiskFull: There is no room to make it.
    """

    def __init__(
        self, path: Path | None = None, waiting: LockWait = INTERACTIVE_WAIT
    ) -> None:
        self.path = (path or default_path()).expanduser().absolute()
        with translate_os_errors(self.path):
            make_private_folder(self.path)
        self._database = WorkspaceDatabase(self.path / _DATABASE, waiting)
        if _holds_only_ours(self.path):
            restrict_tree(self.path)
        self.connections = ConnectionStore(self._database, current_timestamp)
        self.mappings = MappingHistory(self._database)
        self.templates = TemplateStore(self._database, current_timestamp, current_user)
        self.tasks = TaskRegistry(self._database, current_timestamp, current_user)
        self.outcomes = OutcomeStore(self._database)

    def close(self) -> None:
        """Let go of the files. Closing twice is harmless."""
        self._database.close()

    def setting(self, name: str) -> str | None:
        """Return a value that the workspace keeps for the program, if it is there."""
        found = self._database.row("SELECT value FROM setting WHERE name = ?", [name])
        return found["value"] if found else None

    def save_setting(self, name: str, value: str) -> None:
        """Keep a value for the program."""
        self._database.run(
            "INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value]
        )

    def task_folder(self, task_id: int) -> Path:
        """Return the folder of a task's files; it may not be there yet."""
        return self.path / "tasks" / str(task_id)

    def last_words(self, task_id: int) -> EmergencyRecord:
        """Return the note about the end of a task, and the room kept for it."""
        return EmergencyRecord(self.task_folder(task_id))

    def sync_each_commit(self) -> None:
        """Bring each commit to the disk before going on; others are synced later."""
        self._database.sync_each_commit()

    def new_upload(self, name: str, size_bytes: int) -> Upload:
        """Begin to receive a file; see :class:`Upload`."""
        folder = self.path / "uploads"
        _remove_stale(folder)
        return Upload(folder, name, size_bytes)


def current_timestamp() -> str:
    """Return the time as the workspace writes it: ISO 8601 in UTC, to the ms."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def current_user() -> str:
    """Return who is at work: the system's name of the user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"user {os.getuid()}"


def _holds_only_ours(folder: Path) -> bool:
    return all(_OURS.fullmatch(path.name) for path in folder.iterdir())


def _remove_stale(folder: Path) -> None:
    """Remove uploads that nobody has taken for a day: their page is long gone."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if time.time() - path.stat().st_mtime > _STALE_UPLOAD_S:
            path.unlink(missing_ok=True)
