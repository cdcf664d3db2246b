"""Read a package: a folder of batch files, or a zip archive of one.

As in a batch client extension of Liferay, a unit is a file whose name ends in
``batch-engine-data.json``, or the pair of older packages: ``batch-engine.json``, which
holds the configuration, and the one data file in the same folder. Files of one
definition or folder, as the buttons of Liferay's Objects page export them, are units,
too. Units come in
Liferay's order, which compares whole paths, without regard to case and numbers by their
value.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, Protocol
from zipfile import ZipFile, ZipInfo

from ...errors import FileError, FileUnreadable
from ...formats.json.attachment_placeholders import ATTACHMENTS, holds_placeholder
from ...formats.json.document_files import MAX_DOCUMENT_BYTES, is_document_file
from ...formats.zip_reader import (
    DAMAGED_MESSAGE,
    ZIP_ERRORS,
    ZIP_MAGIC,
    list_entries,
    open_zip,
    printable_name,
    require_safe_entry,
)
from ...model.natural_order import natural_sort_key
from ...storage.private_files import make_private_folder, open_private
from ...workspace.file_transfer import require_disk_space, translate_os_errors
from .classic_units import (
    CLASSIC_CONFIGURATION,
    MAX_CONFIGURATION_BYTES,
    describe_unpaired,
    write_classic_unit,
)

BATCH_FILE_SUFFIX: Final = "batch-engine-data.json"
_SUFFIX_HINT: Final = (
    f"has a name that ends in {BATCH_FILE_SUFFIX}, or is an exported definition or "
    "folder"
)
_JSON_SUFFIX: Final = ".json"
_LIBRARIES: Final = "node_modules"
"""Workspaces have thousands of files of others below it."""


@dataclass(frozen=True, slots=True)
class PackageUnit:
    """What is imported by one task.

    Attributes:
        name: The path of its file below the package's folder, or in its zip.
        path: The batch file, or None.
        problem: Why there is none; empty otherwise.
    """

    name: str
    path: Path | None
    problem: str = ""


@contextmanager
def package_units(path: Path, scratch: Path) -> Iterator[Iterator[PackageUnit]]:
    """Yield the units of a package in Liferay's order; none if it is empty.

    Args:
        path: A folder, a zip of one, or a single file of a package. The files of a zip
            are unpacked one by one, and removed when the next one is requested.
        scratch: The folder to unpack in.

    Raises:
        FileUnreadable: *path* is neither, or holds other files only.
        DiskFull: The disk has no space for an unpacked file.
    """
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(dir=scratch)))
        if path.is_dir():
            yield _iter_units(_Folder(path), folder, str(path))
            return
        single = _Folder(path.parent, [path.name])
        if path.is_file() and _unit_names(single):
            yield _iter_units(single, folder, str(path))
            return
        try:
            file = opened.enter_context(path.open("rb"))
        except OSError as exc:
            reason = (
                "the folder or zip does not exist. Give the one that holds the package."
            )
            raise FileUnreadable(str(path), reason) from exc
        _require_zip(file, path.name)
        archive = opened.enter_context(open_zip(file, name=path.name))
        size = path.stat().st_size
        yield _iter_units(
            _Archive(archive, folder, name=path.name, size=size), folder, path.name
        )


def _require_zip(file: BinaryIO, name: str) -> None:
    """Refuse a file that does not even begin as a zip does."""
    head = file.read(len(ZIP_MAGIC[0]))
    if head and not head.startswith(ZIP_MAGIC):
        reason = (
            f"this is not a package: it is not a zip, and its name does not end in "
            f"{BATCH_FILE_SUFFIX}. Import a file of records by itself."
        )
        raise FileUnreadable(name, reason)
    file.seek(0)


class _Files(Protocol):
    """The files of a package, by their paths."""

    names: list[str]

    def take(self, name: str) -> Path:
        """Return the path of a file on the disk."""
        ...

    def is_document(self, name: str) -> bool:
        """Return True for a file of one definition, picklist or folder."""
        ...


class _Folder:
    """The files below a folder, where they are.

    Args:
        path: The folder.
        names: The names of the files; None for all of them.
    """

    def __init__(self, path: Path, names: list[str] | None = None) -> None:
        self._path = path
        if names is None:
            files = (file for file in path.rglob("*") if file.is_file())
            names = [file.relative_to(path).as_posix() for file in files]
        self.names = names

    def is_document(self, name: str) -> bool:
        """Return True for a file of one document."""
        path = self._path / name
        try:
            is_small = path.stat().st_size <= MAX_DOCUMENT_BYTES
            return is_small and is_document_file(path.read_bytes())
        except OSError:
            return False  # other files of the folder are not the package's

    def take(self, name: str) -> Path:
        """Return the path of a file."""
        return self._path / name


class _Archive:
    """The files of a zip; a batch file is unpacked, with its attachments if needed."""

    def __init__(self, archive: ZipFile, folder: Path, *, name: str, size: int) -> None:
        self._archive = archive
        self._entries: Mapping[str, ZipInfo] = {
            entry.filename: entry for entry in list_entries(archive, name=name)
        }
        self._name, self._size = name, size
        self._folder = folder
        self._unpacked = folder / "unpacked"
        self.names = [*self._entries]

    def is_document(self, name: str) -> bool:
        """Return True for a file of one document."""
        entry = self._entries[name]
        try:
            is_small = entry.file_size <= MAX_DOCUMENT_BYTES
            return is_small and is_document_file(self._archive.read(entry))
        except ZIP_ERRORS:
            return False

    def take(self, name: str) -> Path:
        """Unpack a file under our own name; theirs is not trusted."""
        shutil.rmtree(self._unpacked, ignore_errors=True)
        path = self._unpacked / BATCH_FILE_SUFFIX
        self._unpack(name, path)
        prefix = f"{PurePosixPath(name).parent.as_posix()}/{ATTACHMENTS}/"
        prefix = prefix.removeprefix("./")
        attached = [x for x in self.names if x.startswith(prefix)]
        with path.open("rb") as file:
            if not attached or not holds_placeholder(file):
                return path
        for attachment in attached:
            # The zip was refused if one of its names leaves its folder.
            target = self._unpacked / ATTACHMENTS / attachment.removeprefix(prefix)
            self._unpack(attachment, target, may_be_zip=True)
        return path

    def _unpack(self, name: str, path: Path, *, may_be_zip: bool = False) -> None:
        entry = self._entries[name]
        require_safe_entry(
            entry, name=self._name, size=self._size, may_be_zip=may_be_zip
        )
        require_disk_space(self._folder, entry.file_size)
        try:
            with translate_os_errors(self._folder):
                make_private_folder(path.parent)
                with self._archive.open(entry) as packed, open_private(path) as file:
                    shutil.copyfileobj(packed, file)
        except ZIP_ERRORS as exc:
            raise FileUnreadable(printable_name(entry), DAMAGED_MESSAGE) from exc


def _unit_names(files: _Files) -> list[str]:
    """Return the names of the files that are units, or stand for one."""
    classic = {
        PurePosixPath(name).parent
        for name in files.names
        if name.endswith(CLASSIC_CONFIGURATION)
    }

    def is_unit(name: str) -> bool:
        if name.endswith((BATCH_FILE_SUFFIX, CLASSIC_CONFIGURATION)):
            return True
        path = PurePosixPath(name)
        is_data = path.parent in classic or {_LIBRARIES, ATTACHMENTS} & {*path.parts}
        return name.endswith(_JSON_SUFFIX) and not is_data and files.is_document(name)

    return [name for name in files.names if is_unit(name)]


def _iter_units(files: _Files, folder: Path, package: str) -> Iterator[PackageUnit]:
    names = _unit_names(files)
    if not names and files.names:
        reason = f"no file in it {_SUFFIX_HINT}."
        raise FileUnreadable(package, reason)
    for name in sorted(names, key=natural_sort_key):
        shown = "".join(char if char.isprintable() else "\ufffd" for char in name)
        try:
            if not name.endswith(CLASSIC_CONFIGURATION):
                yield PackageUnit(shown, files.take(name))
            else:
                yield _read_classic_unit(files, name, shown, folder)
        except FileError as exc:
            yield PackageUnit(shown, None, str(exc))


def _read_classic_unit(
    files: _Files, name: str, shown: str, folder: Path
) -> PackageUnit:
    """Make one batch file of a configuration and the data file beside it."""
    parent = PurePosixPath(name).parent
    others = [
        other
        for other in files.names
        if PurePosixPath(other).parent == parent
        and other != name
        and not other.endswith(BATCH_FILE_SUFFIX)
        and not PurePosixPath(other).name.startswith(".")
    ]
    if len(others) != 1:
        return PackageUnit(shown, None, describe_unpaired(others))
    target = folder / f"classic.{BATCH_FILE_SUFFIX}"
    with files.take(name).open("rb") as file:
        configuration = file.read(MAX_CONFIGURATION_BYTES + 1)
    data = files.take(others[0])
    write_classic_unit(configuration, data, others[0], target, name=shown)
    return PackageUnit(shown, target)
