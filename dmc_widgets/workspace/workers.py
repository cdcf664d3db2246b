"""The processes that carry out tasks, as a workspace records them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..storage.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """The process that carries out a task.

    Attributes:
        host: The machine's name; process ids mean nothing on another.
        pid: The process id; until the worker is started, that of its starter.
        started: When the process began, in seconds since the epoch: another
            process may get the same id later. 0 if *ticks* are known.
        boot: The boot of the machine, and the namespace of its process ids.
        ticks: When the process began, in clock ticks since the boot; 0 if unknown.
    """

    host: str = ""
    pid: int = 0
    started: float = 0.0
    boot: str = ""
    ticks: int = 0


NO_WORKER: Final = Worker()
"""No process carries out the task, as far as is known."""

POOL_HOST: Final = "*"
"""The machine of a task that waits for any process of the workspace's pool."""

_SAME_WORKER: Final = (
    "SELECT 1 FROM task WHERE id = ? "
    "AND host = ? AND worker = ? AND worker_started = ? AND boot = ? AND ticks = ?"
)


def worker_values(worker: Worker) -> list[str | int | float]:
    """Return what the columns host, worker, worker_started, boot and ticks hold."""
    return [worker.host, worker.pid, worker.started, worker.boot, worker.ticks]


def carries_out(connection: Transaction, task_id: int, worker: Worker) -> bool:
    """Return True if *worker* is the process that carries out a task, or did last."""
    values = [task_id, *worker_values(worker)]
    return connection.execute(_SAME_WORKER, values).fetchone() is not None
