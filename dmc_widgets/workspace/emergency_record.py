"""Disk space reserved for recording the end of a task.

A full disk is the one failure that keeps a task from recording why it ended. So space
is reserved before the task begins: a few blocks that are released when the task ends,
and a record that is overwritten in place, which needs no new space.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import orjson

from ..model.task import Counts, Task, TaskStatus
from ..storage.private_files import make_private_folder, open_private
from .file_transfer import translate_os_errors

_RECORD_BYTES: Final = 16 * 1024
_RESERVE_BYTES: Final = 512 * 1024
"""Enough for the outcomes of a batch, and for the task's own record."""

_MAX_TEXT_CHARS: Final = 2_000
_MAX_NOTES: Final = 3


class EmergencyRecord:
    """The record of a task's end, and the disk space reserved for it.

    Args:
        folder: The folder of the task's files.
    """

    def __init__(self, folder: Path) -> None:
        self._record = folder / "last-words"
        self._reserve = folder / "room"

    def reserve(self) -> None:
        """Reserve the space.

        Raises:
            DiskFull: There is not enough of it.
            WorkspaceUnusable: The folder cannot be written.
        """
        with translate_os_errors(self._record.parent):
            make_private_folder(self._record.parent)
            for path, size in (
                (self._record, _RECORD_BYTES),
                (self._reserve, _RESERVE_BYTES),
            ):
                with open_private(path) as file:
                    file.write(bytes(size))

    def release_reserve(self) -> None:
        """Release the space, for the outcomes and the end of the task."""
        with suppress(OSError):
            self._reserve.unlink(missing_ok=True)

    def write(self, task: Task) -> None:
        """Record how the task ended, in the space of the record.

        Raises:
            DiskFull: There is no space in spite of the reserve.
            WorkspaceUnusable: The folder cannot be written.
        """
        packed = orjson.dumps(_as_dict(task))
        if len(packed) > _RECORD_BYTES:
            packed = orjson.dumps({**_as_dict(task), "notes": []})
        with translate_os_errors(self._record.parent), self._record.open("r+b") as file:
            file.write(packed[:_RECORD_BYTES].ljust(_RECORD_BYTES, b"\0"))
            file.flush()
            os.fsync(file.fileno())

    def apply(self, task: Task) -> Task | None:
        """Return *task* as it ended by the record; None if there is no record."""
        try:
            packed = self._record.read_bytes().rstrip(b"\0")
            data = orjson.loads(packed) if packed else None
        except (OSError, orjson.JSONDecodeError):
            return None
        return None if data is None else _with_end(task, data)

    def remove(self) -> None:
        """Remove record and reserve, once the end is in the database."""
        self.release_reserve()
        with suppress(OSError):
            self._record.unlink(missing_ok=True)


def _as_dict(task: Task) -> dict[str, Any]:
    return {
        "status": task.status,
        "counts": asdict(task.counts),
        "error": task.error[:_MAX_TEXT_CHARS],
        "error_code": task.error_code,
        "notes": [note[:_MAX_TEXT_CHARS] for note in task.notes[:_MAX_NOTES]],
    }


def _with_end(task: Task, data: dict[str, Any]) -> Task:
    return replace(
        task,
        status=TaskStatus(data["status"]),
        counts=Counts(**data["counts"]),
        error=data["error"],
        error_code=data["error_code"],
        notes=tuple(data["notes"]),
    )
