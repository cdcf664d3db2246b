"""What a sandbox holds, opened and closed together."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..errors import InstallationError
from ..installations.sql import open_sqlite
from ..storage.sqlite_lock import LockWait
from .auth.login_throttle import LoginThrottle
from .auth.middleware import AccessTokens
from .batch.batch_engine import BatchEngine
from .batch.callbacks import CallbackSender
from .batch.task_store import TaskStore
from .database import SandboxDatabase
from .entity_store import REQUEST_WAITING, EntityStore, WriteLock
from .settings import Settings


@dataclass(frozen=True, slots=True)
class AppContext:
    """What handlers work with.

    Attributes:
        settings: As the person wants them.
        store: The installation.
        ledger: TaskStore and ids of parts.
        engine: Runs tasks.
        tokens: Those that were given out.
        guesses: At passwords.
    """

    settings: Settings
    store: EntityStore
    ledger: SandboxDatabase
    engine: BatchEngine
    tokens: AccessTokens
    guesses: LoginThrottle

    @classmethod
    def open(cls, database: Path, settings: Settings) -> Self:
        """Open the database of an installation, and the folder beside it.

        Raises:
            InstallationError: It cannot be opened, or is none.
        """
        opened = open_sqlite(database, database.name, waiting=REQUEST_WAITING)
        for site in settings.sites:
            opened.add_site(site)
        turns = WriteLock()
        store = EntityStore(opened, REQUEST_WAITING, turns)
        stopping = threading.Event()
        patiently = LockWait(
            limit_s=None, should_continue=lambda: not stopping.is_set()
        )
        opened = open_sqlite(database, database.name, waiting=patiently)
        tasks_store = EntityStore(opened, patiently, turns)
        ledger = SandboxDatabase(
            database.with_name(f"{database.name}.sandbox"), patiently
        )
        callbacks = CallbackSender(settings)
        engine = BatchEngine(
            tasks_store, TaskStore(ledger), callbacks, settings.workers, stopping
        )
        engine.resume()
        tokens = AccessTokens(settings.token_seconds)
        guesses = LoginThrottle(settings.max_wrong_passwords)
        return cls(settings, store, ledger, engine, tokens, guesses)

    def close(self) -> None:
        """End the tasks' threads, then let go of the files.

        Everything that was written is in the files then, and they may be copied.
        """
        self.engine.close()
        self.ledger.close()
        with suppress(InstallationError):  # it stays in the log, and is not lost
            self.store.installation.settle()
        self.store.installation.close()
