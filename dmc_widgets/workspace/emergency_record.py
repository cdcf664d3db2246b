"""A little room that is kept for the end of a task.

A full disk is the one thing that keeps a task from recording why it ended. So room
for it is taken before the task begins: a few blocks that are given back when the
task ends, and a note that is overwritten where it lies, which needs no new room.
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

_NOTE_BYTES: Final = 16 * 1024
_ROOM_BYTES: Final = 512 * 1024
"""Enough for the outcomes of a batch, and for the task's own record."""

_TEXT_CHARS: Final = 2_000
_NOTES: Final = 3


class EmergencyRecord:
    """The note about the end of one task, and the room that is kept for it.

    Args:
        folder: Of the task's files.
    """

    def __init__(self, folder: Path) -> None:
        self._note = folder / "last-words"
        self._room = folder / "room"

    def reserve(self) -> None:
        """Take the room.

        Raises:
            DiskFull: There is none.
            WorkspaceUnusable: The folder cannot be written.
        """
        with translate_os_errors(self._note.parent):
            make_private_folder(self._note.parent)
            for path, size in ((self._note, _NOTE_BYTES), (self._room, _ROOM_BYTES)):
                with open_private(path) as file:
                    file.write(bytes(size))

    def release_reserve(self) -> None:
        """Let the end of the task use the room."""
        with suppress(OSError):
            self._room.unlink(missing_ok=True)

    def write(self, task: Task) -> None:
        """Write down what the task has come to, in the room that is there.

        Raises:
            DiskFull: There is no room even so.
            WorkspaceUnusable: The folder cannot be written.
        """
        packed = orjson.dumps(_as_dict(task))
        if len(packed) > _NOTE_BYTES:
            packed = orjson.dumps({**_as_dict(task), "notes": []})
        with translate_os_errors(self._note.parent), self._note.open("r+b") as file:
            file.write(packed[:_NOTE_BYTES].ljust(_NOTE_BYTES, b"\0"))
            file.flush()
            os.fsync(file.fileno())

    def apply(self, task: Task) -> Task | None:
        """Return *task* as the note says that it ended; None if there is no note."""
        try:
            packed = self._note.read_bytes().rstrip(b"\0")
            data = orjson.loads(packed) if packed else None
        except (OSError, orjson.JSONDecodeError):
            return None
        return None if data is None else _applied(task, data)

    def remove(self) -> None:
        """Remove note and room: what they are for is recorded elsewhere."""
        self.release_reserve()
        with suppress(OSError):
            self._note.unlink(missing_ok=True)


def _as_dict(task: Task) -> dict[str, Any]:
    return {
        "status": task.status,
        "counts": asdict(task.counts),
        "error": task.error[:_TEXT_CHARS],
        "error_code": task.error_code,
        "notes": [note[:_TEXT_CHARS] for note in task.notes[:_NOTES]],
    }


def _applied(task: Task, data: dict[str, Any]) -> Task:
    return replace(
        task,
        status=TaskStatus(data["status"]),
        counts=Counts(**data["counts"]),
        error=data["error"],
        error_code=data["error_code"],
        notes=tuple(data["notes"]),
    )
