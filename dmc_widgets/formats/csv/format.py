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

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO, Final

from ...model.encoding_names import is_ascii_compatible
from ...model.reading_options import (
    DETECT_ALL,
    Escapes,
    ReadingOptions,
    ReadingReport,
)
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, FileSample, FormatInfo, Item, RecognisedFile
from ..byte_ranges import LinesBefore, RecordRun, find_lines
from ..decoding import declared_encoding, decode_sample
from ..encoding_detection import detect_encoding
from ..json.values import to_json
from ..recognition import WORKBOOK_SUFFIXES, require_supported_text
from ..tables.export_columns import Column, build_columns, require_entries
from .dialect import detect_dialect
from .reader import FORMULA_STARTS, count_rows, read_row_range, read_rows

Cell = Callable[[Item], str]
Escape = Callable[[str], str]

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
_SIGNED_NUMBER = re.compile(r"[+-][0-9 ().,/-]*", re.ASCII)
"""A number with a sign, a telephone number: no spreadsheet finds a formula in it that
does anything."""


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
        return read_rows(stream, source=source, options=options, report=report)

    def count_records(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions,
        report: ReadingReport,
    ) -> Iterator[RecordRun]:
        """Yield the rows; see :class:`~dmc_widgets.formats.byte_ranges.RangeReader`."""
        return count_rows(stream, source=source, options=options, report=report)

    def read_range(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions,
        report: ReadingReport,
        before: LinesBefore,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the rows of a range; see :mod:`dmc_widgets.formats.byte_ranges`."""
        return read_row_range(
            stream, source=source, options=options, report=report, before=before
        )

    def find_lines(
        self, stream: BinaryIO, lines: Sequence[int], options: ReadingOptions
    ) -> list[int] | None:
        """Return the offsets of lines; None for UTF-16, for example."""
        if not is_ascii_compatible(options.encoding):
            return None
        return find_lines(stream, lines, universal=True)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a line an item, after the line of column names.

        Raises:
            NotSupported: The items are not entries, or hold what CSV cannot.
        """
        require_entries(header, self.info)
        table = list(build_columns(header.fields, format=self.info.name))
        if header.include_headers:
            stream.write(
                _encode_line([_quote_minimally(column.name) for column in table])
            )
        escaped = guard_formula if header.guard_formulas else _protect_apostrophe
        cells = [
            _cell_writer(
                column, escaped, encodes=header.as_liferay and column.field.custom
            )
            for column in table
        ]
        written = 0
        for item in items:
            stream.write(_encode_line([cell(item) for cell in cells]))
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


def _encode_line(cells: list[str]) -> bytes:
    if cells and not cells[0]:
        cells[0] = '""'  # a line that begins with nothing could be a blank line
    return (",".join(cells) + "\r\n").encode("utf-8", "backslashreplace")


def _cell_writer(column: Column, escaped: Escape, *, encodes: bool) -> Cell:
    """Build what writes the column's cell of an item."""
    value = column.value
    field = column.field
    if field.parts or field.type == "array" or column.name != field.name:
        return lambda item: _format_cell(value(item), escaped)
    return partial(
        _format_plain_cell,
        column.name,
        escaped,
        _quote_in_list if encodes else protect_quotes,
    )


def _format_plain_cell(name: str, escape: Escape, protect: Escape, item: Item) -> str:
    value = item.get(name)
    if type(value) is str:
        return _quote_minimally(protect(escape(value)))
    return _format_cell(value, escape)


def _format_cell(value: Any, escaped: Escape) -> str:
    if value is None or type(value) in {bool, int, float, Decimal}:
        return _format_scalar(value)
    if isinstance(value, str):
        return _quote_minimally(protect_quotes(escaped(value)))
    if isinstance(value, list) and not any(
        isinstance(element, dict | list) for element in value
    ):
        joined = ",".join(_quote_in_list(_format_scalar(element)) for element in value)
        return _quote_minimally(escaped(joined))
    return _quote_minimally(to_json(value).decode())


def _format_scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def guard_formula(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    # A text that begins with guards of its own gets one more, so that reading, which
    # takes one away, gives back what was there.
    if not text.lstrip("'").startswith(FORMULA_STARTS) or _SIGNED_NUMBER.fullmatch(
        text
    ):
        return text
    return "'" + text


def _protect_apostrophe(text: str) -> str:
    """Protect an apostrophe that a reader would take for a guard; guard nothing."""
    if text[:1] == "'" and text.lstrip("'").startswith(FORMULA_STARTS):
        return "'" + text
    return text


def _quote_in_list(text: str) -> str:
    return _quote(text) if _has_separator(text) else text


def protect_quotes(text: str) -> str:
    """Quote a text in quotes, which readers, Liferay's too, would unquote."""
    if len(text) > 1 and text[0] == '"' == text[-1]:
        return _quote(text)
    return text


def _quote_minimally(text: str) -> str:
    """Quote a cell where Apache Commons CSV 1.9 does in its mode "minimal"."""
    if text and (text[0] <= "#" or text[-1] <= " " or _has_separator(text)):
        return _quote(text)
    return text


def _has_separator(text: str) -> bool:
    # Four searches for a character take a fraction of one for a class of them.
    return "," in text or '"' in text or "\n" in text or "\r" in text


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
