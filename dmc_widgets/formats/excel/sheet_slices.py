"""Large sheets in slices: each a small workbook, which the library loads by itself.

The library holds a sheet as a whole, with all texts of the workbook, before its first
row is known. So a large sheet is cut between rows as it is unpacked; some rows at a
time, with the texts that they name, become a workbook in memory that has the styles of
the whole. What a cell is worth is left to the library, slice by slice.

Sheets are cut only where they are spelled as programs spell them. Whatever is spelled
otherwise raises :class:`UnusualSheet`; then the sheet is loaded as a whole.
"""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain, groupby, islice, pairwise
from typing import IO, Final, NamedTuple

from ..json.values import RECORD_LIMIT_BYTES
from .merged_cells import Range
from .sheet_xml_check import column_number
from .xlsx_zip import TEXTS_PART, read_chunks

SLICED_BYTES: Final = 16 * 1024**2
"""Workbooks that unpack to less are loaded as a whole."""

SLICE_BYTES: Final = 1024**2
"""Bytes of rows that are loaded at once."""

COPIED_BYTES: Final = 128 * 1024**2
"""Bytes of all texts of a slice, shared ones counted in each of their cells."""

_SMALL_PART_BYTES: Final = 16 * 1024**2
_SHEET_FOLDER: Final = "xl/worksheets/"
_ROW: Final = re.compile(rb'<row r="([0-9]{1,7})"')
_WORKSHEET: Final = re.compile(rb"<worksheet\b[^>]*>")
_DATA_START: Final = re.compile(rb"<sheetData\s*>")
_DATA_END: Final = b"</sheetData>"
_MERGED: Final = re.compile(
    rb'<mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"'
)
_FORMULA: Final = re.compile(rb"<f[\s>/]")
_UNUSUAL: Final = (b"<!", b"<?")
"""How comments and the like begin, in which tags do not count."""

_SHARED: Final = re.compile(rb'(<c [^>]*\bt="s"[^>]*><v>)([0-9]{1,9})(?=</v>)')
_SHARED_MARK: Final = b't="s"'
_TEXTS: Final = re.compile(rb"<sst\b[^>]*>")
_COUNTS: Final = re.compile(rb'\s(?:count|uniqueCount)="[^"]*"')
_TEXT_END: Final = b"</si>"


_PLACE: Final = rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,5}")?'
_TEXT: Final = (
    rb"<t(?: xml:space=\"preserve\")?>[^<&_]*?[!-%'-;=?-^`-~\xc3-\xdf\xe4-\xf4]"
)
"""A text with a character that is not a blank, of Unicode's neither, before any that
may be an escape of one."""

_FILLED_TEXT: Final = re.compile(b"<si>" + _TEXT)
_NUMBER_OR_TEXT: Final = rb'%b%b><v>-?[0-9]|%b t="inlineStr"><is>%b'
_FILLED: Final = re.compile(
    _NUMBER_OR_TEXT % (_PLACE, rb'(?: t="[nb]")?', _PLACE, _TEXT)
)
_FILLED_OR_SHARED: Final = re.compile(
    _NUMBER_OR_TEXT % (_PLACE, rb'(?: t="[nbs]")?', _PLACE, _TEXT)
)


class UnusualSheet(Exception):
    """The sheet is not spelled as its slices would have to be."""


class SheetOutline(NamedTuple):
    """What is known of a sheet from one look through it.

    Attributes:
        head: Its first tag, with the namespaces.
        merged: The merged cells.
        formulas: It has formulas.
    """

    head: bytes
    merged: tuple[Range, ...]
    formulas: bool


class SheetSlice(NamedTuple):
    """Some rows of a sheet that follow each other.

    Attributes:
        numbers: The numbers of the rows, from 1.
        rows: The rows as they are in the file.
    """

    numbers: list[int]
    rows: bytes


