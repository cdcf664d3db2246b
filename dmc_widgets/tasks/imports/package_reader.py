"""Read a package: a folder of batch files, or a zip archive of one.

Files of one definition or folder, as the buttons of Liferay's Objects page export them,
are part of it as they are.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile, ZipInfo

from ...errors import FileUnreadable
from ...formats.json.document_files import MAX_DOCUMENT_BYTES, is_document_file
from ...formats.zip_reader import (
    DAMAGED_MESSAGE,
    ZIP_ERRORS,
    find_entries,
    open_zip,
    printable_name,
)
from ...model.task import Task
from ...storage.private_files import open_private
from ...workspace.file_transfer import require_disk_space, translate_os_errors

BATCH_FILE_SUFFIX = "batch-engine-data.json"
_SUFFIX_HINT = (
    f"has a name that ends in {BATCH_FILE_SUFFIX}, or is an exported definition or "
    "folder"
)
_JSON_SUFFIX = ".json"
_LIBRARIES = "node_modules"
"""Workspaces have thousands of files of others below it."""


@dataclass(frozen=True, slots=True)
class PackageStep:
    """The result of importing one file of a package.

    Attributes:
        file: The path of the file below the package's folder, or in its zip.
        task: The finished task; None if none was started.
        reason: Why no task was started; empty otherwise.
        failed: True if no task was started because of an error; False if the file only
            has items that cannot be imported.
    """

    file: str
    task: Task | None = None
    reason: str = ""
    failed: bool = False


@contextmanager
def package_files(path: Path, scratch: Path) -> Iterator[Iterator[tuple[str, Path]]]:
    """Yield name and path of each batch file, in natural order: 1, 2, 10.

    Args:
        path: A folder, a zip of one, or a single file of a package. The files of a zip
            are unpacked one by one, and removed when the next one is requested.
        scratch: The folder to unpack in.

    Raises:
        FileUnreadable: *path* is neither, or holds no batch file.
        DiskFull: The disk has no space for an unpacked file.
    """
    if path.is_dir():
        yield _iter_folder_files(path)
        return
    if path.name.endswith(_JSON_SUFFIX) and path.is_file() and _is_of_package(path):
        yield iter([(path.name, path)])
        return
    with ExitStack() as opened:
        try:
            file = opened.enter_context(path.open("rb"))
        except OSError as exc:
            reason = "no such folder or zip. Give the one that holds the package."
            raise FileUnreadable(str(path), reason) from exc
        archive = opened.enter_context(open_zip(file, name=path.name))
        size = path.stat().st_size
        entries = [
            entry
            for entry in find_entries(archive, _JSON_SUFFIX, name=path.name, size=size)
            if entry.filename.endswith(BATCH_FILE_SUFFIX)
            or _is_packed_document(archive, entry)
        ]
        if not entries:
            raise FileUnreadable(path.name, f"no file in it {_SUFFIX_HINT}.")
        entries.sort(key=lambda entry: natural_sort_key(Path(entry.filename)))
        folder = opened.enter_context(TemporaryDirectory(dir=scratch))
        yield _iter_zip_files(archive, entries, Path(folder))


def _iter_folder_files(directory: Path) -> Iterator[tuple[str, Path]]:
    paths = [
        path
        for path in directory.rglob(f"*{_JSON_SUFFIX}")
        if path.is_file() and _is_of_package(path)
    ]
    if not paths:
        raise FileUnreadable(str(directory), f"no file below it {_SUFFIX_HINT}.")
    named = [(path.relative_to(directory), path) for path in paths]
    for name, path in sorted(named, key=lambda pair: natural_sort_key(pair[0])):
        yield name.as_posix(), path


def _is_of_package(path: Path) -> bool:
    """Return True for a batch file, and for a file of one document."""
    if path.name.endswith(BATCH_FILE_SUFFIX):
        return True
    if _LIBRARIES in path.parts or path.stat().st_size > MAX_DOCUMENT_BYTES:
        return False
    try:
        return is_document_file(path.read_bytes())
    except OSError:
        return False  # other files of the folder are not the package's


def _is_packed_document(archive: ZipFile, entry: ZipInfo) -> bool:
    if entry.file_size > MAX_DOCUMENT_BYTES:
        return False
    try:
        return is_document_file(archive.read(entry))
    except ZIP_ERRORS:
        return False


def _iter_zip_files(
    archive: ZipFile, entries: Sequence[ZipInfo], folder: Path
) -> Iterator[tuple[str, Path]]:
    """Unpack one entry after the other under our own name; theirs is not trusted."""
    path = folder / BATCH_FILE_SUFFIX
    for entry in entries:
        require_disk_space(folder, entry.file_size)
        try:
            with (
                translate_os_errors(folder),
                archive.open(entry) as packed,
                open_private(path) as file,
            ):
                shutil.copyfileobj(packed, file)
        except ZIP_ERRORS as exc:
            raise FileUnreadable(printable_name(entry), DAMAGED_MESSAGE) from exc
        yield printable_name(entry), path


def natural_sort_key(path: Path) -> list[list[tuple[int, str]]]:
    """Return a sort key that orders numbers in names by their value."""
    return [
        [
            (int(piece), "") if piece.isdigit() else (-1, piece)
            for piece in re.split(r"(\d+)", part)
        ]
        for part in path.parts
    ]
