"""Items in pages, as JSON that is ready to be written, or as columns of a table.

An installation that keeps its items as JSON need not decode what a file is to hold as
JSON again, nor build items of what a table holds by column. Where values of a page need
more work than that, the page is a list of items, and a format writes either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable


class JsonLines(NamedTuple):
    """Items as JSON, as :func:`dmc_widgets.formats.json.values.to_json` spells them.

    Attributes:
        data: One item a line, each line ended by LF; an item contains no LF.
        number: The number of lines.
    """

    data: bytes
    number: int


class ItemColumns(NamedTuple):
    """Items by field, as values; equal ones may be one object.

    Attributes:
        columns: The values of each field, one an item.
        number: The number of items.
    """

    columns: Mapping[str, Sequence[Any]]
    number: int

    def items(self) -> Iterator[dict[str, Any]]:
        """Yield the items themselves."""
        if not self.columns:
            yield from ({} for _ in range(self.number))
            return
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))


ItemPage = JsonLines | ItemColumns | Iterable[dict[str, Any]]
"""Some of the items, in order; a list where it is neither JSON nor columns."""


def iter_items(page: ItemPage) -> Iterator[dict[str, Any]]:
    """Yield the items of a page of any kind."""
    if isinstance(page, JsonLines):
        import orjson  # `import dmc_widgets` is to cost next to nothing

        yield from map(orjson.loads, page.data.splitlines())
    elif isinstance(page, ItemColumns):
        yield from page.items()
    else:
        yield from page


@runtime_checkable
class PagedItems(Protocol):
    """Items of :meth:`dmc_widgets.ports.Installation.read` that come in pages, too."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield item by item."""
        ...

    def pages(self) -> Iterator[JsonLines | list[dict[str, Any]]] | None:
        """Yield the items page by page instead; None where no page would be JSON.

        Either this or the iteration may be begun, and only once.
        """
        ...


@runtime_checkable
class ColumnItems(Protocol):
    """Items of :meth:`dmc_widgets.ports.Installation.read` that come as columns."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield item by item."""
        ...

    def column_pages(self) -> Iterator[ItemColumns | list[dict[str, Any]]] | None:
        """Yield the items page by page; None where no page would be columns.

        Either this or the iteration may be begun, and only once.
        """
        ...
