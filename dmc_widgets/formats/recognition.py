"""Which format is this? The content says it; the name only breaks ties.

* A zip with the parts of a workbook and an old Excel file are workbooks, whatever
  they are called.
* ``[`` begins a JSON array, unless the name ends in ``.jsonl`` or ``.ndjson``.
* ``{`` begins a batch engine file if the object holds *configuration* and *items*,
  in any order; JSON Lines if something follows the object; else a page of a list, if
  it has *items* and nothing but what pages have; else a single record.
* A name that ends in ``.csv``, ``.tsv``, ``.tab`` or ``.psv`` is taken at its word;
  ``.txt`` and text that is called a workbook are tables if they begin no JSON. HTML
  and XML are named for what they are.

Text that programs call a workbook or a table, and that is a page or XML.

Portals and reporting tools write HTML tables into files called ``.xls``, Excel 2003
wrote XML, and a download that failed is a login page. Read as lines and cells such a
file would give records of markup, so it is named for what it is.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, Final, NamedTuple

from ..errors import FileUnreadable
from .csv.dialect import decode_sample
from .encoding_detection import declared_encoding
from .excel.xlsx_package import OLE_MAGIC
from .json.batch_engine_format import (
    Configuration,
    iterate_members,
    parse_configuration,
    require_items,
)
from .json.page import ObjectShape, PageInspector
from .json.parser import JsonParser, require_utf_8
from .zip_reader import ZIP_MAGIC

READABLE = (
    "What can be read: a JSON array of objects, one object or a page, JSON Lines, "
    "XLSX, CSV (in a file named .csv, .tsv, .tab, .psv or .txt), a "
    "*.batch-engine-data.json file, or a "
    "zip that holds one of these."
)
_LINES_SUFFIXES = (".jsonl", ".ndjson")
_TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".psv")
_TEXT_SUFFIXES = (".txt",)
_WORKBOOK_SUFFIXES = (".xls", ".xlsx", ".xlsm")
_BATCH_ENGINE_KEYS = frozenset({"configuration", "items"})
_HEAD_BYTES = 64 * 1024
_EXCERPT_CHARS = 30
_NO_ITEMS = (
    "The file is an object with 'configuration', but without 'items'. "
    "A batch engine file holds both; records alone are a JSON array."
)


class Recognition(NamedTuple):
    """The name of a format, and what the file says about its items.

    Attributes:
        format: The name of the format.
        configuration: Of a batch engine file.
        shape: Of a JSON file that is an object.
        warning: What a person should know before an import; mostly empty.
    """

    format: str
    configuration: Configuration | None = None
    shape: ObjectShape | None = None
    warning: str = ""


def is_table_file(name: str, sample: bytes) -> bool:
    """Say whether a file holds lines and cells of text.

    Args:
        name: What the file is called.
        sample: Its first bytes.
    """
    lowered = name.lower()
    return lowered.endswith(_TABLE_SUFFIXES) or (
        lowered.endswith((*_TEXT_SUFFIXES, *_WORKBOOK_SUFFIXES))
        and not _begins_json(sample)
    )


def is_workbook(sample: bytes) -> bool:
    """Return True if a file's first bytes are those of a workbook."""
    return sample.startswith((*ZIP_MAGIC, OLE_MAGIC))


def has_workbook_name(name: str) -> bool:
    """Return True if a file's name promises a workbook."""
    return name.lower().endswith(_WORKBOOK_SUFFIXES)


def is_text_sample(sample: bytes) -> bool:
    """Return True if the first bytes of a file that is called a workbook are text."""
    return bool(declared_encoding(sample)) or b"\0" not in sample


def _begins_json(sample: bytes) -> bool:
    text = decode_sample(sample, declared_encoding(sample) or "UTF-8")
    return text.lstrip("\ufeff \t\r\n")[:1] in {"[", "{", ""}


