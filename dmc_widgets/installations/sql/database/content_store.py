"""The contents of attachments, in a folder beside the database.

A content is named by its digest, so that no file name from outside becomes a path,
equal contents are stored once, and a stored file never changes. It is complete and on
the disk before the transaction that refers to it commits: an entry never refers to a
missing content, and a transaction that is rolled back leaves at most a file that no
entry refers to.

Large objects in the database were rejected: SQLite would hold each of them in memory,
and every copy of the database would contain them.
"""

from __future__ import annotations

import os
import tempfile
import time
from binascii import b2a_base64
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from ....errors import Refused
from ....model.record import LargeText
from ....objects.fields.attachment import FileContent, Keep, Pieces
from ....storage.operating_system import replace_file
from ....storage.private_files import restrict_path
from ....storage.sqlite import DISK_FULL, NO_ROOM

_PIECE_BYTES: Final = (
    192 * 1024
)  # a multiple of three: pieces of Base64 need no padding
_FRESH_S: Final = 60.0
_TOUCH_AFTER_S: Final = 3600.0


class ContentStore:
    """Contents by their digest. The folder is created with the first of them.

    Args:
        folder: The folder; None if the installation has no place for files.
        installation: The installation's name for messages.

    Attributes:
        installation: The installation's name for messages.
    """

    def __init__(self, folder: Path | None, installation: str) -> None:
        self._folder = folder
        self.installation = installation
        if folder is not None:
            restrict_path(folder)

    @contextmanager
    def storing(self) -> Iterator[Keep]:
        """Give a function that takes contents; they are stored when the block ends.

        Contents are flushed to the disk together at the end, not one by one.

        Raises:
            Refused: There is no folder, no space, or no permission to write.
        """
        parts: dict[Path, Path] = {}
        fresh: set[Path] = set()
        try:
            yield lambda content, pieces: self._take(parts, fresh, content, pieces)
            with self._translate_os_errors("written"):
                _complete(parts, fresh)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)

    def text(self, content: FileContent) -> LargeText:
        """Return a content as Base64, which is read when it is used.

        Reading raises :class:`~dmc_widgets.errors.Refused` if the content is missing.
        """
        size = (content.size + 2) // 3 * 4
        return LargeText(size, "", partial(self._encoded, self.path(content)))

    def paths(self) -> Iterator[Path]:
        """Yield the files of all stored contents, complete or left by a crash."""
        if self._folder is not None:
            yield from self._folder.glob("??/*")

    def prune(self, named: Collection[str], before_ms: int, *, dry_run: bool) -> int:
        """Remove the contents from before a time that no file names; count bytes.

        A content that is used again is touched before its entry commits, so it is not
        old.
        """
        size = 0
        for path in self.paths():
            with suppress(FileNotFoundError):  # another process may prune, too
                status = path.stat()
                if status.st_mtime * 1000 < before_ms and path.name not in named:
                    size += status.st_size
                    if not dry_run:
                        path.unlink()
        return size

    def rehearsed(self, _connection: Connection) -> ContentStore:
        """Return the contents with new ones in a folder that is removed in the end."""
        return _RehearsalContents(self)

    def discard(self) -> None:
        """Do nothing: the contents are not those of a rehearsal."""

    def _take(
        self,
        parts: dict[Path, Path],
        fresh: set[Path],
        content: FileContent,
        pieces: Pieces,
    ) -> None:
        path = self.path(content)
        with self._translate_os_errors("written"):
            if path in parts:
                return
            if _is_stored(path, content):
                if time.time() - path.stat().st_ctime < _FRESH_S:
                    fresh.add(path)
                elif time.time() - path.stat().st_mtime > _TOUCH_AFTER_S:
                    os.utime(path)  # what is used again is not pruned as an old one
            else:
                for folder in (path.parent.parent, path.parent):
                    folder.mkdir(mode=0o700, exist_ok=True)
                handle, name = tempfile.mkstemp(dir=path.parent, prefix="new-")
                parts[path] = Path(name)
                with os.fdopen(handle, "wb") as file:
                    file.writelines(pieces())

    def _encoded(self, path: Path) -> Iterator[bytes]:
        with self._translate_os_errors("read"), path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield b2a_base64(piece, newline=False)

    def path(self, content: FileContent) -> Path:
        """Return the path of a content, stored or not."""
        if self._folder is None:
            reason = "It has no folder for the files of attachments. Name one."
            raise Refused(self.installation, reason)
        return self._folder / content.sha256[:2] / content.sha256

    @contextmanager
    def _translate_os_errors(self, action: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as exc:
            reason = (
                f"The content of a file is missing in {self._folder}. "
                "Put the folder back that belongs to the database."
            )
            raise Refused(self.installation, reason) from exc
        except OSError as exc:
            reason = (
                f"A file in {self._folder} cannot be {action}: "
                f"{exc.strerror or exc}. Check the folder's permissions."
            )
            if exc.errno in NO_ROOM:
                reason = DISK_FULL
            raise Refused(self.installation, reason) from exc


def _is_stored(path: Path, content: FileContent) -> bool:
    """Return True if a content is stored; a file of another size is damaged."""
    return path.is_file() and path.stat().st_size == content.size


def _complete(parts: dict[Path, Path], fresh: set[Path]) -> None:
    """Rename temporary files once they are on the disk, so that none is incomplete.

    Args:
        parts: The temporary file of each final path.
        fresh: Paths that others have completed so recently that their names may not
            be on the disk yet.
    """
    for part in parts.values():
        _flush(part)
    for path, part in parts.items():
        replace_file(part, path)
    folders = {path.parent for path in fresh | parts.keys()}
    for flushed in folders | {
        above for folder in folders for above in folder.parents[:2]
    }:
        _flush(flushed)


def _flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk."""
    if os.name == "posix" or path.is_file():  # other systems cannot open folders
        handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class _RehearsalContents(ContentStore):
    """Contents of attachments, new ones in a folder that is removed in the end.

    Args:
        stored: The contents of the database, which are only read.
    """

    def __init__(self, stored: ContentStore) -> None:
        self._stored = stored
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        super().__init__(None, stored.installation)

    def discard(self) -> None:
        """Remove the contents of the rehearsal."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def path(self, content: FileContent) -> Path:
        """Return the path of a stored content, else the one in the own folder."""
        stored = self._stored.path(content)
        if stored.is_file() and stored.stat().st_size == content.size:
            return stored
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="dmc-rehearsal-")
        return Path(self._temporary.name) / content.sha256[:2] / content.sha256
