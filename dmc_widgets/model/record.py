"""What stands in a file, before anything is made of it.

Texts too large to hold: the content of files, in Base64.
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

    A text like any other, but for mappings that say how dates are written: this one
    is not written at all.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A place in a file where a record should be and something else is.

    Attributes:
        problem: Why, with line and column or byte where they help.
        text: The beginning of what stands there, for the report.
    """

    problem: Problem
    text: str = ""


_MAX_DEPTH: Final = 5
_MAX_PARTS: Final = 500
"""Parts beyond these are no choice that a person makes."""


def part_names(records: Iterable[Record]) -> tuple[str, ...]:
    """Name the parts of nested values: ``address.city``, in the order of first sight.

    Objects have parts, lists have none.
    """
    found = dict.fromkeys(
        part
        for record in records
        for name, value in record.items()
        for part in _nested_part_names(name, value, _MAX_DEPTH)
    )
    return tuple(islice(found, _MAX_PARTS))


def is_part(name: str, fields: Collection[str]) -> bool:
    """Say whether *name* is that of a part of one of *fields*."""
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
"""From here on a text in a record is read as a :class:`LargeText`."""

MAX_LOADED_BYTES: Final = 64 * 1024 * 1024
"""The largest text that is loaded where one has to be held, as in a definition."""


class LargeText:
    """A text that lies on the disk, in the place of a text in a record or an item.

    Reports, tables and messages that print it show its beginning. It is no data
    class, because orjson would write one down as an object, unasked.

    Args:
        size: Bytes in UTF-8.
        beginning: Its first characters.
        pieces: Reads it, from its beginning at every call, in pieces of UTF-8.
            A piece may end within a character.
    """

    __slots__ = ("beginning", "pieces", "size")

    def __init__(
        self, size: int, beginning: str, pieces: Callable[[], Iterator[bytes]]
    ) -> None:
        self.size = size
        self.beginning = beginning
        self.pieces = pieces

    def whole(self) -> str:
        """Load the text. Ask for its size first."""
        return b"".join(self.pieces()).decode()

    def __str__(self) -> str:
        return f"{self.beginning}…"

    def __repr__(self) -> str:
        return f"LargeText({self.size:,} bytes)"
