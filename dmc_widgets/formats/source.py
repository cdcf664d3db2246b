"""Open a file of records: plain, alone in a zip, or in gzip."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, NamedTuple, Self, cast

from ..errors import FileBroken, FileError, FileUnreadable
from ..model.entity_type import OBJECT_ENTRY
from ..model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport, Sheet
from ..model.record import Record, UnreadableRecord
from ..ports import Format
from ..storage.ranged_files import RangedFile, RangedStream, RecordFile
from .byte_ranges import (
    ByteRange,
    FileBefore,
    LimitedStream,
    RangeReader,
    RecordRun,
    RowReader,
)
from .capabilities import ColumnLister, SheetReader
from .encoding_detection import TextSamples, sample_file, sample_stream
from .excel.xlsx_zip import is_office_document
from .json.attachment_placeholders import AttachmentFolder, find_attachments
from .json.batch_configuration import BatchConfiguration
from .json.batch_engine_format import write_batch_file
from .opened_file import OpenedFile
from .recognition import SAMPLE_BYTES, WORKBOOK_SUFFIXES, Sample
from .record_runs import RunReader
from .registry import FORMATS
from .zip_reader import (
    DAMAGED_MESSAGE,
    ZIP_ERRORS,
    ZIP_MAGIC,
    find_only_entry,
    open_zip,
    printable_name,
)

_BUFFER_BYTES = 256 * 1024


class Source:
    """A context manager over one file of records; closing it closes the file.

    Attributes:
        name: The name of the file; for a zip, the name of the file in it.
        size: How many bytes there are to read, after unpacking.
        format: The format of the records, set up for this file.
        configuration: The configuration of a batch engine file; None for others.
        options: How the file is read: the chosen options, and those detected.
        packed: The file is compressed, so that it can only be read from its beginning.
        attachments: The files beside a batch file, for the placeholders of its entries;
            None if there are none.
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
        self.format: Format
        self.configuration: BatchConfiguration | None = None
        self.attachments: AttachmentFolder | None = None
        self._opened = ExitStack()
        self._raw: _CountingReader | None = None
        self._stream: io.BufferedReader | None = None
        self._report = ReadingReport()
        self._recognise()

    @property
    def position(self) -> int:
        """How many unpacked bytes were read so far, a little more than the records."""
        if self._report.position is not None:
            return self._report.position
        return self._raw.count if self._raw else 0

    @property
    def stated_records(self) -> int | None:
        """The number of records that the file states, once the first were read."""
        return self._report.stated_records

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before an import of the file starts.

        Complete once the first records were read.
        """
        return tuple(self._report.warnings)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is known only after all records were read, such as skipped lines."""
        return self._report.notes(self.format.info.row_name)

    def records(self) -> Iterator[Record | UnreadableRecord]:
        """Read the records from the beginning. A new call ends the one before it.

        Raises:
            FileUnreadable: The beginning is not of the format.
            FileBroken: The file is damaged or cut off at some place.
        """
        stream = self._rewind()
        self._report.begin()
        records = self.format.read(
            stream, source=self.name, options=self.options, report=self._report
        )
        return self.attachments.fill(records) if self.attachments else records

    def runs(
        self, part: ByteRange | None = None
    ) -> Iterator[Sequence[Record | UnreadableRecord]] | None:
        """Read the same in runs of many records; None if the format has none.

        :attr:`position` is the same for all records of a run.

        Args:
            part: The range of the file to read; None for all of it.
        """
        if self.attachments or not isinstance(self.format, RunReader):
            return None
        self._report.begin()
        if part is None:
            stream, before = self._rewind(), None
        elif self.is_read_by_row:
            stream, before = self._rewind(), FileBefore(b"", part)
        else:
            stream, before = self._open(part)
        return self.format.read_runs(self._opened_file(stream), before)

    def count_records(self) -> Iterator[RecordRun]:
        """Read the file as :meth:`records` does, but make no records where possible.

        :attr:`position`, :attr:`warnings` and :attr:`notes` are those of reading it,
        but for warnings of values.

        Raises:
            FileUnreadable: The beginning is not of the format.
            FileBroken: The file is damaged or cut off at some place.
        """
        if not isinstance(self.format, (RangeReader, RowReader)) or self.attachments:
            return (RecordRun(1) for _ in self.records())
        stream = self._rewind()
        self._report.begin()
        return self.format.count_records(self._opened_file(stream))

    def find_lines(self, lines: Sequence[int]) -> list[int] | None:
        """Return the offsets of lines; None if the file is read from its beginning.

        Args:
            lines: How many lines are before each of them, ascending.
        """
        if not isinstance(self.format, RangeReader) or self.attachments:
            return None
        return self.format.find_lines(self._rewind(), lines, self.options)

    @property
    def is_read_by_row(self) -> bool:
        """The file is opened as a whole, and can be read from any of its rows."""
        return isinstance(self.format, RowReader)

    def records_in(self, part: ByteRange) -> Iterator[Record | UnreadableRecord]:
        """Read the records of a range, or from its first row; see :meth:`records`."""
        if isinstance(self.format, RowReader):
            self._report.begin()
            first = part.lines + 1 if part.lines else 0
            return self.format.read_rows(self._opened_file(self._rewind()), first)
        if not isinstance(self.format, RangeReader):
            raise TypeError(self.format)
        stream, before = self._open(part)
        if before is None:
            return self.format.read(
                stream, source=self.name, options=self.options, report=self._report
            )
        return self.format.read_range(self._opened_file(stream), before)

    def _opened_file(self, stream: BinaryIO) -> OpenedFile:
        return OpenedFile(stream, self.name, self.options, self._report)

    def _open(self, part: ByteRange) -> tuple[BinaryIO, FileBefore | None]:
        """Return the bytes of a range, and what is before it, if anything is."""
        head = self._rewind().read(part.head)
        stream = self._rewind(part.start, self.size if part.end is None else part.end)
        if part.end is not None:
            limited = LimitedStream(stream, part.end - part.start)
            stream = io.BufferedReader(limited, _BUFFER_BYTES)
        return stream, FileBefore(head, part) if part.start else None

    def write_filled(self, stream: IO[bytes]) -> None:
        """Write a batch file with the contents of its attachments in their places.

        Raises:
            FileError: The file cannot be read to its end.
        """
        configuration = self.configuration.data if self.configuration else {}
        write_batch_file(configuration, self.records(), stream)

    def columns(self) -> tuple[str, ...] | None:
        """Return the columns that the file states apart from its rows; None if none.

        Raises:
            FileUnreadable: The file is damaged.
        """
        if not isinstance(self.format, ColumnLister):
            return None
        return self.format.list_columns(self._rewind(), source=self.name)

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the sheets of a workbook; another file has none.

        Raises:
            FileUnreadable: The workbook is damaged, protected or too large.
        """
        if not isinstance(self.format, SheetReader):
            return ()
        return self.format.sheets(self._rewind(), source=self.name)

    def keep_open(self, opened: ExitStack) -> None:
        """Keep *opened* open until this source is closed."""
        self._opened = opened

    def close(self) -> None:
        """Close the file. Closing twice is harmless."""
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

    def _recognise(self) -> None:
        try:
            sample = Sample(
                self.name,
                self.options,
                head=self._rewind().read(SAMPLE_BYTES),
                open_stream=self._rewind,
                take_samples=self._take_samples,
            )
            self.format, self.options = FORMATS.recognise(sample)
            self._report = sample.report
        finally:
            self._forget_stream()
        self.configuration = getattr(self.format, "configuration", None)

    def _take_samples(self) -> TextSamples:
        """Sample the text; of a damaged file its head, since that can be imported."""
        try:
            if self.packed:
                return sample_stream(self._rewind())
            with self._open_raw() as file:
                return sample_file(file, self.size)
        except (FileError, OSError):
            head = self._rewind().read(SAMPLE_BYTES)
            return TextSamples([head], is_whole=False)

    def _rewind(self, offset: int = 0, end: int | None = None) -> BinaryIO:
        """Open the file at an offset; nothing from *end* on is read, if it is given."""
        self._forget_stream()
        try:
            inner = self._open_raw()
            if isinstance(inner, RangedStream) and end is not None:
                inner.expect(offset, end)
            elif offset:
                inner.seek(offset)
        except OSError as exc:
            raise FileUnreadable(self.name, describe_os_error("opened", exc)) from exc
        except ZIP_ERRORS as exc:
            raise FileUnreadable(self.name, DAMAGED_MESSAGE) from exc
        can_seek = not self.packed
        self._raw = _CountingReader(inner, self.name, offset, can_seek=can_seek)
        self._stream = io.BufferedReader(self._raw, _BUFFER_BYTES)
        return self._stream

    def _forget_stream(self) -> None:
        if self._stream:
            self._stream.close()
        self._stream = self._raw = None


class _CountingReader(io.RawIOBase):
    """The bytes of *inner*, counted, with its errors translated to ours.

    What is packed is unpacked anew for each step back, so it is read in one go only.
    """

    def __init__(
        self, inner: IO[bytes], source: str, offset: int, *, can_seek: bool
    ) -> None:
        super().__init__()
        self.count = offset
        self._inner = inner
        self._source = source
        self._can_seek = can_seek

    def seekable(self) -> bool:
        return self._can_seek

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if not self._can_seek:
            raise io.UnsupportedOperation
        try:
            return self._inner.seek(offset, whence)
        except OSError as exc:
            raise FileBroken(self._source, describe_os_error("read on", exc)) from exc

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
    """Return the sentence that a file cannot be opened or read, with the reason."""
    return f"The file cannot be {be_done}: {exc.strerror or exc}."


_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MIN_BYTES = 18  # bytes of a gzip file of nothing
_GZIP_SUFFIXES = (".gz", ".gzip")


def open_source(
    path: RecordFile, *, name: str | None = None, options: ReadingOptions = DETECT_ALL
) -> Source:
    """Open a file of records, or a zip that holds exactly one, or one in gzip.

    The content decides the format; see :mod:`.registry`. The file is read as a
    stream, and nothing is unpacked to disk.

    Args:
        path: The path of the file, or one of which parts are fetched.
        name: The name of the file for people, if it is not that of *path*.
        options: How to read a table, where the caller does not leave it to detection.

    Returns:
        A context manager; the caller closes it.

    Raises:
        FileUnreadable: The file cannot be opened, or does not hold records.
        FileBroken: The file is malformed before its format is known.
    """
    file_name = name or path.name
    with ExitStack() as opened:
        try:
            file: IO[bytes] = opened.enter_context(path.open("rb"))
            magic = file.read(4)
            size = _find_size(path, file)
        except OSError as exc:
            raise FileUnreadable(file_name, describe_os_error("opened", exc)) from exc
        raw = _RawFile(file_name, size, partial(_open_raw, path))
        if magic in ZIP_MAGIC and not file_name.lower().endswith(WORKBOOK_SUFFIXES):
            archive = opened.enter_context(open_zip(file, name=file_name))
            raw = _find_in_zip(archive, raw)
            options = _add_archive_options(options, archive.comment)
        elif magic.startswith(_GZIP_MAGIC):
            raw = _find_in_gzip(path, file, raw)
        source = Source(raw.name, raw.size, raw.open, options, packed=raw.packed)
        stated = source.configuration
        has_entries = stated is not None and stated.class_name == OBJECT_ENTRY
        if has_entries and not raw.packed and isinstance(path, Path):
            source.attachments = find_attachments(path)
        source.keep_open(opened.pop_all())
        return source


def _add_archive_options(options: ReadingOptions, comment: bytes) -> ReadingOptions:
    """Return *options* with those of the export that left *comment* in its zip."""
    for format_ in FORMATS.values() if comment else ():
        if format_.info.archive_comment == comment:
            return options.over(format_.info.archive_options)
    return options


class _RawFile(NamedTuple):
    """The name, the size and the bytes of a file of records, packed or not."""

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


def _open_raw(path: RecordFile) -> IO[bytes]:
    file = path.open() if isinstance(path, RangedFile) else io.FileIO(path)
    return cast("IO[bytes]", file)


def _find_size(path: RecordFile, file: IO[bytes]) -> int:
    if isinstance(path, RangedFile):
        return path.size
    return os.fstat(file.fileno()).st_size


def _find_in_gzip(path: RecordFile, file: IO[bytes], plain: _RawFile) -> _RawFile:
    size = _read_unpacked_size(file, plain.size)
    reopen = partial(_open_gzip, path)
    return _RawFile(_strip_gzip_suffix(plain.name), size, reopen, packed=True)


def _strip_gzip_suffix(name: str) -> str:
    for suffix in _GZIP_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def _open_gzip(path: RecordFile) -> IO[bytes]:
    if isinstance(path, RangedFile):
        file = gzip.GzipFile(fileobj=path.open())
    else:
        file = gzip.GzipFile(path)
    return io.BufferedReader(file, _BUFFER_BYTES)


def _read_unpacked_size(file: IO[bytes], packed: int) -> int:
    """Read what gzip states at its end: the size, but for whole times of 4 GiB."""
    if packed < _GZIP_MIN_BYTES:
        return packed
    file.seek(-4, os.SEEK_END)
    return max(int.from_bytes(file.read(4), "little"), packed)
