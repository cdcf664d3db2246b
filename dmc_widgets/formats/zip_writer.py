"""Write the zip of an export, compressing it in the background.

Compression takes a third of the time of an export, and neither zlib nor the disk needs
Python's lock, so a second core can do it at the same time.
"""

from __future__ import annotations

import errno
import io
import os
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, NamedTuple, Protocol, runtime_checkable

from ..errors import DiskFull, WorkspaceUnusable
from ..model.item_pages import ItemPage
from ..ports import ExportHeader, Format, Item
from ..storage.private_files import open_private

DEFLATE_LEVEL: Final = 5
"""The compression level. 6, the default of zlib, takes twice the time for 6 % less."""

_BUFFER_BYTES: Final = 256 * 1024
_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_ENTRY_MODE: Final = 0o644  # the permissions of the file when it is unpacked
_QUEUE_LIMIT: Final = 4
"""How many pieces may wait: enough to even out the speeds, and little memory."""


class BackgroundWriter(io.RawIOBase):
    """Write to *stream* in a thread, in order; the caller closes *stream*.

    An error of the thread is raised by a later call, by :meth:`close` at the latest.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._pending: deque[Future[int]] = deque()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="writing")

    def writable(self) -> bool:
        """Return True: the stream can be written, and nothing else."""
        return True

    def write(self, data: Any, /) -> int:
        """Queue *data*; wait if the queue is full."""
        if len(self._pending) >= _QUEUE_LIMIT:
            self._pending.popleft().result()
        piece = bytes(data)  # the caller reuses its buffer
        self._pending.append(self._pool.submit(self._stream.write, piece))
        return len(piece)

    def close(self) -> None:
        """Wait until everything is written. Closing twice is harmless."""
        try:
            while self._pending:
                self._pending.popleft().result()
        finally:
            self._pool.shutdown(cancel_futures=True)
            super().close()


@runtime_checkable
class PageWriter(Protocol):
    """A format that writes JSON as it comes."""

    def write_pages(
        self, pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write the items of *pages* and return how many there were.

        The file is the one that :meth:`~dmc_widgets.ports.Format.write` makes of the
        same items.
        """
        ...


class ItemPages(NamedTuple):
    """Items in pages, for a format that is a :class:`PageWriter`."""

    pages: Iterable[ItemPage]
    format: PageWriter


class ArchiveEntry(NamedTuple):
    """One file of an archive: its name and its content."""

    name: str
    items: Iterable[Item] | ItemPages
    header: ExportHeader


def write_archive(
    path: Path, format: Format, items: Iterable[Item] | ItemPages, header: ExportHeader
) -> int:
    """Write *items* into a zip with the one entry ``export.<extension>``.

    Returns:
        How many items there were. Errors are those of :func:`write_entries`.
    """
    name = f"export.{format.info.extension}"
    return write_entries(path, format, [ArchiveEntry(name, items, header)])


def write_entries(path: Path, format: Format, entries: Iterable[ArchiveEntry]) -> int:
    """Write *entries* into a zip, one after another.

    The zip is written next to *path*, as ``<name>.part``, and renamed when it is
    complete and on the disk; on any error the part is removed. Its bytes depend only on
    the items: the date of the entries is the first one of the zip format.

    Returns:
        How many items there were.

    Raises:
        NotSupported: The format cannot hold the items.
        DiskFull: There is no room for the file.
        WorkspaceUnusable: The folder cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        with translate_write_errors(path):
            written = _write_part(part, format, entries)
            part.replace(path)
    finally:
        with suppress(OSError):  # the folder itself may be missing
            part.unlink(missing_ok=True)
    return written


@contextmanager
def translate_write_errors(path: Path) -> Iterator[None]:
    """Translate errors of the operating system while *path* is written.

    Raises:
        DiskFull: There is no room for the file.
        WorkspaceUnusable: The folder cannot be written.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in _DISK_FULL:
            reason = "There is no room for the file. Free some space and try again."
            raise DiskFull(str(path), reason) from exc
        reason = f"The file cannot be written: {exc.strerror or exc}."
        raise WorkspaceUnusable(str(path), reason) from exc


def _write_part(part: Path, format: Format, entries: Iterable[ArchiveEntry]) -> int:
    written = 0
    with open_private(part) as file:
        is_compressed = format.info.is_compressed
        method = zipfile.ZIP_STORED if is_compressed else zipfile.ZIP_DEFLATED
        with zipfile.ZipFile(file, "w", method, compresslevel=DEFLATE_LEVEL) as archive:
            for entry in entries:
                written += _write_entry(archive, format, entry)
            archive.comment = format.info.archive_comment
        file.flush()
        os.fsync(file.fileno())
    return written


def _write_entry(archive: zipfile.ZipFile, format: Format, entry: ArchiveEntry) -> int:
    with (
        # Its size is not known before, and may pass the 4 GiB of plain zips.
        archive.open(entry.name, "w", force_zip64=True) as packed,
        BackgroundWriter(packed) as packing,
        io.BufferedWriter(packing, _BUFFER_BYTES) as stream,
    ):
        items = entry.items
        if isinstance(items, ItemPages):
            written = items.format.write_pages(items.pages, stream, entry.header)
        else:
            written = format.write(items, stream, entry.header)
    archive.getinfo(entry.name).external_attr = _ENTRY_MODE << 16
    return written
