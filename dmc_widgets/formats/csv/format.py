"""CSV: one line a record, in the columns and quotes of Liferay's export.

Liferay writes the parts of a nested object on a line of their own below the record,
which its importer cannot join again. Here they are on the line of the record.
Values by language have a column each, ``title_i18n_de_DE``. A value without columns of
its own (a list of objects) is one cell of compact JSON.

Two kinds of text are escaped, since readers would misunderstand them:

* One that begins and ends with a quote is quoted once more, which Liferay's reader
  undoes. (Liferay's export does this to every text that has to be quoted; its reader
  does not need it, and other readers would store the quotes.)
* One that a spreadsheet would run as a formula gets a leading ``'``, if the export
  says so: the *formula guard*. Liferay undoes that from 2026 on; older versions and
  other readers store the apostrophe. A number with a sign, such as that of a
  telephone, runs nothing and gets none. A text that begins with apostrophes of its
  own before such a character gets one more in any case, so that one rule undoes both.

The zip of the export is marked, and only in a marked file is this undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO, Final

from ...model.encoding_names import is_ascii_compatible
from ...model.item_pages import ItemColumns, ItemPage, iter_items
from ...model.reading_options import (
    DETECT_ALL,
    Escapes,
    ReadingOptions,
    ReadingReport,
)
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, FileSample, FormatInfo, Item, RecognisedFile
from ..byte_ranges import FileBefore, RecordRun, find_lines
from ..decoding import declared_encoding, decode_sample
from ..encoding_detection import detect_encoding
from ..opened_file import OpenedFile
from ..recognition import WORKBOOK_SUFFIXES, require_supported_text
from ..tables.export_columns import build_columns, require_entries
from .cells import build_cells, encode_columns, encode_line, quote_minimally
from .dialect import detect_dialect
from .reader import count_rows, read_row_range, read_rows

EXPORT_COMMENT: Final = b"dmc-widgets: CSV with escaped values"
"""The comment of a zip with CSV that an export wrote.

A file that was unpacked, or that a spreadsheet has saved, does not have it any more.
"""

EXPORT_OPTIONS: Final = ReadingOptions(
    delimiter=",",
    enclosing_character='"',
    encoding="UTF-8",
    escapes=Escapes.UNDO,
)
"""How the file in such a zip is written, so that nothing needs to be detected."""

_SUFFIXES: Final = (".csv", ".tsv", ".tab", ".psv")
_TEXT_SUFFIXES: Final = (".txt",)


class CsvFormat:
    """Written with comma, double quote, CRLF and UTF-8 without a byte order mark.

    Columns are sorted without regard to case, the parts of a field in their own
    order.
    """

    info = FormatInfo(
        name="CSV",
        extension="csv",
        suffixes=(*_SUFFIXES, *_TEXT_SUFFIXES),
        files="CSV (in a file named .csv, .tsv, .tab, .psv or .txt)",
        is_table=True,
        reading_options=frozenset(
            {
                *("delimiter", "enclosing_character", "encoding", "headers"),
                *("skip_lines", "short_rows", "escapes", "as_liferay"),
            }
        ),
        writing_options=frozenset({"include_headers", "guard_formulas", "as_liferay"}),
        archive_comment=EXPORT_COMMENT,
        archive_options=EXPORT_OPTIONS,
    )

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Recognise lines of cells by the name of the file.

        A name that ends in ``.csv``, ``.tsv``, ``.tab`` or ``.psv`` decides; a text
        file, and text in a file that is named as a workbook, are CSV unless they begin
        as JSON does.

        Raises:
            FileUnreadable: The file is HTML or XML.
        """
        if not sample.has_suffix(*_SUFFIXES):
            is_text = sample.has_suffix(*_TEXT_SUFFIXES, *WORKBOOK_SUFFIXES)
            if not is_text or _begins_json(sample.head):
                return None
        if sample.head:
            require_supported_text(sample)
        options = _detect_encoding(sample)
        return RecognisedFile(self, detect_dialect(sample.head, options))

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the lines; see :mod:`.comma_reading`."""
        report = report or ReadingReport()
        return read_rows(OpenedFile(stream, source, options, report))

    def count_records(self, file: OpenedFile) -> Iterator[RecordRun]:
        """Yield the rows; see :class:`~dmc_widgets.formats.byte_ranges.RangeReader`."""
        return count_rows(file)

    def read_range(
        self, file: OpenedFile, before: FileBefore
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the rows of a range; see :mod:`dmc_widgets.formats.byte_ranges`."""
        return read_row_range(file, before)

    def find_lines(
        self, stream: BinaryIO, lines: Sequence[int], options: ReadingOptions
    ) -> list[int] | None:
        """Return the offsets of lines; None for UTF-16, for example."""
        if not is_ascii_compatible(options.encoding):
            return None
        return find_lines(stream, lines)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a line an item, after the line of column names.

        Raises:
            NotSupported: The items are not entries, or hold what CSV cannot.
        """
        return self.write_pages([items], stream, header)

    def write_pages(
        self, pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write the same from pages; see :class:`.PageWriter`.

        Raises:
            NotSupported: The items are not entries, or hold what CSV cannot.
        """
        require_entries(header, self.info)
        table = list(build_columns(header.fields, format=self.info.name))
        if header.include_headers:
            names = [quote_minimally(column.name) for column in table]
            stream.write(encode_line(names))
        cells = build_cells(
            table,
            guard_formulas=header.guard_formulas,
            as_liferay=header.as_liferay,
        )
        written = 0
        for page in pages:
            if isinstance(page, ItemColumns):
                stream.write(encode_columns(page, table, cells))
                written += page.number
                continue
            for item in iter_items(page):
                stream.write(encode_line([cell(item) for cell in cells]))
                written += 1
        return written


def _begins_json(head: bytes) -> bool:
    text = decode_sample(head, declared_encoding(head) or "UTF-8")
    return text.lstrip("\ufeff \t\r\n")[:1] in {"[", "{", ""}


def _detect_encoding(sample: FileSample) -> ReadingOptions:
    """Return the options with the encoding of the text, and report a doubt about it."""
    options = sample.options
    if options.encoding or declared_encoding(sample.head):
        return options
    pieces, is_whole = sample.text_samples()
    detected = detect_encoding(pieces, is_whole=is_whole)
    if detected.doubt:
        sample.report.warn(detected.doubt)
    return replace(options, encoding=detected.encoding)
