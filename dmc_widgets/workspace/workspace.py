"""The workspace: the open folder with everything in it."""

from __future__ import annotations

import getpass
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_data_path

from ..model.roles import Role
from ..storage.operating_system import user_name_of_id
from ..storage.private_files import make_private_folder, restrict_tree
from ..storage.sqlite_lock import LockWait
from .backups import backup_connection, find_backup
from .changes import ChangeStore
from .connections import Connection, ConnectionStore
from .course.store import CourseStore
from .database import INTERACTIVE_WAIT
from .database_choice import open_workspace_database
from .digests import DigestStore
from .drafts import DraftStore
from .emergency_record import EmergencyRecord
from .file_transfer import (
    UnfinishedUpload,
    Upload,
    discard_unfinished,
    list_unfinished,
    translate_os_errors,
)
from .history.store import HistoryStore
from .mapping_history import MappingHistory
from .matched_codes import MatchedCodeStore
from .outcomes import OutcomeStore
from .partitions import PartitionStore
from .permissions import Permissions
from .renaming import InstallationRenaming
from .repair_drafts import RepairDraftStore
from .repairs import RepairStore
from .source_policy import SourcePolicy
from .task_queue import TaskQueue
from .tasks import TaskRegistry
from .templates import TemplateStore
from .users import UserStore
from .verifications import VerificationStore

_STALE_UPLOAD_S = 24 * 60 * 60
_UPLOADS = "uploads"
# A workspace in a folder with other files may be shared on purpose.
_OURS = re.compile(
    r"workspace\.db(-wal|-shm|-journal)?|database\.json|tasks|uploads|transfers|users\.json|sessions\.json|sample|open-dashboard-\d+\.html"
    r"|dashboard-\d+\.(token|sessions)\.json"
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
        path: The folder; it is created if it does not exist. None means
            :func:`default_path`.
        waiting: How long to wait while other processes write to its database.
        user: The user of a shared workspace whose roles apply; empty for the owner of
            the files, who may do everything.

    Raises:
        WorkspaceUnusable: The folder cannot be used, or holds something else.
        DiskFull: There is no space to create it.
    """

    def __init__(
        self,
        path: Path | None = None,
        waiting: LockWait = INTERACTIVE_WAIT,
        *,
        user: str = "",
    ) -> None:
        self.path = (path or default_path()).expanduser().absolute()
        with translate_os_errors(self.path):
            make_private_folder(self.path)
        self._database = open_workspace_database(self.path, waiting)
        if _holds_only_ours(self.path):
            restrict_tree(self.path)
        self.users = UserStore(self.path)
        self.permissions = Permissions(self.users, user, self._list_owners)
        self.connections = ConnectionStore(
            self._database,
            current_timestamp,
            lambda name: find_backup(name, self.task_folder),
            permissions=self.permissions,
        )
        self.renaming = self._open_renaming()
        self.mappings = MappingHistory(self._database)
        shared = (self._database, current_timestamp, current_user, self.permissions)
        self.templates = TemplateStore(*shared)
        self.tasks = TaskRegistry(*shared)
        self.queue = TaskQueue(self._database)
        self.outcomes = OutcomeStore(self._database)
        self.history = HistoryStore(*shared)
        self.course = CourseStore(self._database, current_timestamp)
        self.changes = ChangeStore(self._database)
        self.digests = DigestStore(self._database)
        self.verifications = VerificationStore(self._database)
        self.repairs = RepairStore(self._database)
        self.repair_drafts = RepairDraftStore(self._database)
        self.drafts = self._open_drafts()
        self.matched_codes = MatchedCodeStore(self._database)
        self.partitions = PartitionStore(self._database)
        self.source_policy = SourcePolicy.from_environment()

    def _open_renaming(self) -> InstallationRenaming:
        return InstallationRenaming(
            self._database,
            self.users,
            self.permissions,
            current_timestamp,
            current_user,
        )

    def _open_drafts(self) -> DraftStore:
        return DraftStore(
            self._database,
            current_timestamp,
            lambda: self.permissions.user or current_user(),
            self.path / "drafts",
        )

    def close(self) -> None:
        """Close the database. Closing twice is harmless."""
        self._database.close()

    def _list_owners(self) -> dict[str, str]:
        """Return the owner of each installation of one user, and of its backups."""
        return {
            row["name"]: row["owner"]
            for row in self._database.rows(
                "SELECT name, owner FROM installation WHERE owner <> '' "
                "UNION ALL SELECT 'Backup ' || task.id, owner FROM task "
                "JOIN installation ON installation.name = task.installation "
                "WHERE owner <> '' AND action = 'Backup'"
            )
        }

    def setting(self, name: str) -> str | None:
        """Return a setting of the program; None if it is not set."""
        row = self._database.row("SELECT value FROM setting WHERE name = ?", [name])
        return row["value"] if row else None

    def save_setting(self, name: str, value: str) -> None:
        """Store a setting of the program.

        Raises:
            NotPermitted: The user may not administer the workspace.
        """
        self.permissions.require(Role.ADMINISTER)
        self._database.run(
            "INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, value]
        )

    def task_folder(self, task_id: int) -> Path:
        """Return the folder of a task's files; it may not exist yet."""
        return self.path / "tasks" / str(task_id)

    def backup(self, task_id: int) -> Connection:
        """Return the connection to what a backup task makes, or has made."""
        return backup_connection(task_id, self.task_folder(task_id))

    def emergency_record(self, task_id: int) -> EmergencyRecord:
        """Return the record of a task's end, with its reserved disk space."""
        return EmergencyRecord(self.task_folder(task_id))

    def sync_each_commit(self) -> None:
        """Make every commit survive a loss of power."""
        self._database.sync_each_commit()

    def new_upload(self, name: str, size_bytes: int) -> Upload:
        """Return a new upload; see :class:`Upload`."""
        folder = self.path / _UPLOADS
        _remove_stale(folder)
        return Upload(folder, name, size_bytes, owner=self.permissions.user)

    def list_unfinished_uploads(self) -> list[UnfinishedUpload]:
        """Return the uploads of the user that a page has left, the latest first."""
        return list_unfinished(self.path / _UPLOADS, self.permissions.user)

    def discard_unfinished_upload(self, key: str) -> None:
        """Remove one of them. Harmless if it is gone."""
        discard_unfinished(self.path / _UPLOADS, self.permissions.user, key)


def current_timestamp() -> str:
    """Return the time as the workspace stores it: ISO 8601 in UTC, to the ms."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def current_user() -> str:
    """Return the name of the user who signed in, else that of the operating system."""
    for variable in ("DMC_USER", "JUPYTERHUB_USER"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user may have no name
        return user_name_of_id()


def _holds_only_ours(folder: Path) -> bool:
    return all(_OURS.fullmatch(path.name) for path in folder.iterdir())


def _remove_stale(folder: Path) -> None:
    """Remove uploads that no task has taken for a day: their page is closed."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if time.time() - path.stat().st_mtime > _STALE_UPLOAD_S:
            path.unlink(missing_ok=True)
