"""Items on their way out, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...ports import Item


class CountedItems:
    """An iterator over *items* that can say about how many come.

    The number is Python's ``__length_hint__``: what is stored when it is first asked
    for. Whoever writes meanwhile may change it, so it serves progress and nothing
    else. Nothing is counted for those who do not ask.
    """

    def __init__(self, items: Iterator[Item], count: Callable[[], int]) -> None:
        self._items = items
        self._count = count
        self._number: int | None = None
        self._passed = 0

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        item = next(self._items)
        self._passed += 1
        return item

    def __length_hint__(self) -> int:
        if self._number is None:
            self._number = self._count()
        return max(0, self._number - self._passed)
