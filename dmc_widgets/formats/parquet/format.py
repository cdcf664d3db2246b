"""Parquet: entries written as typed columns; the rows of any Parquet file read.

Decisions:

* A field is one column, whose type follows from the field: 64-bit whole numbers,
  doubles for ``Decimal``, as Liferay has them, ``decimal(38, 16)`` for
  ``PrecisionDecimal``, Booleans, dates, and moments to the millisecond, in UTC or
  without a zone as the field keeps them. Everything else is a text.
* What CSV spreads over columns is one nested column: an object a struct
  (``state.key``), the languages of a field a map, keywords, linked entries and the
  choices of a multiselect picklist a list of texts (codes and keys). Columns for
  languages, as CSV has them, were turned down: they are known after the last entry.
* A value that its column cannot hold is refused, never rounded.
* Reading takes every type that other programs write and an entry can hold, whatever
  this module would write: see :mod:`.values`. Columns of CSV (``state.key``,
  ``title_i18n_de_DE``) are joined as they are there.
* A row without any value is a record: unlike the rows of a sheet it was written.

The library is large, so it is an extra of its own, and is loaded with the first file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import BinaryIO, Final

from ...errors import NotSupported
from ...model.item_pages import ItemPage
from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, FileSample, FormatInfo, Item, RecognisedFile
from ..byte_ranges import FileBefore, RecordRun
from ..opened_file import OpenedFile
from ..tables.export_columns import require_entries

_MAGIC: Final = b"PAR1"
_ENCRYPTED_MAGIC: Final = b"PARE"
_SUFFIXES: Final = (".parquet", ".parq", ".pq")


class ParquetFormat:
    """Columns sorted without regard to case, in row groups of 100,000 rows at most."""

    info = FormatInfo(
        name="PARQUET",
        extension="parquet",
        suffixes=_SUFFIXES,
        files="Parquet",
        is_table=True,
        is_nested=True,
        is_compressed=True,
        row_name="row",
        writing_options=frozenset({"compression"}),
    )

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Recognise a Parquet file by its first bytes, whatever it is called.

        The text ``PAR1`` alone proves nothing: it may be the name of a column.
        """
        if not sample.head.startswith((_MAGIC, _ENCRYPTED_MAGIC)):
            return None
        if b"\0" not in sample.head and not sample.has_suffix(*_SUFFIXES):
            return None
        return RecognisedFile(self, sample.options)

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the rows.

        Raises:
            FileUnreadable: The file is empty, damaged, encrypted or hostile.
            FileBroken: The file is damaged from some row group on.
            NotSupported: The library is not installed.
        """
        file = OpenedFile(stream, source, options, report or ReadingReport())
        return chain.from_iterable(self.read_runs(file))

    def read_runs(
        self, file: OpenedFile, before: FileBefore | None = None
    ) -> Iterator[Sequence[Record | UnreadableRecord]]:
        """Yield the rows, some thousand at a time; see :class:`.RunReader`."""
        with translated_import():
            from .reader import read_runs
        return read_runs(file, after=before.range.lines if before else 0)

    def read_rows(
        self, file: OpenedFile, first: int
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the rows from one on; see :class:`.RowReader`."""
        with translated_import():
            from .reader import read_runs
        return chain.from_iterable(read_runs(file, after=max(0, first - 1)))

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield the number of rows that become records at once, without reading them.

        Raises:
            FileUnreadable: The file is empty, damaged, encrypted or hostile.
        """
        with translated_import():
            from .reader import count_runs
        return count_runs(file)

    def list_columns(self, stream: BinaryIO, *, source: str) -> tuple[str, ...]:
        """Return the names of the columns, those of parts of objects with dots.

        Raises:
            FileUnreadable: The file is empty, damaged, encrypted or hostile.
        """
        with translated_import():
            from .reader import list_columns
        return list_columns(stream, source=source)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a row an item.

        Raises:
            NotSupported: The items are not entries, a column cannot hold a value, or
                the library is not installed.
        """
        return self.write_pages([items], stream, header)

    def write_pages(
        self, pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write the same from pages; see :class:`.PageWriter`.

        Raises:
            NotSupported: The items are not entries, a column cannot hold a value, or
                the library is not installed.
        """
        require_entries(header, self.info)
        with translated_import():
            from .writer import write_parquet
        return write_parquet(pages, stream, header)


@contextmanager
def translated_import() -> Iterator[None]:
    """Translate the import of a module that needs the library, if it is missing."""
    try:
        yield
    except ModuleNotFoundError as exc:
        what = "Parquet needs the package pyarrow."
        instead = 'Install it: pip install "dmc-widgets[parquet]".'
        raise NotSupported(what, instead) from exc
