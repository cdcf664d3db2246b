"""What a sandbox holds, opened and closed together."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..errors import InstallationError
from ..installations.sql import open_sqlite
from ..sqlite_lock import Waiting
from .batch_engine import Engine
from .batch_tasks import Tasks
from .callback import Callbacks
from .gate import Tokens
from .guessing import Guesses
from .ledger import Ledger
from .settings import Settings
from .store import REQUEST_WAITS, Store, Turns


@dataclass(frozen=True, slots=True)
class Rooms:
    """What handlers work with.

    Attributes:
        settings: As the person wants them.
        store: The installation.
        ledger: Tasks and ids of parts.
        engine: Runs tasks.
        tokens: Those that were given out.
        guesses: At passwords.
    """

    settings: Settings
    store: Store
    ledger: Ledger
    engine: Engine
    tokens: Tokens
    guesses: Guesses

    @classmethod
    def open(cls, database: Path, settings: Settings) -> Self:
        """Open the database of an installation, and the folder beside it.

        Raises:
            InstallationError: It cannot be opened, or is none.
        """
        opened = open_sqlite(database, database.name, waiting=REQUEST_WAITS)
        for site in settings.sites:
            opened.add_site(site)
        turns = Turns()
        store = Store(opened, REQUEST_WAITS, turns)
        stopping = threading.Event()
        patiently = Waiting(limit_s=None, still_wanted=lambda: not stopping.is_set())
        opened = open_sqlite(database, database.name, waiting=patiently)
        tasks_store = Store(opened, patiently, turns)
        ledger = Ledger(database.with_name(f"{database.name}.sandbox"), patiently)
        callbacks = Callbacks(settings)
        engine = Engine(
            tasks_store, Tasks(ledger), callbacks, settings.workers, stopping
        )
        engine.resume()
        tokens = Tokens(settings.token_seconds)
        guesses = Guesses(settings.wrong_guesses)
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
