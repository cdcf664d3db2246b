"""The contents of files, in a folder beside the database.

A content is named by its digest, so nobody's file name ever becomes a path, equal
contents are kept once, and a file that is there is never changed. It is complete and
on the disk before the transaction that names it commits: an entry never names a
content that is missing, and a transaction that is taken back leaves no more than a
file that nobody names.

Large objects in the database itself were turned down: SQLite would hold each of them
in memory, and every copy of the database would drag them along.
"""

from __future__ import annotations

import errno
import os
import tempfile
import time
from binascii import b2a_base64
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from ....errors import Refused
from ....model.record import LargeText
from ....objects.fields.attachment import FileContent, Keep, Pieces
from ....storage.private_files import restrict_path

_PIECE: Final = 192 * 1024  # a multiple of three: pieces of Base64 need no padding
_FRESH_S: Final = 60.0
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ContentStore:
    """Contents by their digest. The folder is made with the first of them.

    Args:
        folder: None where the installation has no place for files.
        installation: Its name for messages.
    """

    def __init__(self, folder: Path | None, installation: str) -> None:
        self._folder = folder
        self._installation = installation
        if folder is not None:
            restrict_path(folder)

    @contextmanager
    def storing(self) -> Iterator[Keep]:
        """Give a function that takes contents; they are stored when the block ends.

        Many at once: the disk is waited for at the end and not once a file.

        Raises:
            Refused: There is no folder, no room, or no leave to write.
        """
        parts: dict[Path, Path] = {}
        fresh: set[Path] = set()
        try:
            yield lambda content, pieces: self._take(parts, fresh, content, pieces)
            with self._translating("written"):
                _complete(parts, fresh)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)

    def text(self, content: FileContent) -> LargeText:
        """Return a content as Base64, to be read when somebody asks for it.

        Reading raises :class:`~dmc_widgets.errors.Refused` if it is not there.
        """
        size = (content.size + 2) // 3 * 4
        return LargeText(size, "", partial(self._encoded, self._path(content)))

    def _take(
        self,
        parts: dict[Path, Path],
        fresh: set[Path],
        content: FileContent,
        pieces: Pieces,
    ) -> None:
        path = self._path(content)
        with self._translating("written"):
            if path in parts:
                return
            if _is_there(path, content):
                if time.time() - path.stat().st_ctime < _FRESH_S:
                    fresh.add(path)
            else:
                for each in (path.parent.parent, path.parent):
                    each.mkdir(mode=0o700, exist_ok=True)
                handle, name = tempfile.mkstemp(dir=path.parent, prefix="new-")
                parts[path] = Path(name)
                with os.fdopen(handle, "wb") as file:
                    file.writelines(pieces())

    def _encoded(self, path: Path) -> Iterator[bytes]:
        with self._translating("read"), path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield b2a_base64(piece, newline=False)

    def _path(self, content: FileContent) -> Path:
        if self._folder is None:
            reason = "It has no folder for the files of attachments. Name one."
            raise Refused(self._installation, reason)
        return self._folder / content.sha256[:2] / content.sha256

    @contextmanager
    def _translating(self, be_done: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as exc:
            reason = (
                f"The content of a file is missing in {self._folder}. "
                "Put the folder back that belongs to the database."
            )
            raise Refused(self._installation, reason) from exc
        except OSError as exc:
            reason = (
                f"A file in {self._folder} cannot be {be_done}: "
                f"{exc.strerror or exc}. Check the folder's permissions."
            )
            if exc.errno in _FULL:
                reason = "The disk is full. Make room and start again."
            raise Refused(self._installation, reason) from exc


def _is_there(path: Path, content: FileContent) -> bool:
    """Say whether a content is there; a file of another size was damaged later."""
    return path.is_file() and path.stat().st_size == content.size


def _complete(parts: dict[Path, Path], fresh: set[Path]) -> None:
    """Give parts their names when they are on the disk: whole, whatever happens.

    Args:
        parts: Where the contents of some paths lie until then.
        fresh: Paths that others have completed so recently that their names may not
            be on the disk yet.
    """
    for part in parts.values():
        _flush(part)
    for path, part in parts.items():
        part.replace(path)
    folders = {path.parent for path in fresh | parts.keys()}
    for flushed in folders | {
        above for folder in folders for above in folder.parents[:2]
    }:
        _flush(flushed)


def _flush(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    if os.name == "posix" or path.is_file():  # elsewhere no folder can be opened
        handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
