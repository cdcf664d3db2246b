"""What a sandbox holds, opened and closed together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..installations.sql import open_sqlite
from .batch_engine import Engine
from .batch_tasks import Tasks
from .callback import Callbacks
from .gate import Tokens
from .guessing import Guesses
from .ledger import Ledger
from .settings import Settings
from .store import Store


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
        store = Store(open_sqlite(database, database.name))
        ledger = Ledger(database.with_name(f"{database.name}.sandbox"))
        engine = Engine(store, Tasks(ledger), Callbacks(settings), settings.workers)
        engine.resume()
        tokens = Tokens(settings.token_seconds)
        guesses = Guesses(settings.wrong_guesses)
        return cls(settings, store, ledger, engine, tokens, guesses)

    def close(self) -> None:
        """End the tasks' threads, then let go of the files."""
        self.engine.close()
        self.ledger.close()
        self.store.installation.close()
