"""Pages of items: only what is in view is read from an installation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from operator import length_hint
from typing import Protocol, runtime_checkable

from ...model.entity_type import EntityType
from ...model.representation import ValueDisplay
from ...ports import Installation, Item, Page, Query


@runtime_checkable
class PageReader(Protocol):
    """An installation that can read one page of items without those before it."""

    def page(
        self, entity_type: EntityType, query: Query, page: int, page_size: int
    ) -> Page:
        """Return one page of what :meth:`Installation.read` yields, and the total.

        Args:
            entity_type: The entity type that the items belong to.
            query: The same as for *read*, with the same errors.
            page: The number of the page, from 1; one after the last is empty.
            page_size: The number of items on a page, at least 1.

        Raises:
            ValueError: The number or the size is less than 1.
        """
        ...


@dataclass(frozen=True, slots=True, repr=False)
class EntryPage(ValueDisplay):
    """One page of items, and how many there are in all.

    >>> page = source.page("Customer", filter="newsletter eq true", size=50)
    >>> page.total, page.pages
    (411, 9)

    Attributes:
        items: The items of the page.
        total: The number of items on all pages.
        number: The number of the page, from 1.
        size: The number of items on a whole page.
    """

    items: tuple[Item, ...]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """The number of pages; 1 where there are no items."""
        return max(1, -(-self.total // self.size))

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the items of the page."""
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"<EntryPage {self.number:,} of {self.pages:,}: {self.total:,} items>"


def read_entry_page(
    installation: Installation,
    entity_type: EntityType,
    query: Query,
    number: int,
    size: int,
) -> EntryPage:
    """Return one page of the items that a query selects.

    An installation that reads no pages is read from its beginning to the page.

    Raises:
        ValueError: The number or the size is less than 1.
        InvalidQuery: The filter or the sort order cannot be carried out.
        InstallationError: The installation does not answer.
    """
    if number < 1 or size < 1:
        message = f"There is no page {number} of {size} items."
        raise ValueError(message)
    if isinstance(installation, PageReader):
        page = installation.page(entity_type, query, number, size)
        return EntryPage(tuple(page.items), page.total, number, size)
    items = installation.read(entity_type, query)
    expected = length_hint(items)
    start = (number - 1) * size
    found = list(islice(items, start + size))
    total = len(found) if len(found) < start + size else max(expected, len(found))
    return EntryPage(tuple(found[start:]), total, number, size)
