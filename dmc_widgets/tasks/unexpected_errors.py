"""Errors that no part of a task expects, as people read them; logs have the traces."""

from __future__ import annotations


class UnexpectedWorkerError(Exception):
    """What a worker of a task has met and did not expect.

    Args:
        trace: Its trace, which ends with what it is.
    """

    def __init__(self, trace: str) -> None:
        super().__init__(trace)
        self.what = trace.strip().rpartition("\n")[2]


def unexpected_message(error: Exception) -> str:
    """Return what people read of an error that is not one of the package's own."""
    if isinstance(error, UnexpectedWorkerError):
        what = error.what
    else:
        what = f"{type(error).__name__}: {error}"
    return f"Unexpected Error ({what}). See the worker's log beside the task's files."
