"""Items in pages, some of them as JSON that is ready to be written.

An installation that keeps its items as JSON need not decode what a file is to hold as
JSON again. Where values of a page need more work than that, the page is a list of
items, and a format writes either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Protocol, runtime_checkable


class JsonLines(NamedTuple):
    """Items as JSON, as :func:`dmc_widgets.formats.json.values.to_json` spells them.

    Attributes:
        data: One item a line, each line ended by LF; an item contains no LF.
        number: The number of lines.
    """

    data: bytes
    number: int


ItemPage = JsonLines | Iterable[dict[str, Any]]
"""Some of the items, in order; a list where it is not JSON already."""


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
