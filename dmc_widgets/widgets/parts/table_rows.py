"""The rows of a table from a list of items that is in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from ..controls import Sort

_Item = TypeVar("_Item")


class ListRows(Generic[_Item]):
    """A :class:`RowSource` over a list, which a function returns anew each time.

    Args:
        find: Returns the items that match a query as typed, in ascending order.
        build_row: Builds the row of an item.
    """

    def __init__(
        self,
        find: Callable[[str], Sequence[_Item]],
        build_row: Callable[[_Item], dict[str, Any]],
    ) -> None:
        self._find = find
        self._build_row = build_row

    def count(self, query: str) -> int:
        """Return the number of items that match *query*."""
        return len(self._find(query))

    def rows(
        self, offset: int, limit: int, sort: Sort | None, query: str
    ) -> list[dict[str, Any]]:
        """Return the rows of a part of the matching items, reversed if descending."""
        items = self._find(query)
        if sort is not None and sort[1]:
            items = items[::-1]
        return [self._build_row(item) for item in items[offset : offset + limit]]
