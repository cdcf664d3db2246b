"""Files and folders that only their owner may read and change.

The files of this package contain other people's data, so folders are created with the
mode 0700 and files with 0600, whatever the umask is, and the modes of files of earlier
versions are restricted when they are opened. On systems without such modes (Windows)
none of this has an effect.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from .operating_system import replace_file

_FOLDER: Final = 0o700
_FILE: Final = 0o600
_SQLITE_COMPANIONS: Final = ("", "-wal", "-shm", "-journal")


def make_private_folder(path: Path) -> None:
    """Create a folder with its missing parents. An existing one is left as it is.

    Raises:
        OSError: It cannot be created, or something else has its name.
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
    """Open a new file for writing; an existing one is replaced.

    It is not overwritten in place, because it may be another user's, or a link.

    Raises:
        OSError: The file cannot be created.
    """
    path.unlink(missing_ok=True)
    return open(path, "xb", opener=_open)


def append_private(path: Path) -> IO[bytes]:
    """Open a file for appending; create it, or restrict its mode.

    Raises:
        OSError: The file cannot be opened.
    """
    file = open(path, "ab", opener=_open)  # noqa: SIM115
    restrict_path(path)
    return file


def create_private_database(path: Path) -> None:
    """Create an empty file for SQLite, which gives its companions the same mode.

    SQLite treats it as a new database. If the file cannot be created, SQLite will
    report why when it opens it.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _FILE))


def write_atomically(target: Path, chunks: Iterable[bytes]) -> None:
    """Write *chunks* to *target*, replacing a file only once all are written.

    A target that is not a regular file, such as ``/dev/stdout``, is written to.

    Raises:
        OSError: It cannot be written; an existing *target* is unchanged.
    """
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            stream.writelines(chunks)
        return
    part = target.with_name(f"{target.name}.part")
    try:
        with open_private(part) as stream:
            stream.writelines(chunks)
        replace_file(part, target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def open_plain(path: Any, flags: int) -> int:
    """Open a file, but no link that was put in its place; an opener of :func:`open`."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def restrict_path(path: Path) -> None:
    """Remove the permissions of other users from a file or folder of this user.

    Another user's, and a folder that everybody shares (``/tmp``), are left alone.
    """
    with suppress(OSError):  # it may have gone; nothing depends on it
        found = path.stat()
        is_ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        is_shared = found.st_mode & stat.S_ISVTX
        if found.st_mode & 0o077 and is_ours and not is_shared:
            path.chmod(_FOLDER if stat.S_ISDIR(found.st_mode) else _FILE)


def restrict_database(path: Path) -> None:
    """Restrict a SQLite database and the files beside it."""
    for suffix in _SQLITE_COMPANIONS:
        restrict_path(path.with_name(path.name + suffix))


def restrict_tree(folder: Path) -> None:
    """Restrict a folder and everything in it, unless it is restricted already.

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