class SlicedWorkbook:
    """A workbook of which one sheet is read in slices.

    Args:
        archive: The workbook, which stays open meanwhile.
        source: The name of the file, for messages.

    Raises:
        UnusualSheet: Its parts are not where programs put them.
    """

    def __init__(self, archive: zipfile.ZipFile, *, source: str) -> None:
        self._archive = archive
        self._source = source
        names = archive.namelist()
        lower = [name.lower() for name in names]
        if len({*lower}) != len(lower) or (
            TEXTS_PART.lower() in lower and TEXTS_PART not in names
        ):
            raise UnusualSheet
        self._texts = _SharedTexts(archive, source) if TEXTS_PART in names else None
        needed = [entry for entry in archive.infolist() if _is_needed(entry)]
        if sum(entry.file_size for entry in needed) > _SMALL_PART_BYTES:
            raise UnusualSheet
        self._small_parts = {
            entry.filename: b"".join(read_chunks(archive, entry, source=source))
            for entry in needed
        }

    def close(self) -> None:
        """Let go of the texts."""
        if self._texts is not None:
            self._texts.close()

    def skeleton(self) -> IO[bytes]:
        """Return the workbook without its sheets."""
        return _pack(self._small_parts)

    def outline(self, path: str) -> SheetOutline:
        """Look through the sheet at *path*, which is unpacked once for it.

        Raises:
            UnusualSheet: It cannot be cut.
            FileUnreadable: It is damaged.
        """
        begin = end = last = b""
        formulas = False
        for chunk in read_chunks(self._archive, path, source=self._source):
            if not _DATA_START.search(begin):
                begin += chunk
            formulas = formulas or bool(_FORMULA.search(chunk))
            joined = last + chunk
            place = joined.find(_DATA_END)
            if end or place >= 0:
                end += chunk if end else joined[place:]
            last = chunk[-len(_DATA_END) :]
            if len(begin) > _SMALL_PART_BYTES or len(end) > _SMALL_PART_BYTES:
                raise UnusualSheet
        head = _WORKSHEET.search(begin) if _DATA_START.search(begin) else None
        merged = [_range(cells) for cells in _MERGED.findall(end)]
        is_known = len(merged) == end.count(b"<mergeCell ") and b"<!" not in end
        if head is None or not end or not is_known:
            raise UnusualSheet
        return SheetOutline(head[0], tuple(merged), formulas)

    def slices(self, path: str) -> Iterator[SheetSlice]:
        """Yield the rows of the sheet at *path*, some at a time.

        Raises:
            UnusualSheet: It cannot be cut from here on.
            FileUnreadable: It is damaged.
        """
        last = 0
        for rows in _cut_rows(read_chunks(self._archive, path, source=self._source)):
            numbers = [int(number) for number in _ROW.findall(rows)]
            if len(numbers) != rows.count(b"<row") or not numbers:
                raise UnusualSheet
            before = [last, *numbers]
            if any(map(int.__ge__, before, numbers)):
                raise UnusualSheet
            if any(mark in rows for mark in _UNUSUAL):
                raise UnusualSheet
            last = numbers[-1]
            yield SheetSlice(numbers, rows)

    def are_filled(self, rows: bytes) -> bool:
        """Return True if each of some rows is known to have a value without loading it.

        Blank texts are none. False where only the library can tell.
        """
        has_texts = self._texts is not None and self._texts.are_filled
        filled = _FILLED_OR_SHARED if has_texts else _FILLED
        return all(map(filled.search, rows.split(b"<row")[1:]))

    def pack(self, path: str, outline: SheetOutline, rows: bytes) -> IO[bytes]:
        """Return a workbook of some rows, and of the shared texts that they name.

        Raises:
            UnusualSheet: A cell names a shared text in another way.
        """
        parts = dict(self._small_parts)
        if _SHARED_MARK in rows:
            rows, parts[TEXTS_PART] = self._share(rows)
        parts[path] = b"%b<sheetData>%b</sheetData></worksheet>" % (outline.head, rows)
        return _pack(parts)

    def _share(self, rows: bytes) -> tuple[bytes, bytes]:
        """Return rows with new numbers of texts, and the part of these texts."""
        pieces = _SHARED.split(rows)
        numbers = pieces[2::3]
        if self._texts is None or len(numbers) != rows.count(_SHARED_MARK):
            raise UnusualSheet
        wanted = sorted({*map(int, numbers)})
        texts = self._texts.read(wanted)
        places = {b"%d" % number: at for at, number in enumerate(wanted)}
        try:
            new = [places[number] for number in numbers]
        except KeyError as exc:  # written with zeros before it
            raise UnusualSheet from exc
        sizes = [*map(len, texts)]
        if sum(map(sizes.__getitem__, new)) > COPIED_BYTES:
            raise UnusualSheet
        pieces[2::3] = map(b"%d".__mod__, new)
        return b"".join(pieces), self._texts.part(texts)


def slice_large_workbook(
    archive: zipfile.ZipFile, *, source: str
) -> SlicedWorkbook | None:
    """Return what reads a workbook in slices; None if it is small, or unusual."""
    if sum(entry.file_size for entry in archive.infolist()) < SLICED_BYTES:
        return None
    try:
        return SlicedWorkbook(archive, source=source)
    except UnusualSheet:
        return None


