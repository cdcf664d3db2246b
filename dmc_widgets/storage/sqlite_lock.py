"""Wait for the locks of a SQLite file: fairly, and for as long as the caller wants.

SQLite admits one writer at a time and has no queue. Its own waiting asks less and less
often, so that a writer that has waited for long loses to one that has just arrived,
and it gives up after a fixed time. Here all writers ask equally often, at random
moments, and so have the same chance at each release; the caller decides how long.

A queue of tickets in a file beside the database was rejected: other programs that
write to the database would take no ticket, and a process that is killed would leave
its ticket there.
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
    """The caller cancelled while it waited for a lock."""


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWait:
    """How long to wait while others have a SQLite file locked.

    Attributes:
        limit_s: The seconds to wait at most; None to wait until it is cancelled.
        should_continue: Called a few times a second while waiting; False cancels.
    """

    limit_s: float | None = 5.0
    should_continue: Callable[[], bool] = _always


SHORT_WAIT: Final = LockWait()
"""The wait of callers that a person is waiting for."""


def is_busy(error: sqlite3.Error) -> bool:
    """Return True if *error* means that another connection has the file locked."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BUSY


def run_when_unlocked(action: Callable[[], T], waiting: LockWait) -> T:
    """Run *action* again and again until no other connection has the file locked.

    Args:
        action: A function that changes nothing if it meets a lock.
        waiting: How long to wait.

    Raises:
        sqlite3.OperationalError: The file was locked for as long as *waiting* allows.
        LockWaitCancelled: The caller cancelled.
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
    helps it. One that reads takes its view of the database at once, so that none of
    its later statements can meet a lock.

    Args:
        connection: In autocommit mode (``isolation_level=None``).
        waiting: How long to wait.
        writes: Take the lock that only one connection can have.

    Raises:
        sqlite3.OperationalError: The file was locked for as long as *waiting* allows.
        LockWaitCancelled: The caller cancelled.
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
    """The rows that a statement returned, and the id of the one that it inserted."""

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
    of the journal's mode needs. Within a transaction there is nothing to wait for.

    Raises:
        sqlite3.OperationalError: The file was locked for as long as *waiting* allows.
        LockWaitCancelled: The caller cancelled.
    """

    def run() -> StatementResult:
        cursor = connection.execute(statement, values)
        return StatementResult(cursor.fetchall(), cursor.lastrowid or 0)

    def attempt() -> StatementResult:
        with _not_waiting(connection):
            return run()

    return run() if connection.in_transaction else run_when_unlocked(attempt, waiting)


def checkpoint(connection: sqlite3.Connection) -> None:
    """Move the write-ahead log into the file, so that the file may be copied alone.

    What other connections are busy with stays in the log: there is no waiting.
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
