"""Where the file of an export goes, and in which form."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from ..errors import InvalidPlan
from ..formats import FORMATS
from ..model.file_names import find_free_path
from ..model.task import Task
from ..storage.private_files import write_atomically
from ..storage.remote_addresses import HTTP, RemoteAddress, find_address
from ..storage.remote_files import (
    find_free_address,
    is_remote_folder,
    require_place,
    upload_file,
)
from ..tasks.task_files import downloadable_file, exported_name
from ..workspace import Workspace
from .base import CenterPart, task_id_of

_CHUNK_BYTES: Final = 1 << 20


class ExportedFiles(CenterPart):
    """Writes the files of exports where they are wanted."""

    def require_target(self, path: Path | str | None) -> None:
        """Refuse before an export what could not be written after it.

        Args:
            path: A path of this machine, or an address such as ``s3://bucket/out/``;
                None for a file that stays in the workspace.

        Raises:
            InvalidPlan: The folder or the bucket does not exist, or the address is not
                allowed.
            NotSupported: The library for the address is not installed.
            InstallationError: The store refuses or does not answer.
        """
        target = None if path is None else find_address(path)
        if target is None:
            return
        if isinstance(target, RemoteAddress):
            _require_store(self._workspace, target)
            require_place(target)
        elif not target.absolute().parent.is_dir():
            reason = f"The folder {target.parent} does not exist. Create it first."
            raise InvalidPlan(reason)

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
        store = self._workspace
        stored = store.tasks.get(task_id_of(task))
        archive, name = downloadable_file(store, stored), exported_name(stored)
        target = find_address(path)
        if isinstance(target, Path):
            return str(save_export(archive, target, name))
        _require_store(store, target)
        written = _upload_export(archive, target, name)
        store.tasks.add_start_note(stored.id, f"The file was written to {written}.")
        return str(written)


def _require_store(workspace: Workspace, address: RemoteAddress) -> None:
    if address.protocol in HTTP:
        reason = "No file can be written to an address of http. Name one of a store."
        raise InvalidPlan(reason)
    workspace.source_policy.require_store(address)


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
    endings = {
        f".{known.info.extension}": known.info.name for known in FORMATS.values()
    }
    for ending in sorted(endings, key=len, reverse=True):
        if name.endswith(ending):
            return endings[ending]
    suffix = "" if is_zip else Path(name).suffix
    return suffix.removeprefix(".").upper() or "JSON"


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


def _upload_export(archive: Path, target: RemoteAddress, name: str) -> RemoteAddress:
    """Write the zip of an export, or the file in it, to an address."""
    is_new = is_remote_folder(target)
    if is_new:
        target = find_free_address(target, name)
    if target.suffix.lower() == ".zip":
        upload_file(archive, target, is_new=is_new)
        return target
    part = archive.with_name(archive.name + ".part")
    try:
        _write_export(archive, part, target.suffix)
        upload_file(part, target, is_new=is_new)
    finally:
        part.unlink(missing_ok=True)
    return target


def _write_export(archive: Path, path: Path, suffix: str) -> None:
    with zipfile.ZipFile(archive) as opened:
        files = opened.namelist()
        is_zip = suffix.lower() == ".zip" or len(files) > 1
        with archive.open("rb") if is_zip else opened.open(files[0]) as stream:
            write_atomically(path, iter(lambda: stream.read(_CHUNK_BYTES), b""))
