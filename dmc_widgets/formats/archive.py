"""Files of records on disk: opened for an import, written by an export."""

from __future__ import annotations

import errno
import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple

from ..errors import DiskFull, FileUnreadable, WorkspaceUnusable
from ..model.reading import AS_FOUND, Escapes, ReadingOptions
from ..ports import ExportHeader, Format, Item
from ..private_files import open_private
from .background import BackgroundWriter
from .excel_package import is_document
from .recognition import is_called_workbook
from .source import Source, cannot
from .zip_entry import MAGIC, only_entry, open_zip, shown_name

DEFLATE_LEVEL = 5
"""Of the zips we write. 6, zlib's own choice, takes twice the time for 6 % less."""

EXPORTED = b"dmc-widgets: CSV with escaped values"
"""The comment of zips with CSV that an export wrote; see :mod:`.comma_separated`. A
file that was unpacked, or that a spreadsheet has saved, bears it no more."""

AS_EXPORTED = ReadingOptions(
    delimiter=",",
    enclosing_character='"',
    encoding="UTF-8",
    escapes=Escapes.UNDO,
)
"""How such a file is written, so that nothing about it needs to be detected."""

_GZIP = b"\x1f\x8b"
_GZIP_LEAST = 18  # bytes of a gzip file of nothing
_GZIP_SUFFIXES = (".gz", ".gzip")
_BUFFER_BYTES = 256 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MODE = 0o644  # of the entry, when somebody unpacks it


def open_source(
    path: Path, *, name: str | None = None, options: ReadingOptions = AS_FOUND
) -> Source:
    """Open a file of records, or a zip that holds exactly one, or one in gzip.

    What it is shows in its content; see :mod:`.recognition`. It is read as a
    stream, and nothing is unpacked to disk.

    Args:
        path: Where it lies.
        name: What people call it, if not the name in *path*.
        options: How to read a CSV file, where detection is not to decide.

    Returns:
        A context manager; the caller closes it.

    Raises:
        FileUnreadable: It cannot be opened, or holds no records.
        FileBroken: It is a batch engine file that is malformed before its
            configuration.
    """
    shown = name or path.name
    with ExitStack() as opened:
        try:
            file = opened.enter_context(path.open("rb"))
            magic = file.read(4)
            size = os.fstat(file.fileno()).st_size
        except OSError as exc:
            raise FileUnreadable(shown, cannot("opened", exc)) from exc
        raw = _Raw(shown, size, partial(io.FileIO, path))
        if magic in MAGIC and not is_called_workbook(shown):
            archive = opened.enter_context(open_zip(file, name=shown))
            raw = _in_zip(archive, raw)
            if archive.comment == EXPORTED:
                options = options.over(AS_EXPORTED)
        elif magic.startswith(_GZIP):
            raw = _in_gzip(path, file, raw)
        source = Source(raw.name, raw.size, raw.open, options, packed=raw.packed)
        source.keep_open(opened.pop_all())
        return source


class _Raw(NamedTuple):
    """The bytes of a file of records, and its name, whether packed or not."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    packed: bool = False


def _in_zip(archive: zipfile.ZipFile, plain: _Raw) -> _Raw:
    if is_document(archive):
        return plain
    entry = only_entry(archive, name=plain.name, size=plain.size)
    reopen = partial(archive.open, entry)
    return _Raw(shown_name(entry), entry.file_size, reopen, packed=True)


def _in_gzip(path: Path, file: IO[bytes], plain: _Raw) -> _Raw:
    size = _unpacked_size(file, plain.size)
    reopen = partial(_open_gzip, path)
    return _Raw(_without_suffix(plain.name), size, reopen, packed=True)


def _without_suffix(name: str) -> str:
    for suffix in _GZIP_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _open_gzip(path: Path) -> IO[bytes]:
    return io.BufferedReader(gzip.GzipFile(path), _BUFFER_BYTES)


def _unpacked_size(file: IO[bytes], packed: int) -> int:
    """Read what gzip states at its end: the size, but for whole times of 4 GiB."""
    if packed < _GZIP_LEAST:
        return packed
    file.seek(-4, os.SEEK_END)
    return max(int.from_bytes(file.read(4), "little"), packed)


class Entry(NamedTuple):
    """One file of an archive: its name, and what stands in it."""

    name: str
    items: Iterable[Item]
    header: ExportHeader


def write_archive(
    path: Path, format: Format, items: Iterable[Item], header: ExportHeader
) -> int:
    """Write *items* into a zip with the one entry ``export.<extension>``.

    Returns:
        How many items there were. Errors are those of :func:`write_entries`.
    """
    name = f"export.{format.extension}"
    return write_entries(path, format, [Entry(name, items, header)])


def write_entries(path: Path, format: Format, entries: Iterable[Entry]) -> int:
    """Write *entries* into a zip, one after another.

    The zip is written beside *path*, as ``<name>.part``, and takes its name when
    it is complete and on the disk; on any error the part is removed. Its bytes
    depend on nothing but the items: the entries' date is the zip format's first.

    Returns:
        How many items there were.

    Raises:
        NotSupported: The format cannot hold the items.
        DiskFull: There is no room for the file.
        WorkspaceUnusable: The folder cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        with writing(path):
            written = _write_part(part, format, entries)
            part.replace(path)
    finally:
        with suppress(OSError):  # the folder itself may be missing
            part.unlink(missing_ok=True)
    return written


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate errors of the operating system while *path* is made.

    Raises:
        DiskFull: There is no room for the file.
        WorkspaceUnusable: The folder cannot be written.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in _FULL:
            reason = "There is no room for the file. Free some space and try again."
            raise DiskFull(str(path), reason) from exc
        reason = f"The file cannot be written: {exc.strerror or exc}."
        raise WorkspaceUnusable(str(path), reason) from exc


def _write_part(part: Path, format: Format, entries: Iterable[Entry]) -> int:
    written = 0
    with open_private(part) as file:
        with zipfile.ZipFile(
            file, "w", zipfile.ZIP_DEFLATED, compresslevel=DEFLATE_LEVEL
        ) as archive:
            for entry in entries:
                written += _write_entry(archive, format, entry)
            if format.name == "CSV":
                archive.comment = EXPORTED
        file.flush()
        os.fsync(file.fileno())
    return written


def _write_entry(archive: zipfile.ZipFile, format: Format, entry: Entry) -> int:
    with (
        # Its size is not known before, and may pass the 4 GiB of plain zips.
        archive.open(entry.name, "w", force_zip64=True) as packed,
        BackgroundWriter(packed) as packing,
        io.BufferedWriter(packing, _BUFFER_BYTES) as stream,
    ):
        written = format.write(entry.items, stream, entry.header)
    archive.getinfo(entry.name).external_attr = _MODE << 16
    return written
