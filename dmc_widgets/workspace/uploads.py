"""Files on their way in from a browser, piece by piece."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from ..errors import InvalidPlan
from ..private_files import append_private, make_private_folder, open_private
from .files import require_room, translated_oserrors


class Upload:
    """One file that comes in pieces; each is acknowledged before the next.

    The workspace chooses the path; the browser's file name is only shown.

    Args:
        folder: Where uploads are kept until a task takes them.
        name: The browser's name of the file.
        size_bytes: Its size, as the browser told.

    Raises:
        DiskFull: There is no room for it.
    """

    def __init__(self, folder: Path, name: str, size_bytes: int) -> None:
        with translated_oserrors(folder):
            make_private_folder(folder)
        require_room(folder, size_bytes)
        self.name = name
        self.size_bytes = size_bytes
        self.received = 0
        self._path = folder / uuid.uuid4().hex
        self._part = self._path.with_suffix(".part")
        with translated_oserrors(self._part):
            open_private(self._part).close()

    def append(self, offset: int, data: bytes) -> int:
        """Take the piece that begins at *offset*; return the bytes received so far.

        A piece that came already is acknowledged again and written once.

        Raises:
            InvalidPlan: The piece does not follow the last one, or is too much.
            DiskFull: There is no room for it.
        """
        if offset < self.received:
            return self.received
        if offset > self.received or offset + len(data) > self.size_bytes:
            reason = (
                f"{self.name}: the upload lost its thread at byte {self.received}. "
                "Choose the file again."
            )
            raise InvalidPlan(reason)
        with translated_oserrors(self._part), append_private(self._part) as stream:
            stream.write(data)
        self.received += len(data)
        return self.received

    def finish(self) -> Path:
        """Close the file and return where it is now.

        Raises:
            InvalidPlan: Pieces are missing.
        """
        if self.received != self.size_bytes:
            reason = (
                f"{self.name}: {self.received} of {self.size_bytes} bytes arrived. "
                "Choose the file again."
            )
            raise InvalidPlan(reason)
        with translated_oserrors(self._part), self._part.open("rb+") as stream:
            os.fsync(stream.fileno())
            self._part.replace(self._path)
        return self._path

    def abort(self) -> None:
        """Remove what came so far. Harmless at any time."""
        self._part.unlink(missing_ok=True)
        self._path.unlink(missing_ok=True)
