"""A worker to which something happens: ``python -m tests.kills.faulty … FAULT``."""

from __future__ import annotations

import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from dmc_widgets.errors import Unreachable
from dmc_widgets.formats.source import Source
from dmc_widgets.installations.liferay.batch_task import ImportTaskClient
from dmc_widgets.installations.liferay.http.errors import UnknownTaskState
from dmc_widgets.installations.sql.installation import SqlInstallation
from dmc_widgets.storage.sqlite_lock import LockWait
from dmc_widgets.tasks.imports.batch_comparison import BatchComparison
from dmc_widgets.tasks.imports.record_writer import RecordWriter
from dmc_widgets.tasks.worker.__main__ import main
from dmc_widgets.workspace.emergency_record import EmergencyRecord
from dmc_widgets.workspace.outcomes import OutcomeStore


def after(owner: Any, name: str, count: int, action: Callable[[Any], None]) -> None:
    """Do *action* with the owner's instance after the call with a number."""
    original, passed = getattr(owner, name), [0]

    def call(self: Any, *args: Any, **options: Any) -> Any:
        result = original(self, *args, **options)
        passed[0] += 1
        if passed[0] == count:
            action(self)
        return result

    setattr(owner, name, call)


def fill(outcomes: Any) -> None:
    """Let the workspace's database grow no further."""
    pages = outcomes._database.row("PRAGMA page_count")[0]
    outcomes._database.run(f"PRAGMA max_page_count = {pages}")


def fill_until_room(outcomes: Any) -> None:
    """The same, until the task gives its room back."""
    fill(outcomes)
    original = EmergencyRecord.release_reserve

    def give(self: EmergencyRecord) -> None:
        original(self)
        outcomes._database.run("PRAGMA max_page_count = 1000000")

    EmergencyRecord.release_reserve = give  # type: ignore[method-assign]


def lock(outcomes: Any) -> None:
    """Let another program keep the workspace locked, longer than anybody waits."""
    outcomes._database._waiting = LockWait(limit_s=0.2)
    path = outcomes._database.row("PRAGMA database_list")[2]
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    lock.other = other  # type: ignore[attr-defined]


def fail(_owner: Any) -> None:
    message = "nobody foresaw this"
    raise RuntimeError(message)


def break_reading() -> None:
    """Let the memory end while the file is read."""
    original = Source.runs

    def runs(self: Source, part: Any = None) -> Iterator[Any]:
        left = 1_699
        for run in original(self, part) or ():
            yield run[:left]
            left -= len(run)
            if left <= 0:
                raise MemoryError

    Source.runs = runs  # type: ignore[method-assign]


def end_elsewhere(outcomes: Any) -> None:
    """Let another process end the task."""
    outcomes._database.run("UPDATE task SET status = 'Cancelled'")


def cancel(outcomes: Any) -> None:
    """Cancel the task; the worker checks for that a few times a second."""
    outcomes._database.run("UPDATE task SET cancel = 1")
    time.sleep(0.3)


def lose(_tasks: Any) -> None:
    """Let the server tell no more of what it was sent last."""

    def wait(_tasks: Any, _task: Any) -> Any:
        raise UnknownTaskState(Unreachable("target", "It does not answer."))

    ImportTaskClient.wait = wait  # type: ignore[assignment,method-assign]


def lose_changes(_comparison: Any) -> None:
    """Let the server go away before the items of the next batch are read back."""
    gone = Unreachable("target", "It does not answer.")

    def read(*_values: Any) -> Any:
        raise gone

    BatchComparison._read_after = read  # type: ignore[assignment,method-assign]


FAULTS: dict[str, Callable[[], None]] = {
    "workspace-full": lambda: after(OutcomeStore, "add", 1, fill),
    "workspace-full-until-room": lambda: after(OutcomeStore, "add", 1, fill_until_room),
    "workspace-locked": lambda: after(OutcomeStore, "add", 1, lock),
    "mapping-fails": lambda: after(RecordWriter, "_map_chunk", 2, fail),
    "write-fails-afterwards": lambda: after(SqlInstallation, "write", 2, fail),
    "memory-ends": break_reading,
    "ended-elsewhere": lambda: after(OutcomeStore, "add", 2, end_elsewhere),
    "answer-is-lost": lambda: after(ImportTaskClient, "post", 2, lose),
    "changes-are-lost": lambda: after(BatchComparison, "_read_after", 1, lose_changes),
    "cancelled": lambda: after(OutcomeStore, "add", 2, cancel),
}


def limit_files(size_bytes: int) -> None:
    """Let no file grow further, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


if __name__ == "__main__":
    path, task_id, fault = sys.argv[1:]
    if fault.isdecimal():
        limit_files(int(fault))
    else:
        FAULTS[fault]()
    sys.exit(main([path, task_id]))
