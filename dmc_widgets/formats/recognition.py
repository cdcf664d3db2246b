"""Which format is this? The content says it; the name only breaks ties.

* A zip with the parts of a workbook and an old Excel file are workbooks, whatever
  they are called.
* ``[`` begins a JSON array, unless the name ends in ``.jsonl`` or ``.ndjson``.
* ``{`` begins a batch engine file if the object holds *configuration* and *items*,
  in any order; JSON Lines if something follows the object; else a single object,
  which is no list of records.
* A name that ends in ``.csv``, ``.tsv``, ``.tab`` or ``.psv`` is taken at its word,
  and so are Excel's; ``.txt`` is a table if it begins no JSON.
"""

from __future__ import annotations

import codecs
from typing import BinaryIO, NamedTuple

from ..errors import FileUnreadable
from .configuration import Configuration, configuration_from
from .detection import decoded
from .encodings import marked_encoding
from .excel_package import OLD_EXCEL
from .json_text import JsonText, require_utf_8
from .jsont import members, require_items, skip
from .zip_entry import MAGIC

READABLE = (
    "What can be read: a JSON array of objects, JSON Lines, XLSX, CSV (in a file "
    "named .csv, .tsv, .tab, .psv or .txt), a *.batch-engine-data.json file, or a "
    "zip that holds one of these."
)
_LINES = (".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv", ".tab", ".psv")
_TEXTS = (".txt",)
_WORKBOOKS = (".xls", ".xlsx", ".xlsm")
_PARTS = frozenset({"configuration", "items"})
_HEAD_BYTES = 64 * 1024
_SHOWN = 30


class Recognised(NamedTuple):
    """The name of a format, and what the file says about its items."""

    format: str
    configuration: Configuration | None = None


def is_table(name: str, sample: bytes) -> bool:
    """Say whether a file holds lines and cells of text.

    Args:
        name: What the file is called.
        sample: Its first bytes.
    """
    lowered = name.lower()
    return lowered.endswith(_TABLES) or (
        lowered.endswith(_TEXTS) and not _begins_json(sample)
    )


def is_workbook(name: str, sample: bytes = b"") -> bool:
    """Say whether a file's name or its first bytes promise a workbook."""
    return sample.startswith((*MAGIC, OLD_EXCEL)) or name.lower().endswith(_WORKBOOKS)


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
        FileUnreadable: It is an object without records in it.
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
    for key in members(text):
        if key == "configuration" and key not in found:
            configuration = text.value("the configuration").value
        elif key == "items" and "configuration" in found:
            require_items(text)
        else:
            skip(text, key)
        found |= {key} & _PARTS
        if found >= _PARTS:
            data = configuration_from(configuration, source=text.source)
            return Recognised("JSONT", data)
    if text.peek():
        return Recognised("JSONL")
    raise FileUnreadable(text.source, _why_no_records(_PARTS - found))


def _why_no_records(missing: frozenset[str]) -> str:
    if len(missing) == 1:
        (there,), (absent,) = _PARTS - missing, missing
        return (
            f"The file is an object with {there!r}, but without {absent!r}. "
            "A batch engine file holds both; records alone are a JSON array."
        )
    return (
        "The file holds a single JSON object, where a list of records is expected. "
        "Put '[' before it and ']' behind it to import it as the only record."
    )
