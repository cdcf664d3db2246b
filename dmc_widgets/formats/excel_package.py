"""The zip that an XLSX is, looked at before a library unpacks it into memory."""

from __future__ import annotations

import re
import string
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from ..errors import FileUnreadable
from .zip_entry import DAMAGED, FAULTS, open_zip

SIZE_LIMIT = 1024**3
"""Bytes of all files in the zip, unpacked."""

RATIO_LIMIT = 200
"""Times that they may grow, if they are larger than a mebibyte; sheets stay
below 50."""

CELL_LIMIT = 100_000_000
"""Cells between A1 and the last one; the library makes room for every one."""

OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a file begins that is XLS, or XLSX with a password."""

PROTECTED = "The workbook is protected by a password. Save it without one."

_HARMLESS_BYTES = 1024**2
_CHUNK_BYTES = 1024**2
_PARTS_BYTES = 16 * 1024**2
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
# The library reads the first two, but nothing here can tell beforehand how large
# they grow in memory; and it shows the errors in their cells as empty ones.
_OTHERS = {
    "xl/workbook.bin": (
        "This is a binary Excel workbook (XLSB). Save it as XLSX or CSV."
    ),
    "META-INF/manifest.xml": (
        "This is an OpenDocument file, such as ODS. Save it as XLSX or CSV."
    ),
    "Index/Document.iwa": (
        "This is an Apple iWork document, such as a Numbers spreadsheet. "
        "Export it as Excel or CSV."
    ),
}
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELL = re.compile(
    # The usual way to write it comes first, which makes the search twice as fast.
    rb"""<(?:c|\w+:c)\s(?:r=|[^>]*?\br=)["']([^"'<>]*)"""
)
_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()
_TEXTS = re.compile(rb"<(?:[\w.-]+:)?sst\b([^<]*)")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s([^>]*?\bt=(?:"e"|'e')[^>]*)>""")


class Survey(NamedTuple):
    """What is known of a sheet before it is loaded.

    Attributes:
        errors: The first error cell (``B7``) of a row, by the row's number from 1.
    """

    errors: dict[int, str]


def is_document(archive: zipfile.ZipFile) -> bool:
    """Say whether a zip is a workbook or another program's document.

    Then it is no zip that somebody made to hold a file of records.
    """
    return not {_BOOK, *_OTHERS}.isdisjoint(archive.namelist())


def require_harmless(file: IO[bytes], *, source: str) -> None:
    """Refuse a zip that is no XLSX, or that would fill the memory.

    Sizes are measured, not believed, which costs unpacking it once.

    Raises:
        FileUnreadable: It is damaged, protected, too large, or no workbook.
    """
    with open_zip(file, name=source) as archive:
        entries = archive.infolist()
        if _BOOK not in archive.namelist():
            raise FileUnreadable(source, _why_no_workbook(archive.namelist()))
        size = sum(each.file_size for each in entries)
        packed = sum(each.compress_size for each in entries)
        if any(each.flag_bits & 0x1 for each in entries):
            raise FileUnreadable(source, PROTECTED)
        if size > SIZE_LIMIT:
            reason = (
                f"The workbook would unpack to more than {SIZE_LIMIT // 1024**3} GiB. "
                "Split it, or save it as CSV."
            )
            raise FileUnreadable(source, reason)
        if size > _HARMLESS_BYTES and size > RATIO_LIMIT * packed:
            reason = (
                f"The workbook would grow to more than {RATIO_LIMIT} times its "
                "packed size, as no table does. Save it as CSV."
            )
            raise FileUnreadable(source, reason)
        for entry in entries:
            _require_honest(archive, entry, source)


def survey(file: IO[bytes], number: int, *, source: str) -> Survey:
    """Look through the sheet with that *number*, from 0, for what would go wrong.

    The library shows an error cell (``#N/A``) as an empty one, and makes room for
    all cells up to the last.

    Raises:
        FileUnreadable: The sheet is missing, damaged or too large.
    """
    errors: dict[int, str] = {}
    letters: set[bytes] = set()
    last = 0
    with open_zip(file, name=source) as archive:
        for tags in _tags(archive, _sheet_path(archive, number, source), source):
            for match in _errors(tags):
                place = _attributes(match[1]).get("r", "").upper()
                digits = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                if not digits.isdecimal():
                    reason = "A cell holds an error, and no name. Save the file again."
                    raise FileUnreadable(source, reason)
                errors.setdefault(int(digits), place)
            places = b" ".join(_CELL.findall(tags))
            names = set(places.translate(None, _DIGITS).split())
            rows = set(places.translate(None, _LETTERS).split())
            _require_places(names, rows, source)
            letters |= names
            last = max(last, max(map(int, rows), default=0))
    width = max((_column_number(each) for each in letters), default=0)
    if width * last > CELL_LIMIT:
        reason = (
            f"The sheet spans {width * last:,} cells, and {CELL_LIMIT:,} can be read. "
            "Delete the empty rows and columns, or save it as CSV."
        )
        raise FileUnreadable(source, reason)
    return Survey(errors)


def _why_no_workbook(names: list[str]) -> str:
    known = (reason for part, reason in _OTHERS.items() if part in names)
    return next(known, "This zip is no Excel workbook. Save the file as XLSX.")


def _require_places(names: set[bytes], rows: set[bytes], source: str) -> None:
    """Refuse a cell ``FTRUE1``: the library would make room for 4 million columns."""
    if not (
        all(name.isalpha() and len(name) <= 3 for name in names)
        and all(row.isdigit() and len(row) <= 7 for row in rows)
    ):
        raise FileUnreadable(source, DAMAGED)


def _errors(tags: bytes) -> Iterable[re.Match[bytes]]:
    # Nearly every sheet is without, and looking for that alone is quick.
    is_there = b't="e"' in tags or b"t='e'" in tags
    return _ERROR.finditer(tags) if is_there else ()


def _require_honest(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: str
) -> None:
    """Unpack one byte more than is said to be there, and look at other counts."""
    said = entry.file_size
    is_xml = entry.filename.lower().endswith(".xml")
    entry.file_size += 1
    found = 0
    rest = b""
    for data in _chunks(archive, entry, source):
        found += len(data)
        rest = _after_tags(rest + data, said, source) if is_xml else b""
    entry.file_size = said
    if found != said:
        raise FileUnreadable(source, DAMAGED)


def _after_tags(data: bytes, size: int, source: str) -> bytes:
    """Check the number of shared texts in whole tags; return what follows them.

    The library makes room for as many as are said, and ends the whole process if
    there is none; a text takes more than a byte of the file.
    """
    for match in _TEXTS.finditer(data) if b"sst" in data else ():
        for key, number in _attributes(match[1]).items():
            limit = {"uniqueCount": size, "count": CELL_LIMIT}.get(key)
            if limit is not None and not (
                number.isdecimal() and len(number) < 12 and int(number) <= limit
            ):
                raise FileUnreadable(source, DAMAGED)
    return _open_tag(data, source)


def _open_tag(data: bytes, source: str) -> bytes:
    begin = data.rfind(b"<")
    if begin <= data.rfind(b">"):
        return b""
    if len(data) - begin > _CHUNK_BYTES:
        raise FileUnreadable(source, DAMAGED)
    return data[begin:]


def _chunks(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str, source: str
) -> Iterator[bytes]:
    try:
        with archive.open(entry) as file:
            while data := file.read(_CHUNK_BYTES):
                yield data
    except FAULTS as exc:
        raise FileUnreadable(source, DAMAGED) from exc


def _sheet_path(archive: zipfile.ZipFile, number: int, source: str) -> str:
    try:
        book = archive.open(_BOOK).read(_PARTS_BYTES)
        links = archive.open(_LINKS).read(_PARTS_BYTES)
        sheet = _attributes(_SHEET.findall(book)[number])
        (link,) = (value for key, value in sheet.items() if key.endswith(":id"))
        target = next(
            found["Target"]
            for found in map(_attributes, _LINK.findall(links))
            if found.get("Id") == link
        )
        path = target.removeprefix("/") if target[:1] == "/" else f"xl/{target}"
        return archive.getinfo(path).filename
    except (*FAULTS, LookupError, StopIteration) as exc:
        reason = "The workbook does not say where its sheets are. Save the file again."
        raise FileUnreadable(source, reason) from exc


def _tags(archive: zipfile.ZipFile, path: str, source: str) -> Iterator[bytes]:
    """Yield the file's bytes, many at a time, never cutting a tag in two."""
    rest = b""
    for data in _chunks(archive, path, source):
        yield rest + data
        rest = _open_tag(rest + data, source)


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        key.decode("ascii", "replace"): (double or single).decode("utf-8", "replace")
        for key, double, single in _ATTRIBUTE.findall(tag)
    }


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
