"""Where the file of an export goes, and in which form."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from ..formats import FORMATS
from ..model.file_names import find_free_path
from ..model.task import Task
from ..storage.private_files import write_atomically
from ..storage.remote_addresses import RemoteAddress, find_address
from ..storage.remote_files import (
    RemoteKind,
    find_free_address,
    find_remote_kind,
    upload_file,
)
from ..tasks.task_files import downloadable_file, exported_name
from ..tasks.task_reports import iter_report_chunks
from .base import CenterPart, task_id_of
from .target_files import WrittenFile, require_store, require_target, write_file

_CHUNK_BYTES: Final = 1 << 20


class ExportedFiles(CenterPart):
    """Writes the files of exports, and reports, where they are wanted."""

    def write_report(self, task: Task | int, path: Path | str) -> None:
        """Write the error report of a task as CSV.

        Columns: item, itemIndex, message, code, field, value.

        Args:
            task: The task.
            path: The file, or its address; one that is there is replaced.
        """
        stored = self._workspace.tasks.get(task_id_of(task))
        chunks = iter_report_chunks(self._workspace, stored.id)
        write_file(self._workspace, path, chunks)

    def require_target(self, path: Path | str | None) -> None:
        """Refuse before the work what could not be written after it.

        Args:
            path: A path of this machine, or an address such as ``s3://bucket/out/``;
                None for a file that stays in the workspace.

        Raises:
            InvalidPlan: The folder or the bucket does not exist, or the address is not
                allowed.
            NotSupported: The library for the address is not installed.
            InstallationError: The store refuses or does not answer.
        """
        require_target(self._workspace, path)

    def save_file(self, task: Task | int, path: Path | str) -> str:
        """Write the file of a completed export to a path or an address.

        It is the zip, or the file in it if the name does not end in ``.zip`` and there
        is only one. Nothing half is seen at an address, and the task notes it.

        >>> center.tasks.save_file(3, "s3://bucket/exports/")

        Args:
            task: The task of an export or a package.
            path: A file, which is replaced, or a folder, where nothing is: the file
                gets a number if there is one of its name.

        Returns:
            The path or the address of the file.

        Raises:
            UnknownName: The export is not complete, or its file was removed.
            DmcError: As for :meth:`require_target`.
        """
        return self.write_file(task, path).place

    def write_file(self, task: Task | int, path: Path | str) -> WrittenFile:
        """Write the file of an export as :meth:`save_file`; say what it replaced.

        Returns:
            The path or the address, and whether a file was there.
        """
        store = self._workspace
        stored = store.tasks.get(task_id_of(task))
        archive, name = downloadable_file(store, stored), exported_name(stored)
        target = find_address(path)
        if isinstance(target, Path):
            is_replaced = target.is_file()
            place = str(save_export(archive, target, name))
            return WrittenFile(place, is_replaced)
        require_store(store, target)
        written = _upload_export(archive, target, name)
        note = f"The file was written to {written.place}."
        store.tasks.add_start_note(stored.id, note)
        return written


def choose_format(path: Path | str | None) -> str:
    """Return the format whose files end as *path* does, below ``.zip``, or JSON.

    Another ending is refused by the plan, except below ``.zip``: there it may be part
    of the name, as in ``tickets.2026-11-28.zip``.
    """
    target = None if path is None else find_address(path)
    if target is None or _is_folder(target):
        return "JSON"
    name = target.name.lower()
    is_zip, name = name.endswith(".zip"), name.removesuffix(".zip")
    endings = _OTHER_ENDINGS | {
        f".{known.info.extension}": known.info.name for known in FORMATS.values()
    }
    for ending in sorted(endings, key=len, reverse=True):
        if name.endswith(ending):
            return endings[ending]
    suffix = "" if is_zip else Path(name).suffix
    return suffix.removeprefix(".").upper() or "JSON"


_OTHER_ENDINGS: Final = {".parq": "PARQUET", ".pq": "PARQUET"}


def _is_folder(target: Path | RemoteAddress) -> bool:
    return target.is_folder if isinstance(target, RemoteAddress) else target.is_dir()


def save_export(archive: Path, path: Path, name: str) -> Path:
    """Write the zip of an export to *path*, or the file in it if *path* is not a zip.

    The zip of a package holds several files and is written as it is.

    Args:
        archive: The zip that the task has made.
        path: A file, which is replaced, or a folder, where nothing is: the file gets a
            number if there is one of its name.
        name: The name of the file in a folder.

    Returns:
        The path of the file.
    """
    if path.is_dir():
        path = find_free_path(path / name)
    _write_export(archive, path, path.suffix)
    return path


def _upload_export(archive: Path, target: RemoteAddress, name: str) -> WrittenFile:
    """Write the zip of an export, or the file in it, to an address."""
    found = find_remote_kind(target)
    is_new = found is RemoteKind.FOLDER
    if is_new:
        target = find_free_address(target, name)
    written = WrittenFile(str(target), found is RemoteKind.FILE)
    if target.suffix.lower() == ".zip":
        upload_file(archive, target, is_new=is_new)
        return written
    part = archive.with_name(archive.name + ".part")
    try:
        _write_export(archive, part, target.suffix)
        upload_file(part, target, is_new=is_new)
    finally:
        part.unlink(missing_ok=True)
    return written


def _write_export(archive: Path, path: Path, suffix: str) -> None:
    with zipfile.ZipFile(archive) as opened:
        files = opened.namelist()
        is_zip = suffix.lower() == ".zip" or len(files) > 1
        with archive.open("rb") if is_zip else opened.open(files[0]) as stream:
            write_atomically(path, iter(lambda: stream.read(_CHUNK_BYTES), b""))