class _SharedTexts:
    """The shared texts of a workbook, unpacked as far as they are asked for."""

    def __init__(self, archive: zipfile.ZipFile, source: str) -> None:
        self._chunks = read_chunks(archive, TEXTS_PART, source=source)
        self._file = tempfile.SpooledTemporaryFile(32 * 1024**2)  # noqa: SIM115
        self._starts = array("Q", [0])
        self._head = b""
        self._rest = b""
        self._filled = 0

    @cached_property
    def are_filled(self) -> bool:
        """True if every text is known to be more than blanks."""
        try:
            while self._read_more():
                pass
        except UnusualSheet:
            return False
        return self._filled == len(self._starts) - 1

    def close(self) -> None:
        """Let go of the texts that were unpacked."""
        self._file.close()

    def read(self, numbers: Sequence[int]) -> list[bytes]:
        """Return the texts with these *numbers*, which are in order.

        Raises:
            UnusualSheet: A number is beyond the last text, or the texts are written
                in a way that is not recognised here.
        """
        while len(self._starts) <= numbers[-1] + 1:
            if not self._read_more():
                raise UnusualSheet  # a cell names a text that is not there
        runs = groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
        return [text for _, run in runs for text in self._read([n for _, n in run])]

    def part(self, texts: Sequence[bytes]) -> bytes:
        """Return the part of a workbook that has these texts."""
        return b"%b%b</sst>" % (_COUNTS.sub(b"", self._head), b"".join(texts))

    def _read(self, run: Sequence[int]) -> Iterator[bytes]:
        """Yield texts that follow each other."""
        starts = self._starts[run[0] : run[-1] + 2]
        self._file.seek(starts[0])
        data = self._file.read(starts[-1] - starts[0])
        for start, end in pairwise(starts):
            yield data[start - starts[0] : end - starts[0]]

    def _read_more(self) -> bool:
        """Unpack the next texts; return False at the end of the part."""
        data = self._rest + next(self._chunks, b"")
        if len(data) == len(self._rest):
            return False
        if not self._head:
            match = _TEXTS.search(data)
            if match is None or match[0].endswith(b"/>"):
                raise UnusualSheet
            self._head, data = match[0], data[match.end() :]
        *texts, self._rest = data.split(_TEXT_END)
        known = len(data) - len(self._rest)
        is_usual = data.count(b"<si>", 0, known) == len(texts)
        if not is_usual or b"<si/" in data or any(mark in data for mark in _UNUSUAL):
            raise UnusualSheet
        if len(self._rest) > RECORD_LIMIT_BYTES:
            raise UnusualSheet
        self._file.seek(0, io.SEEK_END)
        self._file.write(data[:known])
        sizes = (len(text) + len(_TEXT_END) for text in texts)
        self._starts.extend(
            islice(accumulate(sizes, initial=self._starts[-1]), 1, None)
        )
        self._filled += len(_FILLED_TEXT.findall(data, 0, known))
        return True


def _cut_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the rows of a sheet, some at a time, never cutting one in two."""
    data, start = b"", None
    while start is None:
        data += next(chunks)
        start = _DATA_START.search(data)
    data, limit = data[start.end() :], 1  # the first rows are wanted soon
    for chunk in chain([b""], chunks):
        data += chunk
        end = data.find(_DATA_END)
        if end >= 0:
            if data[:end].strip():
                yield data[:end]
            for _ in chunks:  # to its checksum
                pass
            return
        cut = data.rfind(b"<row") if len(data) >= limit else 0
        if cut > 0:
            yield data[:cut]
            data, limit = data[cut:], SLICE_BYTES
        elif len(data) > SLICE_BYTES + RECORD_LIMIT_BYTES:
            raise UnusualSheet
    raise UnusualSheet


def _is_needed(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.lower()
    is_large = name.startswith((_SHEET_FOLDER, "xl/media/", "xl/drawings/"))
    return (
        not is_large and name != TEXTS_PART.lower() and name.endswith((".xml", ".rels"))
    )


def _pack(parts: dict[str, bytes]) -> IO[bytes]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def _range(match: tuple[bytes, bytes, bytes, bytes]) -> Range:
    left, top, right, bottom = (part.decode() for part in match)
    return (
        (int(top) - 1, column_number(left) - 1),
        (int(bottom) - 1, column_number(right) - 1),
    )
