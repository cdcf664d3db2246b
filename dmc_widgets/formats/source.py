"""A file of records, opened: plain, or alone in a zip."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import IO, Any, BinaryIO, Self

from ..errors import FileBroken, FileError, FileUnreadable
from ..model.reading import AS_FOUND, ReadingOptions, ReadingReport, Sheet
from ..model.record import Record, Unreadable
from ..ports import Format
from . import FORMATS
from .configuration import Configuration
from .detection import SAMPLE_BYTES, settled
from .encodings import detect_encoding, marked_encoding
from .excel import sheets
from .foreign_text import describe_foreign
from .json_object import read_object
from .recognition import (
    Recognised,
    is_called_workbook,
    is_table,
    is_text,
    is_workbook,
    recognise,
    recognise_first_byte,
)
from .text_samples import TextSamples, sample_plain, sample_stream
from .zip_entry import DAMAGED, FAULTS

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
        options: ReadingOptions = AS_FOUND,
        *,
        packed: bool = False,
    ) -> None:
        self.name = name
        self.packed = packed
        self.size = size
        self.options = options
        self._open_raw = open_raw
        self._opened = ExitStack()
        self._raw: _Counted | None = None
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

    def records(self) -> Iterator[Record | Unreadable]:
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
        return sheets(self._rewound(), source=self.name)

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

    def _recognise(self) -> Recognised:
        try:
            sample = self._rewound().read(SAMPLE_BYTES)
            if is_workbook(sample) or self._is_damaged_workbook(sample):
                return Recognised("XLSX")
            if is_table(self.name, sample):
                self.options = settled(sample, self._with_encoding(sample))
                return Recognised("CSV")
            first = recognise_first_byte(self._rewound(), name=self.name)
            return recognise(self._rewound(), name=self.name, first=first)
        finally:
            self._forget_stream()

    def _is_damaged_workbook(self, sample: bytes) -> bool:
        """Look at a file that may be something else than its name says.

        Raises:
            FileUnreadable: It is HTML, XML, or empty.
        """
        is_promised = is_called_workbook(self.name)
        if not sample or not (is_promised or is_table(self.name, sample)):
            return is_promised
        foreign = describe_foreign(sample)
        if foreign:
            raise FileUnreadable(self.name, foreign)
        if not is_promised:
            return False
        if is_text(sample):
            self._report.warn(
                "The file is called an Excel workbook, but it is text, and is read as "
                "such."
            )
            return False
        return True

    def _with_encoding(self, head: bytes) -> ReadingOptions:
        """Return the options with the encoding of a text, and note a doubt about it."""
        if self.options.encoding or marked_encoding(head):
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
                return sample_plain(file, self.size)
        except (FileError, OSError):
            return TextSamples([head], is_whole=False)

    def _rewound(self) -> BinaryIO:
        self._forget_stream()
        try:
            inner = self._open_raw()
        except OSError as exc:
            raise FileUnreadable(self.name, cannot("opened", exc)) from exc
        except FAULTS as exc:
            raise FileUnreadable(self.name, DAMAGED) from exc
        self._raw = _Counted(inner, self.name)
        self._stream = io.BufferedReader(self._raw, _BUFFER_BYTES)
        return self._stream

    def _forget_stream(self) -> None:
        if self._stream:
            self._stream.close()
        self._stream = self._raw = None


class _Counted(io.RawIOBase):
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
            raise FileBroken(self._source, cannot("read on", exc)) from exc
        except FAULTS as exc:
            raise FileBroken(self._source, DAMAGED) from exc
        view[: len(data)] = data
        self.count += len(data)
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


def cannot(be_done: str, exc: OSError) -> str:
    """Say that a file cannot be opened or read, in the system's words."""
    return f"The file cannot be {be_done}: {exc.strerror or exc}."
