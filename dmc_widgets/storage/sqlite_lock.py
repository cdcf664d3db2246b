"""LockWait until a SQLite file is free: fairly, and for as long as it makes sense.

SQLite admits one writer at a time and keeps no queue of those who wait. Its own
waiting asks less and less often, so that a writer who has waited long loses to one
who has just come, and it gives up after a fixed time whoever waits. Here everybody
who waits asks equally often, at moments that are spread at random, and so has the
same chance at each release; how long it goes on is the caller's choice.

A queue of tickets in a file beside the database was turned down: other programs that
write to the database would take no ticket, and a process that is killed would leave
its own behind.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

T = TypeVar("T")

STATEMENT_WAIT_S: Final = 5.0
"""How long SQLite itself waits within a transaction, where a lock is rarely met."""

_LONGEST_PAUSE_S: Final = 0.012
_ASK_EVERY_S: Final = 0.2
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class LockWaitCancelled(Exception):
    """Nobody wants the result any more, so the wait for the lock was given up."""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWait:
    """How long to wait while others have a SQLite file locked.

    Attributes:
        limit_s: Seconds at most; None for as long as the result is wanted.
        still_wanted: Asked a few times a second while waiting; False ends the wait.
    """

    limit_s: float | None = 5.0
    should_continue: Callable[[], bool] = _always


SHORT_WAIT: Final = LockWait()
"""For those behind whom somebody sits and waits for an answer."""


def is_busy(error: sqlite3.Error) -> bool:
    """Return True if *error* says that somebody else has the file locked."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BUSY


def run_when_unlocked(action: Callable[[], T], waiting: LockWait) -> T:
    """Run *action* again and again until nobody else has the file locked.

    Args:
        action: Changes nothing when it meets a lock.
        waiting: Says when to give up.

    Raises:
        sqlite3.OperationalError: The file was locked for as long as *waiting* allows.
        LockWaitCancelled: Nobody wants the result any more.
    """
    began = asked = time.monotonic()
    while True:
        try:
            return action()
        except sqlite3.OperationalError as exc:
            now = time.monotonic()
            is_over = waiting.limit_s is not None and now - began >= waiting.limit_s
            if is_over or not is_busy(exc):
                raise
            if now - asked >= _ASK_EVERY_S:
                asked = now
                if not waiting.should_continue():
                    raise LockWaitCancelled from exc
        pause_s = random.uniform(0.0, _LONGEST_PAUSE_S)  # noqa: S311  # no secret
        time.sleep(pause_s)


def begin_transaction(
    connection: sqlite3.Connection, waiting: LockWait, *, writes: bool
) -> None:
    """Begin a transaction as soon as the file is free.

    One that writes takes the write lock at once: a transaction that reads first and
    writes later fails if another process has written in between, and no waiting
    helps it. One that reads takes its view of the database at once, so that nothing
    which comes later in it can meet a lock.

    Args:
        connection: In autocommit mode (``isolation_level=None``).
        waiting: Says when to give up.
        writes: Take the lock that only one connection can have.

    Raises:
        sqlite3.OperationalError: The file was locked for as long as *waiting* allows.
        LockWaitCancelled: Nobody wants the result any more.
    """

    def attempt() -> None:
        with _not_waiting(connection):
            if writes:
                connection.execute("BEGIN IMMEDIATE")
                return
            connection.execute("BEGIN")
            try:
                connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    run_when_unlocked(attempt, waiting)


class StatementResult(NamedTuple):
    """What a statement came to: the rows that it found, the id of one that it added."""

    rows: list[Any]
    new_id: int


def run_statement(
    connection: sqlite3.Connection,
    statement: str,
    waiting: LockWait,
    values: Sequence[Any] = (),
) -> StatementResult:
    """Run one statement as soon as the file is free.

    SQLite itself does not wait at all for some locks, such as the one that a change
    of the journal's mode needs. Within a transaction nothing has to be waited for.

    Raises:
        sqlite3.OperationalError: The file was locked for as long as *waiting* allows.
        LockWaitCancelled: Nobody wants the result any more.
    """

    def run() -> StatementResult:
        cursor = connection.execute(statement, values)
        return StatementResult(cursor.fetchall(), cursor.lastrowid or 0)

    def attempt() -> StatementResult:
        with _not_waiting(connection):
            return run()

    return run() if connection.in_transaction else run_when_unlocked(attempt, waiting)


def checkpoint(connection: sqlite3.Connection) -> None:
    """Take the write-ahead log into the file, so that the file may be copied alone.

    What others are busy with stays in the log: nobody is waited for.
    """
    with _not_waiting(connection):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


@contextmanager
def _not_waiting(connection: sqlite3.Connection) -> Iterator[None]:
    """Let SQLite report a lock at once; within transactions it waits by itself."""
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(STATEMENT_WAIT_S * 1000)}")
