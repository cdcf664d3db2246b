"""The zip of an XLSX file, checked before the library unpacks it into memory."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import IO, NamedTuple

from ...errors import FileUnreadable
from ..zip_reader import DAMAGED_MESSAGE, ZIP_ERRORS, open_zip

SIZE_LIMIT = 1024**3
"""Bytes of all files in the zip, unpacked."""

RATIO_LIMIT = 200
"""Times that they may grow, if they are larger than a mebibyte; sheets stay
below 50."""

CELL_LIMIT = 100_000_000
"""Cells between A1 and the last one; the library makes room for every one."""

CHUNK_BYTES = 1024**2
"""How much of a part is unpacked at a time."""

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a file begins that is XLS, or XLSX with a password."""

NOT_A_WORKBOOK = (
    "This is not an Excel workbook that can be read; it may be damaged. Get it again, "
    "or open it in Excel or LibreOffice and save it."
)

PROTECTED = "The workbook is protected by a password. Save it without one."

_HARMLESS_BYTES = 1024**2
_PARTS_BYTES = 16 * 1024**2
TEXTS_PART = "xl/sharedStrings.xml"
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_PROPERTIES = "docProps/app.xml"
# The library reads the first two, but nothing here can tell beforehand how large
# they grow in memory; and it shows the errors in their cells as empty ones.
_OTHER_DOCUMENTS = {
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
_TEXTS = re.compile(rb"<(?:[\w.-]+:)?sst\b([^<]*)")
_VIEW = re.compile(rb"<(?:\w+:)?workbookView\b([^>]*)>")
_BOOK_PROPERTIES = re.compile(rb"<(?:\w+:)?workbookPr\b([^>]*)>")
_CALCULATION = re.compile(rb"<(?:\w+:)?calcPr\b([^>]*)>")
_APPLICATION = re.compile(rb"<(?:\w+:)?Application>([^<]*)<")
_CALCULATING_PROGRAMS = (b"Microsoft Excel", b"LibreOffice")
_TRUE, _FALSE = ("1", "true"), ("0", "false")
_NO_SHEETS = "The workbook does not say where its sheets are. Save the file again."


class WorkbookInfo(NamedTuple):
    """What ``workbook.xml`` says beside the names of the sheets.

    Attributes:
        active: The index of the sheet that was active when the book was saved.
        is_calculated: A program that calculates saved it, so that an empty text in a
            formula cell is the formula's result.
        wants_calculation: The results in the formula cells may be out of date: the book
            asks to be calculated as soon as it is opened.
        has_1904_dates: Days count from 1904, where no 29 February 1900 exists.
    """

    active: int = 0
    is_calculated: bool = False
    wants_calculation: bool = False
    has_1904_dates: bool = False


def is_office_document(archive: zipfile.ZipFile) -> bool:
    """Return True if a zip is a workbook or the document of another program.

    Such a zip was not made to hold a file of records.
    """
    return not {_BOOK, *_OTHER_DOCUMENTS}.isdisjoint(archive.namelist())


def require_safe_package(file: IO[bytes], *, source: str) -> None:
    """Refuse a zip that is not an XLSX file, or that would fill the memory.

    Raises:
        FileUnreadable: It is damaged, protected, too large, or no workbook.
    """
    with open_zip(file, name=source) as archive:
        entries = archive.infolist()
        if _BOOK not in archive.namelist():
            raise FileUnreadable(source, _describe_other_zip(archive.namelist()))
        size = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        if any(entry.flag_bits & 0x1 for entry in entries):
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


def require_stated_sizes(archive: zipfile.ZipFile, *, source: str) -> None:
    """Refuse a zip whose parts are larger than it says, or that counts texts wrongly.

    Sizes are measured, not believed, which costs unpacking it once. Parts that are
    unpacked piece by piece do without: a zip gives no more than it says.

    Raises:
        FileUnreadable: It is damaged.
    """
    for entry in archive.infolist():
        _require_stated_size(archive, entry, source)


def read_workbook_info(archive: zipfile.ZipFile, *, source: str) -> WorkbookInfo:
    """Read what the workbook says about itself.

    Raises:
        FileUnreadable: The workbook is damaged.
    """
    book = _read_part(archive, _BOOK, source)
    view = _first_tag(_VIEW, book)
    calculation = _first_tag(_CALCULATION, book)
    wants = calculation.get("fullCalcOnLoad") in _TRUE or (
        calculation.get("calcCompleted") in _FALSE
    )
    application = b""
    if _PROPERTIES in archive.namelist():
        match = _APPLICATION.search(_read_part(archive, _PROPERTIES, source))
        application = match[1] if match else b""
    active = view.get("activeTab", "0")
    return WorkbookInfo(
        active=int(active) if active.isdecimal() and len(active) < 7 else 0,
        is_calculated=bool(_CALCULATION.search(book))
        and not wants
        and application.startswith(_CALCULATING_PROGRAMS),
        wants_calculation=wants,
        has_1904_dates=_first_tag(_BOOK_PROPERTIES, book).get("date1904") in _TRUE,
    )


def find_sheet_path(archive: zipfile.ZipFile, number: int, *, source: str) -> str:
    """Return the name of the part that holds the sheet *number*, counted from 0.

    Raises:
        FileUnreadable: The workbook does not say, or there is no such part.
    """
    book, links = (
        _read_part(archive, _BOOK, source),
        _read_part(archive, _LINKS, source),
    )
    try:
        sheet = parse_attributes(_SHEET.findall(book)[number])
        (link,) = (value for key, value in sheet.items() if key.endswith(":id"))
        target = next(
            attributes["Target"]
            for attributes in map(parse_attributes, _LINK.findall(links))
            if attributes.get("Id") == link
        )
        path = target.removeprefix("/") if target[:1] == "/" else f"xl/{target}"
        return archive.getinfo(path).filename
    except (LookupError, StopIteration, ValueError) as exc:
        raise FileUnreadable(source, _NO_SHEETS) from exc


def read_chunks(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo | str, *, source: str
) -> Iterator[bytes]:
    """Unpack one part of the workbook, a mebibyte at a time.

    Raises:
        FileUnreadable: It is damaged.
    """
    try:
        with archive.open(entry) as file:
            while data := file.read(CHUNK_BYTES):
                yield data
    except ZIP_ERRORS as exc:
        raise FileUnreadable(source, DAMAGED_MESSAGE) from exc


def parse_attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes that stand in the text of a tag."""
    return {
        key.decode("ascii", "replace"): (double or single).decode("utf-8", "replace")
        for key, double, single in _ATTRIBUTE.findall(tag)
    }


def _read_part(archive: zipfile.ZipFile, name: str, source: str) -> bytes:
    try:
        with archive.open(name) as file:
            return file.read(_PARTS_BYTES)
    except (*ZIP_ERRORS, LookupError) as exc:
        raise FileUnreadable(source, _NO_SHEETS) from exc


def _first_tag(pattern: re.Pattern[bytes], text: bytes) -> dict[str, str]:
    match = pattern.search(text)
    return parse_attributes(match[1]) if match else {}


def _describe_other_zip(names: list[str]) -> str:
    known = (reason for part, reason in _OTHER_DOCUMENTS.items() if part in names)
    return next(
        known,
        "This zip is not an Excel workbook. Call it .zip if it holds one of records.",
    )


def _require_stated_size(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: str
) -> None:
    """Unpack one byte more than is said to be there, and look at other counts."""
    said = entry.file_size
    is_xml = entry.filename.lower().endswith(".xml")
    entry.file_size += 1
    size = 0
    rest = b""
    for data in read_chunks(archive, entry, source=source):
        size += len(data)
        rest = _check_text_counts(rest + data, said, source) if is_xml else b""
    entry.file_size = said
    if size != said:
        raise FileUnreadable(source, DAMAGED_MESSAGE)


def _check_text_counts(data: bytes, size: int, source: str) -> bytes:
    """Check the number of shared texts in whole tags; return what follows them.

    The library makes room for as many as are said, and ends the whole process if
    there is none; a text takes more than a byte of the file.
    """
    for match in _TEXTS.finditer(data) if b"sst" in data else ():
        for key, number in parse_attributes(match[1]).items():
            limit = {"uniqueCount": size, "count": CELL_LIMIT}.get(key)
            if limit is not None and not (
                number.isdecimal() and len(number) < 12 and int(number) <= limit
            ):
                raise FileUnreadable(source, DAMAGED_MESSAGE)
    return find_open_tag(data, source)


def find_open_tag(data: bytes, source: str) -> bytes:
    """Return the beginning of a tag with which *data* ends; mostly empty."""
    begin = data.rfind(b"<")
    if begin <= data.rfind(b">"):
        return b""
    if len(data) - begin > CHUNK_BYTES:
        raise FileUnreadable(source, DAMAGED_MESSAGE)
    return data[begin:]
