"""Files in the folders that the server offers: listed, and opened safely."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from ..errors import FileUnreadable

MAX_LISTED: Final = 500
_MAX_SCANNED: Final = 20_000
_OUTSIDE: Final = "it is not in a folder whose files may be read. Choose another one."


class ServerFile(NamedTuple):
    """A file in a folder of the server.

    Attributes:
        folder: The name of the folder for people.
        name: The path within the folder, with slashes.
        size: The size in bytes.
        modified: When it was changed, in seconds since 1970.
    """

    folder: str
    name: str
    size: int
    modified: float


class FileListing(NamedTuple):
    """Files of a folder.

    Attributes:
        files: The files, the newest first.
        left_off: True if there are more.
    """

    files: tuple[ServerFile, ...]
    left_off: bool


def list_server_files(
    label: str, folder: Path, suffixes: Collection[str], search: str = ""
) -> FileListing:
    """List the files below a folder that can be imported, by their names.

    Hidden files and links that lead out of the folder are left out.

    Args:
        label: The name of the folder for people.
        folder: The folder.
        suffixes: How the names of the files end.
        search: Words that the path has, in any case.
    """
    words = search.casefold().split()
    found: list[ServerFile] = []
    scanned = 0
    for path in _walk(folder):
        scanned += 1
        if scanned > _MAX_SCANNED:
            break
        name = path.relative_to(folder).as_posix()
        is_wanted = path.suffix.lower() in suffixes
        if is_wanted and all(word in name.casefold() for word in words):
            with suppress(OSError, FileUnreadable):
                facts = resolve_in_folder(folder, name).stat()
                found.append(ServerFile(label, name, facts.st_size, facts.st_mtime))
    found.sort(key=lambda file: (-file.modified, file.name))
    left_off = len(found) > MAX_LISTED or scanned > _MAX_SCANNED
    return FileListing(tuple(found[:MAX_LISTED]), left_off)


def resolve_in_folder(folder: Path, name: str) -> Path:
    """Return the path of a regular file within a folder.

    Raises:
        FileUnreadable: There is none, or it is elsewhere, by its name or by a link.
    """
    try:
        root = folder.resolve(strict=True)
        path = (root / name).resolve(strict=True)
        is_file = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError, RuntimeError) as exc:
        reason = (
            "the file does not exist. It may have been moved; list the files again."
        )
        raise FileUnreadable(name, reason) from exc
    if not path.is_relative_to(root):
        raise FileUnreadable(name, _OUTSIDE)
    if not is_file:
        raise FileUnreadable(name, "it is not a file. Choose a file.")
    return path


def open_in_folder(folder: Path, name: str) -> BinaryIO:
    """Open a file within a folder for reading; it cannot be exchanged meanwhile.

    Raises:
        FileUnreadable: It is not there, is elsewhere, or may not be read.
    """
    path = resolve_in_folder(folder, name)
    # A name that became a link since it was resolved is refused.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    except OSError as exc:
        reason = f"it cannot be read ({exc.strerror}). Check its permissions."
        raise FileUnreadable(name, reason) from exc
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileUnreadable(name, _OUTSIDE)
    return os.fdopen(descriptor, "rb")


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, without hidden ones; links are not followed."""
    for root, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith("."):
                yield Path(root, name)
