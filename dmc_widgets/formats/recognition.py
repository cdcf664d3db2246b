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
"""

from __future__ import annotations

import codecs
from typing import BinaryIO, NamedTuple

from ..errors import FileUnreadable
from .configuration import Configuration, configuration_from
from .detection import decoded
from .encodings import marked_encoding
from .excel_package import OLD_EXCEL
from .json_object import PageFacts, Shape
from .json_text import JsonText, require_utf_8
from .jsont import members, require_items
from .zip_entry import MAGIC

READABLE = (
    "What can be read: a JSON array of objects, one object or a page, JSON Lines, "
    "XLSX, CSV (in a file named .csv, .tsv, .tab, .psv or .txt), a "
    "*.batch-engine-data.json file, or a "
    "zip that holds one of these."
)
_LINES = (".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv", ".tab", ".psv")
_TEXTS = (".txt",)
_WORKBOOKS = (".xls", ".xlsx", ".xlsm")
_PARTS = frozenset({"configuration", "items"})
_HEAD_BYTES = 64 * 1024
_SHOWN = 30
_NO_ITEMS = (
    "The file is an object with 'configuration', but without 'items'. "
    "A batch engine file holds both; records alone are a JSON array."
)


class Recognised(NamedTuple):
    """The name of a format, and what the file says about its items.

    Attributes:
        format: The name of the format.
        configuration: Of a batch engine file.
        shape: Of a JSON file that is an object.
        warning: What a person should know before an import; mostly empty.
    """

    format: str
    configuration: Configuration | None = None
    shape: Shape | None = None
    warning: str = ""


def is_table(name: str, sample: bytes) -> bool:
    """Say whether a file holds lines and cells of text.

    Args:
        name: What the file is called.
        sample: Its first bytes.
    """
    lowered = name.lower()
    return lowered.endswith(_TABLES) or (
        lowered.endswith((*_TEXTS, *_WORKBOOKS)) and not _begins_json(sample)
    )


def is_workbook(sample: bytes) -> bool:
    """Return True if a file's first bytes are those of a workbook."""
    return sample.startswith((*MAGIC, OLD_EXCEL))


def is_called_workbook(name: str) -> bool:
    """Return True if a file's name promises a workbook."""
    return name.lower().endswith(_WORKBOOKS)


def is_text(sample: bytes) -> bool:
    """Return True if the first bytes of a file that is called a workbook are text."""
    return bool(marked_encoding(sample)) or b"\0" not in sample


def _begins_json(sample: bytes) -> bool:
    text = decoded(sample, marked_encoding(sample) or "UTF-8")
    return text.lstrip("\ufeff \t\r\n")[:1] in {"[", "{", ""}


def recognise_first_byte(stream: BinaryIO, *, name: str) -> bytes:
    """Return the first byte that is no white space.

    Raises:
        FileUnreadable: There is none, it begins no JSON, or the text is UTF-16.
    """
    data = stream.read(_HEAD_BYTES)
    require_utf_8(data, name)
    data = data.removeprefix(codecs.BOM_UTF8)
    while data:
        head = data.lstrip(b" \t\r\n")
        if head[:1] in {b"[", b"{"} or (head and name.lower().endswith(_LINES)):
            return head[:1]
        if head:
            # repr keeps control characters and turned-round text from the screen.
            shown = repr(head.decode(errors="replace")[:_SHOWN])
            reason = f"This is not JSON; it begins with {shown}. {READABLE}"
            raise FileUnreadable(name, reason)
        data = stream.read(_HEAD_BYTES)
    raise FileUnreadable(name, f"The file is empty. {READABLE}")


def recognise(stream: BinaryIO, *, name: str, first: bytes) -> Recognised:
    """Say what *stream* holds, reading no more of it than is needed.

    Only a batch engine file whose configuration stands behind its items is read
    as far as that, passing over the items.

    Args:
        stream: At its beginning.
        name: Of the file, for messages and for a tie.
        first: What :func:`recognise_first_byte` found.

    Raises:
        FileUnreadable: It is the configuration of a batch engine file alone.
        FileBroken: It is malformed before that can be told.
    """
    if name.lower().endswith(_LINES):
        return Recognised("JSONL")
    if first == b"[":
        return Recognised("JSON")
    return _recognise_object(JsonText(stream, source=name))


def _recognise_object(text: JsonText) -> Recognised:
    text.peek()
    configuration = None
    found: set[str] = set()
    page = PageFacts()
    for key in members(text):
        if key == "configuration" and key not in found:
            configuration = text.value("the configuration").value
        elif key == "items" and "configuration" in found:
            require_items(text)
        else:
            page.pass_over(text, key)
        found |= {key} & _PARTS
        if found >= _PARTS:
            data = configuration_from(configuration, source=text.source)
            return Recognised("JSONT", data)
    if text.peek():
        return Recognised("JSONL")
    if "configuration" in found:
        raise FileUnreadable(text.source, _NO_ITEMS)
    if page.is_page:
        return Recognised("JSON", shape=Shape.PAGE, warning=page.warning())
    return Recognised("JSON", shape=Shape.RECORD)
