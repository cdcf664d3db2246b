"""The stores, settings and tasks of a running sandbox, opened and closed together."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self, cast

from ..errors import InstallationError
from ..installations import ConnectOptions
from ..installations.registry import open_postgresql
from ..installations.sql import SandboxInstallation, open_for_server
from ..storage.sqlite_lock import LockWait
from .auth.login_throttle import LoginThrottle
from .auth.middleware import AccessTokens
from .batch.batch_engine import BatchEngine
from .batch.callbacks import CallbackSender
from .batch.task_store import TaskStore
from .database import SandboxDatabase
from .entity_store import REQUEST_WAITING, EntityStore, WriteLock
from .played_version import PlayedVersion
from .settings import Settings


@dataclass(frozen=True, slots=True)
class AppContext:
    """Everything that request handlers work with.

    Attributes:
        settings: The settings that the sandbox was started with.
        store: The installation that is served.
        database: The sandbox's own database: tasks, and ids of parts.
        engine: The batch engine, which runs tasks.
        tokens: The access tokens that were issued.
        login_throttle: Counts wrong passwords.
    """

    settings: Settings
    store: EntityStore
    database: SandboxDatabase
    engine: BatchEngine
    tokens: AccessTokens
    login_throttle: LoginThrottle

    @property
    def version(self) -> PlayedVersion | None:
        """The version of Liferay that is played; None for the newest."""
        return self.store.version

    @classmethod
    def open(cls, path: Path, settings: Settings) -> Self:
        """Open the installation in the database file *path*, and the folder beside it.

        With a *store* in the settings the installation is there, and only the folder
        belongs to *path*.

        Raises:
            InstallationError: The file cannot be opened, or is not an installation.
            UnknownName: The version to play is unknown.
        """
        version = PlayedVersion(settings.version) if settings.version else None
        installation = _open_installation(path, settings, REQUEST_WAITING)
        installation.add_builtin_documents()
        for site in settings.sites:
            installation.add_site(site)
        write_lock = WriteLock()
        store = EntityStore(installation, REQUEST_WAITING, write_lock, version)
        stopping = threading.Event()
        task_waiting = LockWait(
            limit_s=None, should_continue=lambda: not stopping.is_set()
        )
        task_installation = _open_installation(path, settings, task_waiting)
        task_entities = EntityStore(
            task_installation, task_waiting, write_lock, version
        )
        folder = path.with_name(f"{path.name}.sandbox")
        database = SandboxDatabase(folder, task_waiting)
        engine = BatchEngine(
            task_entities,
            TaskStore(database),
            CallbackSender(settings),
            settings.workers,
            stopping,
        )
        engine.resume()
        tokens = AccessTokens(settings.token_seconds)
        login_throttle = LoginThrottle(settings.max_wrong_passwords)
        return cls(settings, store, database, engine, tokens, login_throttle)

    def close(self) -> None:
        """Stop the threads of tasks, then close the files.

        Everything that was written is in the files afterwards; they may be copied.
        """
        self.engine.close()
        self.database.close()
        with suppress(InstallationError):  # it stays in the log, and is not lost
            self.store.installation.checkpoint()
        self.store.installation.close()


def _open_installation(
    path: Path, settings: Settings, waiting: LockWait
) -> SandboxInstallation:
    if not settings.store:
        return open_for_server(path, path.name, waiting=waiting)
    options = ConnectOptions(name=path.stem)
    opened = open_postgresql(settings.store, options, waiting=waiting, for_server=True)
    return cast("SandboxInstallation", opened)
