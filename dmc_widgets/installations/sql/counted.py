"""Items on their way out, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator

from ...ports import Item


class CountedItems:
    """An iterator over *items* that can say about how many come.

    The number is Python's ``__length_hint__``: what was stored when reading began.
    Whoever writes meanwhile may change it, so it serves progress and nothing else.
    """

    def __init__(self, items: Iterator[Item], number: int) -> None:
        self._items = items
        self._left = number

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        item = next(self._items)
        self._left -= 1
        return item

    def __length_hint__(self) -> int:
        return max(0, self._left)
