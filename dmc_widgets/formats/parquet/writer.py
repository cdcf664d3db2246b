"""Write entries into the row groups of a Parquet file, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from ...model.entity_type import Field
from ...model.item_pages import ItemColumns, ItemPage, iter_items
from ...ports import ExportHeader
from .column_types import choose_column, decide_zone, is_undecided

_ITEMS_AT_ONCE: Final = 250
"""How many items wait to become columns: some may be large."""

GROUP_ROWS: Final = 100_000
GROUP_BYTES: Final = 64 * 1024 * 1024
"""A row group is written once it has so many rows or bytes, whichever comes first."""

OPTIONS: Final[dict[str, Any]] = {
    "version": "2.6",
    "write_page_checksum": True,
}


def write_parquet(
    pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
) -> int:
    """Write items, and return how many there were.

    Raises:
        NotSupported: A column cannot hold a value.
        OSError: The disk is full.
    """
    fields = sorted(header.fields, key=lambda field: (field.name.lower(), field.name))
    group = _RowGroup(fields)
    writer: pq.ParquetWriter | None = None
    written = 0
    for number, columns in _iter_columns(pages, [field.name for field in fields]):
        group.add(number, columns)
        written += number
        if group.is_full:
            writer = writer or _open_writer(group.schema, stream, header)
            writer.write_table(group.take())
    writer = writer or _open_writer(group.schema, stream, header)
    if group.rows:
        writer.write_table(group.take())
    writer.close()
    return written


def _open_writer(
    schema: pa.Schema, stream: BinaryIO, header: ExportHeader
) -> pq.ParquetWriter:
    return pq.ParquetWriter(stream, schema, compression=header.compression, **OPTIONS)


class _RowGroup:
    """The rows of a row group that have not been written yet, as columns.

    Attributes:
        rows: How many there are.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        self.rows = 0
        self._columns = [_WaitingColumn(field) for field in fields]
        self._bytes = 0

    def add(self, number: int, columns: dict[str, Sequence[Any]]) -> None:
        """Add the values of some items by field."""
        self.rows += number
        for column in self._columns:
            self._bytes += column.add(columns[column.name])

    @property
    def is_full(self) -> bool:
        """True if the group has enough rows or bytes."""
        return self.rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES

    @property
    def schema(self) -> pa.Schema:
        """The types of the columns; they stay as they are from the first group on."""
        return pa.schema([(x.name, x.decided_type()) for x in self._columns])

    def take(self) -> pa.Table:
        """Return the rows, which are removed from the group."""
        arrays = [column.take() for column in self._columns]
        self.rows = self._bytes = 0
        return pa.Table.from_arrays(arrays, schema=self.schema)


class _WaitingColumn:
    """The values of a column that have not been written yet."""

    def __init__(self, field: Field) -> None:
        self.name = field.name
        self._column = choose_column(field)
        self._is_decided = False
        self._chunks: list[pa.Array] = []

    def add(self, values: Sequence[Any]) -> int:
        """Add values, and return how many bytes they take."""
        if not self._is_decided and not is_undecided(self._column, values):
            self._column = decide_zone(self._column, values)
            self._is_decided = True
        chunk = self._column.encode(values)
        self._chunks.append(chunk)
        size: int = chunk.nbytes
        return size

    def decided_type(self) -> pa.DataType:
        """Return the type of the column, which other values do not change any more."""
        self._is_decided = True
        return self._column.type

    def take(self) -> pa.ChunkedArray:
        """Return the values, which are removed from the column.

        Nulls that came before the type was decided get it now.
        """
        kind = self._column.type
        chunks = [x if x.type == kind else x.cast(kind) for x in self._chunks]
        self._chunks = []
        return pa.chunked_array(chunks, kind)


def _iter_columns(
    pages: Iterable[ItemPage], names: Sequence[str]
) -> Iterator[tuple[int, dict[str, Sequence[Any]]]]:
    """Yield the values of some items by field, and how many items these are."""
    for page in pages:
        if isinstance(page, ItemColumns):
            yield page.number, dict(page.columns)
            continue
        items = iter_items(page)
        while some := list(islice(items, _ITEMS_AT_ONCE)):
            yield len(some), {name: [x.get(name) for x in some] for name in names}
