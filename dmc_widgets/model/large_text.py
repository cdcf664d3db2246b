"""Texts too large to hold: the content of files, in Base64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

LARGE_BYTES: Final = 1024 * 1024
"""From here on a text in a record is read as a :class:`LargeText`."""

HELD_BYTES: Final = 64 * 1024 * 1024
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
