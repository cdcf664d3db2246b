"""A file in chunks: the batches of its import, the same whenever it is read.

Only the file and the plan decide where a batch ends, so that a task that is resumed, or
verified, meets the batches again that it has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

from ...formats.source import Source
from ...model.line_items import FileRun
from ...model.record import Record, UnreadableRecord
from ...model.run_options import RunOptions
from ..error_budget import batch_records
from .numbered_chunk import Chunk, NumberedChunk

MAX_BATCH_BYTES: Final = 4 * 1024 * 1024  # a few large records fill a batch, too


def read_chunks(source: Source, options: RunOptions) -> Iterator[NumberedChunk]:
    """Split a file into chunks; each is written as one batch."""
    first, size = 1, batch_records(options)
    for number, chunk in enumerate(_split_into_chunks(source, size), start=1):
        yield NumberedChunk(number, first, chunk, source.position)
        first += len(chunk)


def _split_into_chunks(source: Source, max_records: int) -> Iterator[Chunk]:
    """Split the records of a file; those before a damaged place are yielded, too."""
    runs = source.runs()
    if runs is None:
        return _group_records(source, max_records)
    return _group_runs(source, runs, max_records)


def _group_runs(
    source: Source, runs: Iterator[Chunk], max_records: int
) -> Iterator[Chunk]:
    """Do what :func:`_group_records` does, with many records at a time."""
    parts: list[Chunk] = []
    left, start = max_records, source.position
    try:
        for run in runs:
            place = 0
            while place < len(run):
                is_large = source.position - start >= MAX_BATCH_BYTES
                part = run[place : place + (1 if is_large else left)]
                parts.append(part)
                place, left = place + len(part), left - len(part)
                if is_large or not left:
                    yield join_records(parts)
                    parts, left, start = [], max_records, source.position
    except Exception:
        if parts:
            yield join_records(parts)
        raise
    if parts:
        yield join_records(parts)


def join_records(parts: Sequence[Chunk]) -> Chunk:
    """Return parts of a file as one, as lines or columns if they are."""
    joined, *others = parts
    for part in others:
        if not isinstance(joined, FileRun) or not isinstance(part, FileRun):
            return list(chain.from_iterable(parts))
        both = joined.followed_by(part)
        if both is None:
            return list(chain.from_iterable(parts))
        joined = both
    return joined


def _group_records(source: Source, max_records: int) -> Iterator[Chunk]:
    chunk: list[Record | UnreadableRecord] = []
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
