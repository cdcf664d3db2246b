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

NUL: Final = "\uffff"
"""Stands for the character NUL, which no text of PostgreSQL may hold."""


class BinaryArray(bytes):
    """An array as PostgreSQL sends it; it holds no nulls.

    Attributes:
        oid: The number of the type of such arrays.
    """

    oid: ClassVar[int] = 0


class TextArray(BinaryArray):
    """Any number of texts as one parameter."""

    oid = 1009

    @classmethod
    def pack(cls, values: Iterable[str]) -> TextArray:
        """Return an array of texts; the character NUL is replaced in them."""
        return cls(_array(25, [text.encode() for text in storable_texts(values)]))


class BytesArray(BinaryArray):
    """Any number of bytes as one parameter."""

    oid = 1001

    @classmethod
    def pack(cls, values: Iterable[bytes]) -> BytesArray:
        """Return an array of bytes."""
        return cls(_array(17, list(values)))


class IntegerArray(BinaryArray):
    """Any number of 64-bit integers as one parameter."""

    oid = 1016

    @classmethod
    def pack(cls, values: Iterable[int]) -> IntegerArray:
        """Return an array of integers."""
        numbers = list(values)
        sized = chain.from_iterable((8, number) for number in numbers)
        elements = struct.pack(">" + "iq" * len(numbers), *sized)
        return cls(_ARRAY(1, 0, 20, len(numbers), 1) + elements)


def require_storable(values: Sequence[str]) -> None:
    """Refuse texts with the character NUL.

    Raises:
        psycopg.DataError: There is one.
    """
    if "\0" in "".join(values):
        message = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
        raise psycopg.DataError(message)


def storable_texts(values: Iterable[str]) -> Sequence[str]:
    """Return texts with what stands for the character NUL in its place."""
    texts = list(values)
    if any("\0" in text for text in texts):
        return [text.replace("\0", NUL) for text in texts]
    return texts


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


def _array(oid: int, elements: Sequence[bytes]) -> bytes:
    sizes = map(_LENGTH, map(len, elements))
    parts = chain.from_iterable(zip(sizes, elements, strict=True))
    return _ARRAY(1, 0, oid, len(elements), 1) + b"".join(parts)


def _sized(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


class _ArrayDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, obj: BinaryArray) -> bytes:
        """Return the array as it is."""
        return obj


def _register(cls: type[BinaryArray]) -> None:
    dumper = type(f"{cls.__name__}Dumper", (_ArrayDumper,), {"oid": cls.oid})
    psycopg.adapters.register_dumper(cls, dumper)


for _cls in (TextArray, BytesArray, IntegerArray):
    _register(_cls)
