"""A file in chunks: the batches of its import, the same whenever it is read.

Only the file and the plan decide where a batch ends, so that a task that is resumed, or
verified, meets the batches again that it has written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...formats.source import Source
from ...model.run_options import RunOptions
from ..error_budget import batch_records
from .record_writer import Chunk, NumberedChunk

MAX_BATCH_BYTES: Final = 4 * 1024 * 1024  # a few large records fill a batch, too


def read_chunks(source: Source, options: RunOptions) -> Iterator[NumberedChunk]:
    """Split a file into chunks; each is written as one batch."""
    first, size = 1, batch_records(options)
    for number, chunk in enumerate(_split_into_chunks(source, size), start=1):
        yield NumberedChunk(number, first, chunk, source.position)
        first += len(chunk)


def _split_into_chunks(source: Source, max_records: int) -> Iterator[Chunk]:
    """Split the records of a file; those before a damaged place are yielded, too."""
    chunk: Chunk = []
    start = source.position
    try:
        for record in source.records():
            chunk.append(record)
            is_full = len(chunk) >= max_records
            if is_full or source.position - start >= MAX_BATCH_BYTES:
                yield chunk
                chunk, start = [], source.position
    except Exception:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk
