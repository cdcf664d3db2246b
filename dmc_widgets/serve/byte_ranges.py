"""The part of a file that a ``Range`` header asks for. No I/O."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SINGLE: Final = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")


class ByteRange(NamedTuple):
    """A part of a file: its first byte, and how many bytes it has."""

    first: int
    length: int


class UnusableRange(ValueError):
    """The range is not within the file."""


def parse_range(header: str, size: int) -> ByteRange | None:
    """Return the part of a file of *size* bytes that a header asks for.

    >>> parse_range("bytes=100-", 250)
    ByteRange(first=100, length=150)

    Returns:
        None for several ranges or another unit, to which the whole file may be sent.

    Raises:
        UnusableRange: The range begins after the end of the file.
    """
    found = _SINGLE.fullmatch(header.strip())
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:  # the last bytes
        length = min(int(last), size)
        if length == 0:
            raise UnusableRange(header)
        return ByteRange(size - length, length)
    begin = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if begin >= size or (last and int(last) < begin):
        raise UnusableRange(header)
    return ByteRange(begin, end - begin + 1)
