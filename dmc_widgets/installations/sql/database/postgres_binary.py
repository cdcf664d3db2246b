"""Many values in the binary form of PostgreSQL: arrays, and the rows of ``COPY``.

The driver's own way costs a call in Python for each value; a batch has thousands.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import ClassVar, Final

import psycopg
from psycopg import pq
from psycopg.adapt import Dumper

from ....objects.entries.stored_entries import NewEntries
from .dialect import SharedColumns

_LENGTH: Final = struct.Struct(">i").pack
_ARRAY: Final = struct.Struct(">iiIii").pack
"""The number of dimensions, whether there are nulls, the type of the elements, their
number, and the number of the first."""

_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END: Final = b"\xff\xff"
_ENTRY_COLUMNS: Final = 8
_ENTRY_HEAD: Final = struct.Struct(">hiqi").pack
"""The number of columns, the definition with its size before it, and the size of the
scope."""
_ENTRY_STATE: Final = struct.Struct(">iiiqiqi").pack
"""The status and two times, each with its size before it, and the size of the id."""
_ID_AND_LENGTH: Final = struct.Struct(">qi").pack
_SIZED_INTEGER: Final = struct.Struct(">iq").pack
_SHORT: Final = ["\0\0\0" + chr(size) for size in range(128)]
"""The sizes of short texts, as texts."""

NUL: Final = "\uffff"
"""Stands for the character NUL, which no text of PostgreSQL may hold."""


class BinaryArray:
    """An array as PostgreSQL sends it; it holds no nulls.

    Args:
        elements: Each element, with its size before it.
        count: The number of elements.

    Attributes:
        oid: The number of the type of such arrays.
        element_oid: The number of the type of the elements.
        data: What is sent.
    """

    oid: ClassVar[int] = 0
    element_oid: ClassVar[int] = 0
    __slots__ = ("data",)

    def __init__(self, elements: Iterable[bytes], count: int) -> None:
        head = _ARRAY(1, 0, self.element_oid, count, 1)
        # One copy: those of a batch of entries are larger than the caches.
        self.data = b"".join([head, *elements])


class TextArray(BinaryArray):
    """Any number of texts as one parameter."""

    oid = 1009
    element_oid = 25
    __slots__ = ()

    @classmethod
    def pack(cls, values: Iterable[str]) -> TextArray:
        """Return an array of texts; the character NUL is replaced in them."""
        texts = list(values)
        joined = "".join(texts)
        if "\0" in joined:
            return cls.pack([text.replace("\0", NUL) for text in texts])
        if joined.isascii() and max(map(len, texts), default=0) < len(_SHORT):
            # All of them are encoded at once, with their sizes.
            sizes = map(_SHORT.__getitem__, map(len, texts))
            parts = chain.from_iterable(zip(sizes, texts, strict=True))
            return cls(["".join(parts).encode()], len(texts))
        return cls(_sized([text.encode() for text in texts]), len(texts))


class BytesArray(BinaryArray):
    """Any number of bytes as one parameter."""

    oid = 1001
    element_oid = 17
    __slots__ = ()

    @classmethod
    def pack(cls, values: Iterable[bytes]) -> BytesArray:
        """Return an array of bytes."""
        elements = list(values)
        return cls(_sized(elements), len(elements))


class IntegerArray(BinaryArray):
    """Any number of 64-bit integers as one parameter."""

    oid = 1016
    element_oid = 20
    __slots__ = ()

    @classmethod
    def pack(cls, values: Iterable[int]) -> IntegerArray:
        """Return an array of integers."""
        numbers = list(values)
        return cls(map(_SIZED_INTEGER, repeat(8), numbers), len(numbers))


def require_storable(values: Sequence[str]) -> None:
    """Refuse texts with the character NUL.

    Raises:
        psycopg.DataError: There is one.
    """
    if "\0" in "".join(values):
        message = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
        raise psycopg.DataError(message)


def copied_entries(shared: SharedColumns, rows: NewEntries) -> bytes:
    """Return entries as ``COPY … (FORMAT BINARY)`` takes them.

    The columns are the shared ones, and then the id, the ERC and the body.

    Raises:
        psycopg.DataError: A scope or an ERC holds the character NUL.
    """
    require_storable([shared.scope, *rows.codes])
    scope = shared.scope.encode()
    beginning = (
        _ENTRY_HEAD(_ENTRY_COLUMNS, 8, shared.definition_id, len(scope))
        + scope
        + _ENTRY_STATE(4, shared.status, 8, shared.created, 8, shared.modified, 8)
    )
    codes = [code.encode() for code in rows.codes]
    parts = zip(
        repeat(beginning, len(codes)),
        map(_ID_AND_LENGTH, rows.ids, map(len, codes)),
        codes,
        map(_LENGTH, map(len, rows.bodies)),
        rows.bodies,
        strict=True,
    )
    return b"".join([_COPY_HEAD, *chain.from_iterable(parts), _COPY_END])


def _sized(elements: Sequence[bytes]) -> Iterable[bytes]:
    sizes = map(_LENGTH, map(len, elements))
    return chain.from_iterable(zip(sizes, elements, strict=True))


class _ArrayDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: BinaryArray) -> bytes:
        """Return the array as it is."""
        return obj.data


def _register(cls: type[BinaryArray]) -> None:
    dumper = type(f"{cls.__name__}Dumper", (_ArrayDumper,), {"oid": cls.oid})
    psycopg.adapters.register_dumper(cls, dumper)


for _cls in (TextArray, BytesArray, IntegerArray):
    _register(_cls)
