"""Files and folders that only their owner may read and change.

What this package writes holds other people's data, so folders are made with the mode
0700 and files with 0600, whatever the umask allows, and what an earlier version made
is tightened when it is opened. Where the system knows no such modes (Windows), nothing
of this has an effect.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

_FOLDER: Final = 0o700
_FILE: Final = 0o600
_SQLITE_COMPANIONS: Final = ("", "-wal", "-shm", "-journal")


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing. One that is there stays.

    Raises:
        OSError: It cannot be made, or something else has its name.
    """
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        try:
            folder.mkdir(mode=_FOLDER)
        except FileExistsError:
            if not folder.is_dir():  # else another process was faster
                raise


def open_private(path: Path) -> IO[bytes]:
    """Open a new file for writing; one that is there is replaced.

    It is not written into, because it may be somebody else's, or a link.

    Raises:
        OSError: The file cannot be made.
    """
    path.unlink(missing_ok=True)
    return open(path, "xb", opener=_open)


def append_private(path: Path) -> IO[bytes]:
    """Open a file for appending; it is made, or tightened.

    Raises:
        OSError: The file cannot be opened.
    """
    file = open(path, "ab", opener=_open)  # noqa: SIM115
    restrict_path(path)
    return file


def create_private_database(path: Path) -> None:
    """Make an empty file for SQLite, which gives its companions the same mode.

    SQLite takes it for a new database. Where the file cannot be made, SQLite will say
    why when it opens it.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE))


def write_atomically(target: Path, chunks: Iterable[bytes]) -> None:
    """Put *chunks* at *target*; what is there is replaced when all have been written.

    Something that is no file, such as ``/dev/stdout``, is written into.

    Raises:
        OSError: It cannot be written; what was at *target* is still there.
    """
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            stream.writelines(chunks)
        return
    part = target.with_name(f"{target.name}.part")
    try:
        with open_private(part) as stream:
            stream.writelines(chunks)
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def restrict_path(path: Path) -> None:
    """Take what others may do with a file or folder of this user from them.

    What belongs to somebody else, and a folder that everybody shares (``/tmp``), stays.
    """
    with suppress(OSError):  # it may have gone; nothing depends on it
        found = path.stat()
        is_ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        is_shared = found.st_mode & stat.S_ISVTX
        if found.st_mode & 0o077 and is_ours and not is_shared:
            path.chmod(_FOLDER if stat.S_ISDIR(found.st_mode) else _FILE)


def restrict_database(path: Path) -> None:
    """Tighten a SQLite database with the files beside it."""
    for suffix in _SQLITE_COMPANIONS:
        restrict_path(path.with_name(path.name + suffix))


def restrict_tree(folder: Path) -> None:
    """Tighten a folder with everything in it, unless it is tight already.

    Links are not followed.
    """
    with suppress(OSError):
        if not folder.stat().st_mode & 0o077:
            return
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            below = Path(path, name)
            if not below.is_symlink():
                restrict_path(below)
    restrict_path(folder)


def _open(path: Any, flags: int) -> int:
    return os.open(path, flags, _FILE)
