"""A folder of batch files, or a zip of them, brought in one after another."""

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
_SUFFIX_HINT = f"has a name that ends in {BATCH_FILE_SUFFIX}"


@dataclass(frozen=True, slots=True)
class PackageStep:
    """What became of one file of a package.

    Attributes:
        file: Its path below the package's folder, or in its zip.
        task: The finished task; None where none was started.
        reason: Why none was started; empty otherwise.
        failed: None was started because something is wrong. False where the
            file only holds what we do not move.
    """

    file: str
    task: Task | None = None
    reason: str = ""
    failed: bool = False


@contextmanager
def package_files(path: Path, scratch: Path) -> Iterator[Iterator[tuple[str, Path]]]:
    """Yield name and place of each batch file, in natural order: 1, 2, 10.

    Args:
        path: A folder, or a zip of one. A zip's files are unpacked one by one, and
            removed as soon as the next one is asked for.
        scratch: Where to unpack.

    Raises:
        FileUnreadable: *path* is neither, or holds no such file.
        DiskFull: There is no room to unpack a file.
    """
    if path.is_dir():
        yield _iter_folder_files(path)
        return
    with ExitStack() as opened:
        try:
            file = opened.enter_context(path.open("rb"))
        except OSError as exc:
            reason = "no such folder or zip. Give the one that holds the package."
            raise FileUnreadable(str(path), reason) from exc
        archive = opened.enter_context(open_zip(file, name=path.name))
        size = path.stat().st_size
        entries = find_entries(archive, BATCH_FILE_SUFFIX, name=path.name, size=size)
        if not entries:
            raise FileUnreadable(path.name, f"no file in it {_SUFFIX_HINT}.")
        entries.sort(key=lambda each: natural_sort_key(Path(each.filename)))
        folder = opened.enter_context(TemporaryDirectory(dir=scratch))
        yield _iter_zip_files(archive, entries, Path(folder))


def _iter_folder_files(directory: Path) -> Iterator[tuple[str, Path]]:
    found = [
        path for path in directory.rglob(f"*{BATCH_FILE_SUFFIX}") if path.is_file()
    ]
    if not found:
        raise FileUnreadable(str(directory), f"no file below it {_SUFFIX_HINT}.")
    named = [(path.relative_to(directory), path) for path in found]
    for name, path in sorted(named, key=lambda each: natural_sort_key(each[0])):
        yield name.as_posix(), path


def _iter_zip_files(
    archive: ZipFile, entries: Sequence[ZipInfo], folder: Path
) -> Iterator[tuple[str, Path]]:
    """Unpack entry after entry to a name of ours: theirs is a stranger's text."""
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
    """Return a key that sorts the numbers in names by their value."""
    return [
        [
            (int(piece), "") if piece.isdigit() else (-1, piece)
            for piece in re.split(r"(\d+)", part)
        ]
        for part in path.parts
    ]
