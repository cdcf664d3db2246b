"""Recognise how the records of a JSON file are laid out.

* ``[`` begins an array, unless the name ends in ``.jsonl`` or ``.ndjson``.
* ``{`` begins a batch engine file if the object holds *configuration* and *items*, in
  any order; JSON Lines if something follows the object; else a page of a list, if it
  has *items* and nothing but what pages have; else a single record.

Liferay's REST API answers with pages, ``{"items": […], "page": 1, "totalCount": 40}``,
and people save what they see. The records are the items; the other properties tell
whether there are more of them than the file has.
"""

from __future__ import annotations

import codecs
from enum import StrEnum
from typing import Any, Final, NamedTuple

from ...errors import FileUnreadable
from ...ports import FileSample
from .batch_configuration import BatchConfiguration, parse_configuration
from .document_files import document_class, document_configuration
from .element_ranges import ITEMS
from .parser import (
    JsonParser,
    iterate_members,
    require_items,
    require_utf_8,
    skip_value,
)

LINES_SUFFIXES: Final = (".jsonl", ".ndjson")

PAGE_KEYS: Final = frozenset(
    {"actions", "facets", ITEMS, "lastPage", "page", "pageSize", "totalCount"}
)
"""What the pages of Liferay's REST API hold. An object with other keys is a record."""

_CONFIGURATION: Final = "configuration"
_NUMBERS: Final = frozenset({"lastPage", "page", "totalCount"})
_BLANKS: Final = b" \t\r\n"
_HEAD_BYTES: Final = 64 * 1024
_NO_ITEMS: Final = (
    "The file is an object with 'configuration', but without 'items'. "
    "A batch engine file holds both; records alone are a JSON array."
)


class JsonLayout(StrEnum):
    """How the records of a JSON file are laid out."""

    ARRAY = "an array"
    LINES = "an object a line"
    BATCH_ENGINE = "a batch engine file"
    PAGE = "a page of a list"
    RECORD = "a single record"


class JsonFacts(NamedTuple):
    """What a JSON file is.

    Attributes:
        layout: How its records are laid out; None for a file that is not JSON.
        configuration: The configuration of a batch engine file; what stands for it, of
            a file of one document.
        warning: What a person should know before an import; mostly empty.
    """

    layout: JsonLayout | None
    configuration: BatchConfiguration | None = None
    warning: str = ""


def inspect_json(sample: FileSample) -> JsonFacts:
    """Return the layout of a file, reading no more of it than is needed.

    Only a batch engine file whose configuration comes after its items is read up to
    there, passing over the items.

    Raises:
        FileUnreadable: The file is the configuration of a batch engine file alone, or
            JSON in UTF-16 or UTF-32.
        FileBroken: The file is malformed before its layout is known.
    """
    first = _read_first_byte(sample)
    if not first:
        return JsonFacts(None)
    if sample.has_suffix(*LINES_SUFFIXES):
        return JsonFacts(JsonLayout.LINES)
    if first == b"[":
        return JsonFacts(JsonLayout.ARRAY)
    if first == b"{":
        return _inspect_object(JsonParser(sample.open(), source=sample.name))
    return JsonFacts(None)


def _read_first_byte(sample: FileSample) -> bytes:
    """Return the first byte after white space; empty if there is none."""
    require_utf_8(sample.head, sample.name)
    head = sample.head.removeprefix(codecs.BOM_UTF8).lstrip(_BLANKS)
    if head:
        return head[:1]
    stream = sample.open()
    stream.read(len(sample.head))
    while not head and (data := stream.read(_HEAD_BYTES)):
        head = data.lstrip(_BLANKS)
    return head[:1]


def _inspect_object(text: JsonParser) -> JsonFacts:
    text.peek()
    configuration = None
    keys: set[str] = set()
    page = _PageInspector()
    for key in iterate_members(text):
        if key == _CONFIGURATION and key not in keys:
            configuration = text.value("the configuration").value
        elif key == ITEMS and _CONFIGURATION in keys:
            require_items(text)
        else:
            page.pass_over(text, key)
        keys.add(key)
        if _CONFIGURATION in keys and ITEMS in keys:
            data = parse_configuration(configuration, source=text.source)
            return JsonFacts(JsonLayout.BATCH_ENGINE, data)
    if text.peek():
        return JsonFacts(JsonLayout.LINES)
    if _CONFIGURATION in keys:
        raise FileUnreadable(text.source, _NO_ITEMS)
    if page.is_page:
        return JsonFacts(JsonLayout.PAGE, warning=page.warning())
    class_name = document_class(keys)
    stated = document_configuration(class_name) if class_name else None
    return JsonFacts(JsonLayout.RECORD, stated)


class _PageInspector:
    """Collect what the members of an object say about a page while they pass."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._has_other_keys = False
        self._numbers: dict[str, Any] = {}

    @property
    def is_page(self) -> bool:
        """The object has items, and nothing that a page does not have."""
        return self._count is not None and not self._has_other_keys

    def pass_over(self, text: JsonParser, key: str) -> None:
        """Move *text* to the end of the value of *key*."""
        self._has_other_keys = self._has_other_keys or key not in PAGE_KEYS
        if key == ITEMS and text.peek() == "[":
            self._count = skip_value(text, key)
        elif key in _NUMBERS:
            self._numbers[key] = text.value(f"the value of {key!r}").value
        else:
            skip_value(text, key)

    def warning(self) -> str:
        """Return the sentence that says that there are more records; mostly empty."""
        count = self._count or 0
        total, last = self._number("totalCount"), self._number("lastPage")
        page = self._number("page")
        if max(total - count, 0) == 0 and last <= 1:
            return ""
        if total == count:
            return ""
        of_all = f" of {total:,}" if total > count else ""
        noun = "record" if count == 1 and not of_all else "records"
        which = f" (page {page:,} of {last:,})" if page and last > 1 else ""
        return (
            f"The file is one page of a list and holds {count:,}{of_all} {noun}{which}."
            " The others are not imported; export them, or get the other pages, too."
        )

    def _number(self, key: str) -> int:
        value = self._numbers.get(key)
        return value if type(value) is int else 0
