"""A file that is one JSON object: a single record, or a page of a list.

Liferay's REST answers with pages, ``{"items": […], "page": 1, "totalCount": 40, …}``,
and people save what they see. The records are the items; the rest tells whether there
are more of them than the file has.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, BinaryIO, Final

from ...model.record import Record, UnreadableRecord
from .batch_engine_format import iterate_members, skip_value
from .format import read_elements, require_end
from .parser import JsonParser
from .values import find_record_fault, make_unreadable

ITEMS: Final = "items"
PAGE_KEYS: Final = frozenset(
    {"actions", "facets", ITEMS, "lastPage", "page", "pageSize", "totalCount"}
)
"""What the pages of Liferay's REST hold. An object with other keys is a record."""

_NUMBERS: Final = frozenset({"lastPage", "page", "totalCount"})


class ObjectShape(StrEnum):
    """How the records of a JSON file are laid out, unless they are an array."""

    RECORD = "a single record"
    PAGE = "a page of a list"


def read_object(
    stream: BinaryIO, shape: ObjectShape, *, source: str
) -> Iterator[Record | UnreadableRecord]:
    """Yield the record of a file that is an object, or the items of a page.

    Raises:
        FileBroken: It is malformed or cut off.
    """
    text = JsonParser(stream, source=source)
    text.peek()
    if shape is ObjectShape.PAGE:
        yield from _read_items(text)
    else:
        value, raw, refused = text.value()
        fault = refused or find_record_fault(value, raw)
        text.done += 1
        yield make_unreadable(text.line_of(raw), fault, raw) if fault else value
    require_end(text, "'}'")


def _read_items(text: JsonParser) -> Iterator[Record | UnreadableRecord]:
    is_found = False
    for key in iterate_members(text):
        if key != ITEMS:
            skip_value(text, key)
            continue
        if is_found:
            text.stop(f"A second {ITEMS!r} follows, {text.place()}.")
        is_found = True
        yield from read_elements(text)


class PageInspector:
    """What the members of an object say of a page, as they are passed over."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._has_others = False
        self._numbers: dict[str, Any] = {}

    @property
    def is_page(self) -> bool:
        """The object has items, and nothing that a page does not have."""
        return self._count is not None and not self._has_others

    def pass_over(self, text: JsonParser, key: str) -> None:
        """Move *text* behind the value of *key*."""
        self._has_others = self._has_others or key not in PAGE_KEYS
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
