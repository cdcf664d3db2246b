"""Records: the content of a file, before it is mapped.

Texts that are too large for memory, such as attachments in Base64, are
:class:`LargeText` values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from .outcome import Problem

Record = dict[str, Any]
"""Source field names and values as read. A number with more digits than a float
holds is a :class:`~decimal.Decimal`. Its place is its ordinal in the file."""


class DateCell(str):
    """A date or a time of day that a workbook holds as such, in ISO 8601.

    It is a text like any other, except for mappings that state how dates are written.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A position in a file where something else than a record is.

    Attributes:
        problem: Why it cannot be read, with line and column or byte.
        text: The beginning of its content, for the report.
    """

    problem: Problem
    text: str = ""


_MAX_DEPTH: Final = 5
_MAX_PARTS: Final = 500
"""Parts beyond these are not offered in mappings."""


def part_names(records: Iterable[Record]) -> tuple[str, ...]:
    """Return the parts of nested values, ``address.city``, by their first occurrence.

    Objects have parts, lists have none.
    """
    names = dict.fromkeys(
        part
        for record in records
        for name, value in record.items()
        for part in _nested_part_names(name, value, _MAX_DEPTH)
    )
    return tuple(islice(names, _MAX_PARTS))


def is_part(name: str, fields: Collection[str]) -> bool:
    """Return True if *name* is the name of a part of one of *fields*."""
    whole, dot, _ = name.partition(".")
    return bool(dot) and whole in fields


def _nested_part_names(name: str, value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, dict) or not depth:
        return
    for key, inner in value.items():
        if key and "." not in key:
            yield f"{name}.{key}"
            yield from _nested_part_names(f"{name}.{key}", inner, depth - 1)


LARGE_TEXT_BYTES: Final = 1024 * 1024
"""A text of this size or more in a record is read as a :class:`LargeText`."""

MAX_LOADED_BYTES: Final = 64 * 1024 * 1024
"""The largest text that is loaded into memory, as in a definition."""


class LargeText:
    """A text on the disk, in place of a text in a record or an item.

    Reports, tables and messages that print it show its beginning. It is not a data
    class, because orjson would write one as an object.

    Args:
        size: Its size in bytes of UTF-8.
        beginning: Its first characters.
        pieces: Reads it from its beginning, at every call, in pieces of UTF-8. A piece
            may end within a character.
    """

    __slots__ = ("beginning", "pieces", "size")

    def __init__(
        self, size: int, beginning: str, pieces: Callable[[], Iterator[bytes]]
    ) -> None:
        self.size = size
        self.beginning = beginning
        self.pieces = pieces

    def whole(self) -> str:
        """Load the whole text. Check its size first."""
        return b"".join(self.pieces()).decode()

    def __str__(self) -> str:
        return f"{self.beginning}…"

    def __repr__(self) -> str:
        return f"LargeText({self.size:,} bytes)"
