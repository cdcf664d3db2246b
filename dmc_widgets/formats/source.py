"""A file of records, opened: plain, or alone in a zip.

Files of records on disk: opened for an import, written by an export.
"""

from __future__ import annotations

import errno
import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, NamedTuple, Self

from ..errors import DiskFull, FileBroken, FileError, FileUnreadable, WorkspaceUnusable
from ..model.reading_options import (
    DETECT_ALL,
    Escapes,
    ReadingOptions,
    ReadingReport,
    Sheet,
)
from ..model.record import Record, UnreadableRecord
from ..ports import ExportHeader, Format, Item
from ..storage.private_files import open_private
from . import FORMATS
from .csv.dialect import SAMPLE_BYTES, detect_dialect
from .encoding_detection import (
    TextSamples,
    declared_encoding,
    detect_encoding,
    sample_file,
    sample_stream,
)
from .excel.format import list_sheets
from .excel.xlsx_package import is_office_document
from .json.batch_engine_format import Configuration
from .json.page import read_object
from .recognition import (
    Recognition,
    describe_unsupported_text,
    has_workbook_name,
    is_table_file,
    is_text_sample,
    is_workbook,
    read_first_byte,
    recognise,
)
from .zip_reader import (
    DAMAGED_MESSAGE,
    ZIP_ERRORS,
    ZIP_MAGIC,
    find_only_entry,
    open_zip,
    printable_name,
)
from .zip_writer import BackgroundWriter

_BUFFER_BYTES = 256 * 1024


class Source:
    """A context manager over one file of records; closing it closes the file.

    Attributes:
        name: The file's own name; of a zip, the name of its entry.
        size: Bytes to read, not packed.
        format: What the records are written in.
        configuration: Of a batch engine file; None for others.
        options: How the file is read. Of CSV: what was chosen and what was found.
        packed: Its bytes do not stand in the file as they are.
    """

    def __init__(
        self,
        name: str,
        size: int,
        open_raw: Callable[[], IO[bytes]],
        options: ReadingOptions = DETECT_ALL,
        *,
        packed: bool = False,
    ) -> None:
        self.name = name
        self.packed = packed
        self.size = size
        self.options = options
        self._open_raw = open_raw
        self._opened = ExitStack()
        self._raw: _CountingReader | None = None
        self._stream: io.BufferedReader | None = None
        self._report = ReadingReport()
        found = self._recognise()
        self.format: Format = FORMATS[found.format]
        self.configuration: Configuration | None = found.configuration
        self._shape = found.shape
        if found.warning:
            self._report.warn(found.warning)

    @property
    def position(self) -> int:
        """Bytes read so far, not packed; a little ahead of the last record."""
        return self._raw.count if self._raw else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before an import of the file starts.

        Complete once the first records were read.
        """
        return tuple(self._report.warnings)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is known only once all records were read, such as skipped lines."""
        return self._report.notes("row" if self.format.name == "XLSX" else "line")

    def records(self) -> Iterator[Record | UnreadableRecord]:
        """Read the records from the beginning. A new call ends the one before it.

        Raises:
            FileUnreadable: The beginning is not of the format.
            FileBroken: The file is damaged or cut off from some place on.
        """
        stream = self._rewound()
        self._report.skipped_rows = self._report.rounded_numbers = 0
        if self._shape:
            return read_object(stream, self._shape, source=self.name)
        return self.format.read(
            stream, source=self.name, options=self.options, report=self._report
        )

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the sheets of a workbook; another file has none.

        Raises:
            FileUnreadable: It is damaged, protected or too large.
        """
        if self.format.name != "XLSX":
            return ()
        return list_sheets(self._rewound(), source=self.name)

    def keep_open(self, opened: ExitStack) -> None:
        """Take over what has to stay open as long as this is."""
        self._opened = opened

    def close(self) -> None:
        """Let go of the file. Closing twice is harmless."""
        self._forget_stream()
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _recognise(self) -> Recognition:
        try:
            sample = self._rewound().read(SAMPLE_BYTES)
            if is_workbook(sample) or self._is_damaged_workbook(sample):
                return Recognition("XLSX")
            if is_table_file(self.name, sample):
                self.options = detect_dialect(sample, self._with_encoding(sample))
                return Recognition("CSV")
            first = read_first_byte(self._rewound(), name=self.name)
            return recognise(self._rewound(), name=self.name, first=first)
        finally:
            self._forget_stream()

    def _is_damaged_workbook(self, sample: bytes) -> bool:
        """Look at a file that may be something else than its name says.

        Raises:
            FileUnreadable: It is HTML, XML, or empty.
        """
        is_promised = has_workbook_name(self.name)
        if not sample or not (is_promised or is_table_file(self.name, sample)):
            return is_promised
        foreign = describe_unsupported_text(sample)
        if foreign:
            raise FileUnreadable(self.name, foreign)
        if not is_promised:
            return False
        if is_text_sample(sample):
            self._report.warn(
                "The file is called an Excel workbook, but it is text, and is read as "
                "such."
            )
            return False
        return True

    def _with_encoding(self, head: bytes) -> ReadingOptions:
        """Return the options with the encoding of a text, and note a doubt about it."""
        if self.options.encoding or declared_encoding(head):
            return self.options
        samples = self._samples(head)
        found = detect_encoding(samples.pieces, is_whole=samples.is_whole)
        if found.doubt:
            self._report.warn(found.doubt)
        return replace(self.options, encoding=found.encoding)

    def _samples(self, head: bytes) -> TextSamples:
        """Sample the text; of a damaged file its head, since that can be imported."""
        try:
            if self.packed:
                return sample_stream(self._rewound())
            with self._open_raw() as file:
                return sample_file(file, self.size)
        except (FileError, OSError):
            return TextSamples([head], is_whole=False)

    def _rewound(self) -> BinaryIO:
        self._forget_stream()
        try:
            inner = self._open_raw()
        except OSError as exc:
            raise FileUnreadable(self.name, describe_os_error("opened", exc)) from exc
        except ZIP_ERRORS as exc:
            raise FileUnreadable(self.name, DAMAGED_MESSAGE) from exc
        self._raw = _CountingReader(inner, self.name)
        self._stream = io.BufferedReader(self._raw, _BUFFER_BYTES)
        return self._stream

    def _forget_stream(self) -> None:
        if self._stream:
            self._stream.close()
        self._stream = self._raw = None


class _CountingReader(io.RawIOBase):
    """The bytes of *inner*, counted, with its faults in our words."""

    def __init__(self, inner: IO[bytes], source: str) -> None:
        super().__init__()
        self.count = 0
        self._inner = inner
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        try:
            data = self._inner.read(len(view))
        except OSError as exc:
            raise FileBroken(self._source, describe_os_error("read on", exc)) from exc
        except ZIP_ERRORS as exc:
            raise FileBroken(self._source, DAMAGED_MESSAGE) from exc
        view[: len(data)] = data
        self.count += len(data)
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


def describe_os_error(be_done: str, exc: OSError) -> str:
    """Say that a file cannot be opened or read, in the system's words."""
    return f"The file cannot be {be_done}: {exc.strerror or exc}."


