"""Pieces of a batch, for a server that takes no requests as large as a whole batch.

A server, or a proxy in front of it, answers 413 to a request that is too large, without
looking at it. Then the items are sent in halves, and these in halves again, down to a
single one. The size that was taken is remembered for the batches that follow.

Another process that goes on with the batch has to find the same pieces. So the first
one bears the mark of the whole part, and its task tells how many items a piece has: as
many as there are checksums in the archive that it carries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Final

from ...model.outcome import Problem
from .batch_plan import BatchPart, PreparedItem

_PIECE_SUFFIX: Final = "p"
_SMALL_BYTES: Final = 100_000
"""A server that does not even take this has a limit that is of no use."""


class PieceSizes:
    """The number of items that a server takes in one request, by entity type."""

    def __init__(self) -> None:
        self._most: dict[str, int] = {}

    def most(self, entity_type: str, number: int) -> int:
        """Return how many of *number* items to send in one request."""
        return min(number, self._most.get(entity_type, number))

    def halve(self, entity_type: str, number: int) -> None:
        """Remember that *number* items were too many."""
        self._most[entity_type] = self.most(entity_type, max(1, number // 2))

    def forget(self, entity_type: str) -> None:
        """Forget a size to which one large item alone has led."""
        self._most.pop(entity_type, None)


def split_part(part: BatchPart, size: int) -> Iterator[BatchPart]:
    """Yield the pieces of a part, with *size* items each; the last may have fewer."""
    for number, start in zip(count(), range(0, len(part.items), size), strict=False):
        mark = f"{part.mark}{_PIECE_SUFFIX}{number}" if number else part.mark
        yield replace(part, mark=mark, items=part.items[start : start + size])


def is_small(item: PreparedItem) -> bool:
    """Return True if every server should take a request with this item."""
    return len(item.line) < _SMALL_BYTES


def describe_size(item: PreparedItem) -> Problem:
    """Return the problem of an item that is too large for a request of its own."""
    message = (
        f"The record has {len(item.line):,} bytes, and the server, or a proxy in front "
        "of it, accepts no request that is so large (HTTP 413). Raise its upload limit."
    )
    return Problem("request-too-large", message)
