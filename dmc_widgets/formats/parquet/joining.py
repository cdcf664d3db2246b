"""Join the parts of a Parquet file, row group by row group, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as kinds

from ...errors import FileUnreadable
from .parts import Part, open_part
from .reader import ParquetFile, largest_size, open_parquet
from .writer import GROUP_BYTES, GROUP_ROWS, OPTIONS

_OTHER_TYPE: Final = (
    "The column {!r} is of the type {}, and of the type {} in the parts before it. "
    "Write all parts with one schema."
)
_TWICE: Final = (
    "Two columns are named {!r}, or one is named as a folder around the part. Rename "
    "one of them."
)


def write_joined(parts: Sequence[Part], stream: IO[bytes]) -> None:
    """Write the records of all parts; see :func:`~.parts.join_parts`."""
    schema = _join_schemas(parts)
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    with pq.ParquetWriter(stream, schema, compression="zstd", **OPTIONS) as writer:
        for part in parts:
            for batch in _read_batches(part, schema):
                waiting.append(batch)
                rows, size = rows + batch.num_rows, size + batch.nbytes
                if rows >= GROUP_ROWS or size >= GROUP_BYTES:
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting, rows, size = [], 0, 0
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))


def _join_schemas(parts: Sequence[Part]) -> pa.Schema:
    """Return the columns of all parts, in the order in which they are met.

    Raises:
        FileUnreadable: A part has a column twice, or one of another type.
    """
    types: dict[str, pa.DataType] = {}
    for part in parts:
        with open_part(part) as file, open_parquet(file, part.name) as opened:
            columns = _list_columns(opened, part)
        for name, kind in columns:
            known = types.get(name)
            wider = kind if known is None else _find_wider(known, kind)
            if wider is None:
                reason = _OTHER_TYPE.format(name, kind, known)
                raise FileUnreadable(part.name, reason)
            types[name] = wider
    return pa.schema(list(types.items()))


def _list_columns(opened: ParquetFile, part: Part) -> list[tuple[str, pa.DataType]]:
    columns = [
        (name, _plain_type(kind))
        for name, kind in zip(opened.schema.names, opened.schema.types, strict=True)
    ]
    columns += [(name, pa.string()) for name in part.values]
    names = [name for name, _ in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FileUnreadable(part.name, _TWICE.format(twice))
    return columns


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of the same values without what only says how they are kept."""
    if kinds.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if kinds.is_large_string(kind) or kinds.is_string_view(kind):
        return pa.string()
    return kind


def _find_wider(known: pa.DataType, kind: pa.DataType) -> pa.DataType | None:
    """Return the type that holds the values of both as they are; None if none does."""
    if known == kind or kinds.is_null(kind):
        return known
    if kinds.is_null(known):
        return kind
    are_signed = kinds.is_signed_integer(known) and kinds.is_signed_integer(kind)
    if are_signed or (kinds.is_nested(known) and kinds.is_nested(kind)):
        fields = [pa.schema([("a", one)]) for one in (known, kind)]
        try:
            joined = pa.unify_schemas(
                fields, promote_options="permissive" if are_signed else "default"
            )
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return None
        return joined.field("a").type
    return None


def _read_batches(part: Part, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a part with the columns of all parts."""
    with open_part(part) as file, open_parquet(file, part.name) as opened:
        for _, batch in opened.read_rows():
            for piece in _cut_large(batch):
                yield _complete(piece, part, schema)


def _cut_large(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield rows as so many that their texts fit into a row group, each written out."""
    longest = sum(
        largest_size(column) if kinds.is_dictionary(column.type) else 0
        for column in batch.columns
    )
    fitting = max(1, GROUP_BYTES // max(longest, 1))
    for start in range(0, batch.num_rows, fitting):
        yield batch.slice(start, fitting)


def _complete(batch: pa.RecordBatch, part: Part, schema: pa.Schema) -> pa.RecordBatch:
    own = dict(zip(batch.schema.names, batch.columns, strict=True))
    arrays = []
    for field in schema:
        if field.name in own:
            arrays.append(own[field.name].cast(field.type))
        else:
            value = pa.scalar(part.values.get(field.name), field.type)
            arrays.append(pa.repeat(value, batch.num_rows))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
