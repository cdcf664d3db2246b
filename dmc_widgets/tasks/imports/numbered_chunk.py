"""The records of one batch, as a task reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...model.record import Record, UnreadableRecord

Chunk = Sequence[Record | UnreadableRecord]


class NumberedChunk(NamedTuple):
    """The records of one batch, and their place in the task.

    Attributes:
        batch: The number of the batch within the task, from 1.
        first: The number of the first record.
        records: The records.
        done: The progress of the task once they are written, in bytes or items.
        left_out: The fields of the target that each record leaves out for now; empty
            if none does.
    """

    batch: int
    first: int
    records: Chunk
    done: int
    left_out: Sequence[frozenset[str]] = ()
