"""Files on their way into the workspace: copies, and uploads from a browser.

A file has its final name only once it is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..errors import DiskFull, FileUnreadable, InvalidPlan, WorkspaceUnusable
from ..model.representation import ValueDisplay
from ..storage.operating_system import replace_file
from ..storage.private_files import (
    append_private,
    make_private_folder,
    open_private,
    restrict_path,
    write_atomically,
)
from ..storage.sqlite import NO_ROOM
from .database import disk_full_error
from .file_identity import file_size
from .linked_files import forget_link, link_file

_FACTS: Final = ".json"
"""Beside the pieces of an upload: name, size, time of change and owner."""
_IN_USE_S = 10.0
_RESERVE_BYTES = 16 * 1024 * 1024  # left for the database, which must log the failure


@contextmanager
def translate_os_errors(path: Path) -> Iterator[None]:
    """Raise errors of the operating system about *path* as errors of ours.

    Raises:
        DiskFull: The disk is full.
        WorkspaceUnusable: Something else is wrong, such as permissions.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in NO_ROOM:
            raise disk_full_error(path) from exc
        reason = f"{exc.strerror or exc}. Check the folder and its permissions."
        raise WorkspaceUnusable(str(path), reason) from exc


def require_disk_space(folder: Path, size_bytes: int) -> None:
    """Refuse a file that would not fit, before its first byte is written.

    Raises:
        DiskFull: Less than *size_bytes* and a small reserve is free.
    """
    free = shutil.disk_usage(folder).free
    if free < size_bytes + _RESERVE_BYTES:
        reason = (
            f"the file needs {format_megabytes(size_bytes)}, and "
            f"{format_megabytes(free)} are free. "
            "Free some space, or choose a workspace on another disk."
        )
        raise DiskFull(str(folder), reason)


def format_megabytes(size_bytes: int) -> str:
    """Return a size for people: ``12.3 MB``."""
    return f"{size_bytes / 1_000_000:,.1f} MB"


def copy_into_workspace(source: Path, target: Path, *, consume: bool) -> None:
    """Copy the file *source* to *target*, completely or not at all.

    A large file gets *target* as a second name instead where that is possible; see
    :mod:`.linked_files`.

    Args:
        source: Any file.
        target: The path in the workspace.
        consume: Move the file instead, because it is an upload of the workspace.

    Raises:
        FileUnreadable: *source* is not a file, or may not be read.
        DiskFull: The disk is full.
    """
    if not source.is_file():
        is_folder = source.is_dir()
        what = (
            "this is a folder, not a file" if is_folder else "the file does not exist"
        )
        raise FileUnreadable(str(source), f"{what}. Give the path of a file.")
    with translate_os_errors(target.parent):
        make_private_folder(target.parent)
        forget_link(target)
        if consume:
            source.replace(target)
            restrict_path(target)
            return
    if not os.access(source, os.R_OK):
        reason = "the file cannot be read. Check its permissions."
        raise FileUnreadable(str(source), reason)
    with translate_os_errors(target.parent):
        if link_file(source, target):
            return
    require_disk_space(target.parent, source.stat().st_size)
    _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    try:
        with translate_os_errors(target.parent):
            open_private(part).close()
            shutil.copyfile(source, part)  # into the private file
            replace_file(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True, repr=False)
class UnfinishedUpload(ValueDisplay):
    """An upload that its page has left.

    Attributes:
        key: Tells it from others of its owner.
        name: The browser's name of the file.
        size_bytes: The size of the file.
        received: The number of bytes that have arrived.
    """

    key: str
    name: str
    size_bytes: int
    received: int