def read_first_byte(stream: BinaryIO, *, name: str) -> bytes:
    """Return the first byte that is no white space.

    Raises:
        FileUnreadable: There is none, it begins no JSON, or the text is UTF-16.
    """
    data = stream.read(_HEAD_BYTES)
    require_utf_8(data, name)
    data = data.removeprefix(codecs.BOM_UTF8)
    while data:
        head = data.lstrip(b" \t\r\n")
        if head[:1] in {b"[", b"{"} or (
            head and name.lower().endswith(_LINES_SUFFIXES)
        ):
            return head[:1]
        if head:
            # repr keeps control characters and turned-round text from the screen.
            shown = repr(head.decode(errors="replace")[:_EXCERPT_CHARS])
            reason = f"This is not JSON; it begins with {shown}. {READABLE}"
            raise FileUnreadable(name, reason)
        data = stream.read(_HEAD_BYTES)
    raise FileUnreadable(name, f"The file is empty. {READABLE}")


def recognise(stream: BinaryIO, *, name: str, first: bytes) -> Recognition:
    """Say what *stream* holds, reading no more of it than is needed.

    Only a batch engine file whose configuration stands behind its items is read
    as far as that, passing over the items.

    Args:
        stream: At its beginning.
        name: Of the file, for messages and for a tie.
        first: What :func:`read_first_byte` found.

    Raises:
        FileUnreadable: It is the configuration of a batch engine file alone.
        FileBroken: It is malformed before that can be told.
    """
    if name.lower().endswith(_LINES_SUFFIXES):
        return Recognition("JSONL")
    if first == b"[":
        return Recognition("JSON")
    return _recognise_object(JsonParser(stream, source=name))


def _recognise_object(text: JsonParser) -> Recognition:
    text.peek()
    configuration = None
    found: set[str] = set()
    page = PageInspector()
    for key in iterate_members(text):
        if key == "configuration" and key not in found:
            configuration = text.value("the configuration").value
        elif key == "items" and "configuration" in found:
            require_items(text)
        else:
            page.pass_over(text, key)
        found |= {key} & _BATCH_ENGINE_KEYS
        if found >= _BATCH_ENGINE_KEYS:
            data = parse_configuration(configuration, source=text.source)
            return Recognition("JSONT", data)
    if text.peek():
        return Recognition("JSONL")
    if "configuration" in found:
        raise FileUnreadable(text.source, _NO_ITEMS)
    if page.is_page:
        return Recognition("JSON", shape=ObjectShape.PAGE, warning=page.warning())
    return Recognition("JSON", shape=ObjectShape.RECORD)


_REMEDY: Final = (
    "Open it in Excel or LibreOffice, and save it as an Excel workbook or as CSV."
)
_HTML_START: Final = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|style|title|div|table|script)\b",
    re.IGNORECASE,
)
_XML_START: Final = re.compile(r"<\?xml\b|<(?:\w+:)?Workbook\b")
_OLD_SHEET_MAGIC: Final = (b"\t\x00", b"\t\x02", b"\t\x04", b"\t\x08")
"""How the worksheets of Excel 2 to 4 and the loose workbooks of Excel 5 begin."""


def describe_unsupported_text(sample: bytes) -> str:
    """Say what a file is that is neither a workbook nor lines of cells.

    Args:
        sample: The first bytes of the file.

    Returns:
        What it is and what to do, in sentences; empty for any other file.
    """
    text = decode_sample(sample, declared_encoding(sample) or "ISO-8859-1")
    text = text.lstrip("\ufeff \t\r\n")
    if sample.startswith(_OLD_SHEET_MAGIC) and b"\0" in sample[:16]:
        what = "a worksheet of a very old Excel version"
    elif text.startswith("MIME-Version:"):
        what = "a web page in one file (MHTML)"
    else:
        what = _describe_markup(text) if text.startswith("<") else ""
    return f"This is {what}, not an Excel workbook or CSV. {_REMEDY}" if what else ""


def _describe_markup(text: str) -> str:
    is_xml = bool(_XML_START.match(text))
    if is_xml and "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return "an XML spreadsheet of Excel 2003"
    if is_xml and "urn:oasis:names:tc:opendocument" in text:
        return "an OpenDocument spreadsheet in XML"
    if _HTML_START.match(text) or "<html" in text[:1000].lower():
        return "an HTML table" if "<table" in text.lower() else "an HTML page"
    return "XML" if is_xml else ""
