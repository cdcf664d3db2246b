"""The files of the workspace: whole under their name, or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DiskFull, FileUnreadable, WorkspaceUnusable
from ..private_files import make_private_folder, open_private, tighten
from .database import NO_ROOM, disk_full

_RESERVE_BYTES = 16 * 1024 * 1024  # left for the database, which must log the failure


@contextmanager
def translated_oserrors(path: Path) -> Iterator[None]:
    """Turn what the operating system says of *path* into errors of ours.

    Raises:
        DiskFull: There is no room.
        WorkspaceUnusable: Anything else, permissions for instance.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in NO_ROOM:
            raise disk_full(path) from exc
        reason = f"{exc.strerror or exc}. Check the folder and its permissions."
        raise WorkspaceUnusable(str(path), reason) from exc


def require_room(folder: Path, size_bytes: int) -> None:
    """Refuse a file that would not fit, before its first byte is written.

    Raises:
        DiskFull: Less than *size_bytes* and a small reserve is free.
    """
    free = shutil.disk_usage(folder).free
    if free < size_bytes + _RESERVE_BYTES:
        reason = (
            f"the file needs {megabytes(size_bytes)}, and {megabytes(free)} are free. "
            "Free some space, or choose a workspace on another disk."
        )
        raise DiskFull(str(folder), reason)


def megabytes(size_bytes: int) -> str:
    """Write a size for people: ``12.3 MB``."""
    return f"{size_bytes / 1_000_000:,.1f} MB"


def take_copy(source: Path, target: Path, *, consume: bool) -> None:
    """Bring the file *source* to *target*, whole or not at all.

    Args:
        source: A file of anybody's.
        target: In the workspace.
        consume: Move it, because it is the workspace's own upload.

    Raises:
        FileUnreadable: *source* is no file, or must not be read.
        DiskFull: There is no room.
    """
    if not source.is_file():
        what = "this is a folder, not a file" if source.is_dir() else "no such file"
        raise FileUnreadable(str(source), f"{what}. Give the path of a file.")
    with translated_oserrors(target.parent):
        make_private_folder(target.parent)
        if consume:
            source.replace(target)
            tighten(target)
            return
    if not os.access(source, os.R_OK):
        reason = "the file cannot be read. Check its permissions."
        raise FileUnreadable(str(source), reason)
    require_room(target.parent, source.stat().st_size)
    _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    try:
        with translated_oserrors(target.parent):
            open_private(part).close()
            shutil.copyfile(source, part)  # into the file that is there
            part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