class Upload:
    """One file that arrives in pieces; each is acknowledged before the next is sent.

    The workspace chooses the path; the browser's file name is for messages only.

    Args:
        folder: The folder of uploads until a task takes them.
        name: The browser's name of the file.
        size_bytes: Its size as the browser states it.
        owner: The user whose file it is; no other one takes it up.

    Raises:
        DiskFull: There is no space for it.
    """

    def __init__(
        self, folder: Path, name: str, size_bytes: int, *, owner: str = ""
    ) -> None:
        with translate_os_errors(folder):
            make_private_folder(folder)
        require_disk_space(folder, size_bytes)
        self.name = name
        self.size_bytes = size_bytes
        self._owner = owner
        self._path = folder / uuid.uuid4().hex
        self._part = self._path.with_suffix(".part")
        with translate_os_errors(self._part):
            open_private(self._part).close()

    def take_up(self, modified: int) -> None:
        """Go on with what an earlier upload of the same file has left, if there is any.

        The page may have been reloaded, and its kernel is gone. An upload that grew a
        moment ago is that of another page, and is left alone.

        Args:
            modified: When the file was changed, as the browser states it: with name,
                size and owner it tells which file it is.
        """
        facts = json.dumps([self.name, self.size_bytes, modified, self._owner])
        name = hashlib.sha256(facts.encode()).hexdigest()
        left = self._path.with_name(f"{name}.part")
        with translate_os_errors(left):
            if not left.exists():
                replace_file(self._part, left)
                write_atomically(left.with_suffix(_FACTS), [facts.encode()])
            elif time.time() - left.stat().st_mtime < _IN_USE_S:
                return
            else:
                self._part.unlink()
                os.utime(left)
                with suppress(FileNotFoundError):
                    os.utime(left.with_suffix(_FACTS))
        self._part = left

    @property
    def part(self) -> Path:
        """The file of what has arrived so far; a server may append to it as well."""
        return self._part

    @property
    def received(self) -> int:
        """The number of bytes on the disk."""
        return file_size(self._part)

    def append(self, offset: int, data: bytes) -> int:
        """Append the piece that begins at *offset*; return the number of bytes so far.

        A piece that is sent again is acknowledged again and written once.

        Raises:
            InvalidPlan: The piece does not follow the last one, or is too long.
            DiskFull: There is no space for it.
        """
        received = self.received
        if offset < received:
            return received
        if offset > received or offset + len(data) > self.size_bytes:
            reason = (
                f"{self.name}: the upload broke off at byte {received}. "
                "Choose the file again."
            )
            raise InvalidPlan(reason)
        with translate_os_errors(self._part), append_private(self._part) as stream:
            stream.write(data)
        return received + len(data)

    def finish(self) -> Path:
        """Complete the file and return its path.

        Raises:
            InvalidPlan: Pieces are missing.
        """
        received = self.received
        if received != self.size_bytes:
            reason = (
                f"{self.name}: {received} of {self.size_bytes} bytes arrived. "
                "Choose the file again."
            )
            raise InvalidPlan(reason)
        with translate_os_errors(self._part), self._part.open("rb+") as stream:
            os.fsync(stream.fileno())
        with translate_os_errors(self._part):  # an open file has no other name
            replace_file(self._part, self._path)
        self._part.with_suffix(_FACTS).unlink(missing_ok=True)
        return self._path

    def abort(self) -> None:
        """Remove the pieces. Harmless at any time."""
        for path in (self._part, self._path, self._part.with_suffix(_FACTS)):
            with suppress(PermissionError):  # open at the server on Windows
                path.unlink(missing_ok=True)


def list_unfinished(folder: Path, owner: str) -> list[UnfinishedUpload]:
    """Return the uploads of a user that a page has left, the latest first.

    One that grew a moment ago is still on its way.
    """
    found: list[tuple[float, UnfinishedUpload]] = []
    for path in folder.glob(f"*{_FACTS}"):
        part = path.with_suffix(".part")
        with suppress(OSError, ValueError):  # its page has just ended it
            name, size_bytes, _modified, whose = json.loads(path.read_bytes())
            state = part.stat()
            if whose == owner and time.time() - state.st_mtime >= _IN_USE_S:
                left = UnfinishedUpload(path.stem, name, size_bytes, state.st_size)
                found.append((state.st_mtime, left))
    return [left for _, left in sorted(found, key=lambda x: x[0], reverse=True)]


def discard_unfinished(folder: Path, owner: str, key: str) -> None:
    """Remove an upload that :func:`list_unfinished` lists. Harmless if it is gone."""
    if key in {left.key for left in list_unfinished(folder, owner)}:
        for suffix in (".part", _FACTS):
            with suppress(PermissionError):  # open at the server on Windows
                (folder / f"{key}{suffix}").unlink(missing_ok=True)