DEFLATE_LEVEL = 5
"""Of the zips we write. 6, zlib's own choice, takes twice the time for 6 % less."""

EXPORT_COMMENT = b"dmc-widgets: CSV with escaped values"
"""The comment of zips with CSV that an export wrote; see :mod:`.comma_separated`. A
file that was unpacked, or that a spreadsheet has saved, bears it no more."""

EXPORT_OPTIONS = ReadingOptions(
    delimiter=",",
    enclosing_character='"',
    encoding="UTF-8",
    escapes=Escapes.UNDO,
)
"""How such a file is written, so that nothing about it needs to be detected."""

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MIN_BYTES = 18  # bytes of a gzip file of nothing
_GZIP_SUFFIXES = (".gz", ".gzip")
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_ENTRY_MODE = 0o644  # of the entry, when somebody unpacks it


def open_source(
    path: Path, *, name: str | None = None, options: ReadingOptions = DETECT_ALL
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
            raise FileUnreadable(shown, describe_os_error("opened", exc)) from exc
        raw = _RawFile(shown, size, partial(io.FileIO, path))
        if magic in ZIP_MAGIC and not has_workbook_name(shown):
            archive = opened.enter_context(open_zip(file, name=shown))
            raw = _find_in_zip(archive, raw)
            if archive.comment == EXPORT_COMMENT:
                options = options.over(EXPORT_OPTIONS)
        elif magic.startswith(_GZIP_MAGIC):
            raw = _find_in_gzip(path, file, raw)
        source = Source(raw.name, raw.size, raw.open, options, packed=raw.packed)
        source.keep_open(opened.pop_all())
        return source


class _RawFile(NamedTuple):
    """The bytes of a file of records, and its name, whether packed or not."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    packed: bool = False


def _find_in_zip(archive: zipfile.ZipFile, plain: _RawFile) -> _RawFile:
    if is_office_document(archive):
        return plain
    entry = find_only_entry(archive, name=plain.name, size=plain.size)
    reopen = partial(archive.open, entry)
    return _RawFile(printable_name(entry), entry.file_size, reopen, packed=True)


def _find_in_gzip(path: Path, file: IO[bytes], plain: _RawFile) -> _RawFile:
    size = _read_unpacked_size(file, plain.size)
    reopen = partial(_open_gzip, path)
    return _RawFile(_strip_gzip_suffix(plain.name), size, reopen, packed=True)


def _strip_gzip_suffix(name: str) -> str:
    for suffix in _GZIP_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _open_gzip(path: Path) -> IO[bytes]:
    return io.BufferedReader(gzip.GzipFile(path), _BUFFER_BYTES)


def _read_unpacked_size(file: IO[bytes], packed: int) -> int:
    """Read what gzip states at its end: the size, but for whole times of 4 GiB."""
    if packed < _GZIP_MIN_BYTES:
        return packed
    file.seek(-4, os.SEEK_END)
    return max(int.from_bytes(file.read(4), "little"), packed)


class ArchiveEntry(NamedTuple):
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
    return write_entries(path, format, [ArchiveEntry(name, items, header)])


def write_entries(path: Path, format: Format, entries: Iterable[ArchiveEntry]) -> int:
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
        with translate_write_errors(path):
            written = _write_part(part, format, entries)
            part.replace(path)
    finally:
        with suppress(OSError):  # the folder itself may be missing
            part.unlink(missing_ok=True)
    return written


@contextmanager
def translate_write_errors(path: Path) -> Iterator[None]:
    """Translate errors of the operating system while *path* is made.

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
        with zipfile.ZipFile(
            file, "w", zipfile.ZIP_DEFLATED, compresslevel=DEFLATE_LEVEL
        ) as archive:
            for entry in entries:
                written += _write_entry(archive, format, entry)
            if format.name == "CSV":
                archive.comment = EXPORT_COMMENT
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
        written = format.write(entry.items, stream, entry.header)
    archive.getinfo(entry.name).external_attr = _ENTRY_MODE << 16
    return written
