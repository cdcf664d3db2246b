"""Pages of entries for a table: those that were read, and the one that is awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from ...center import OpenInstallation
from ...center.browsing import EntryPage
from ...errors import DmcError
from .installation_reader import InstallationReader

_KEPT: Final = 24
_WAIT_S: Final = 0.2
_KIND: Final = "entries"


class _Request(NamedTuple):
    entity: str
    filter: str
    search: str
    sort: str
    number: int
    size: int


class EntryPages:
    """Reads pages of the entries of one entity type, and keeps the last ones.

    Args:
        reader: Reads the installation.
        show: Called when a page that was awaited has come.
    """

    def __init__(
        self, reader: InstallationReader, show: Callable[[], object] = lambda: None
    ) -> None:
        self._reader, self.show = reader, show
        self._pages: dict[_Request, EntryPage | DmcError] = {}
        self._entity, self._filter = "", ""
        self._last = ("", 20)
        self._awaited: _Request | None = None

    @property
    def is_loading(self) -> bool:
        """True while a page is awaited."""
        return self._awaited is not None

    def select(self, entity: str, filter: str = "") -> None:
        """Read the entries of an entity type, those that a filter finds."""
        self._entity, self._filter = entity, filter

    def forget(self) -> None:
        """Read everything again when it is asked for."""
        self._pages.clear()
        self._awaited = None

    def count(self, search: str) -> int:
        """Return the number of entries that hold a text; 0 while it is not known.

        Raises:
            DmcError: They could not be read.
        """
        for request, page in reversed(self._pages.items()):
            if isinstance(page, EntryPage) and request[:3] == self._key(search):
                return page.total
        page_of = self.page(0, self._last[1], self._last[0], search)
        return 0 if page_of is None else page_of.total

    def page(self, offset: int, limit: int, sort: str, search: str) -> EntryPage | None:
        """Return a page of entries; None while it is being read.

        Raises:
            DmcError: It could not be read.
        """
        if not self._entity:
            return EntryPage((), 0, 1, max(1, limit))
        self._last = (sort, limit)
        request = _Request(*self._key(search), sort, offset // limit + 1, limit)
        if request not in self._pages and request != self._awaited:
            self._ask(request)
        found = self._pages.get(request)
        if isinstance(found, DmcError):
            del self._pages[request]  # the next attempt asks again
            raise found
        return found

    def _key(self, search: str) -> tuple[str, str, str]:
        return self._entity, self._filter, search.strip()

    def _ask(self, request: _Request) -> None:
        self._awaited = request
        is_in_call = True

        def read(opened: OpenInstallation) -> EntryPage:
            return opened.page(
                request.entity,
                request.number,
                request.size,
                filter=request.filter,
                sort=request.sort,
                search=request.search,
            )

        def keep(page: EntryPage | DmcError) -> None:
            self._pages[request] = page
            while len(self._pages) > _KEPT:
                del self._pages[next(iter(self._pages))]
            if self._awaited == request:
                self._awaited = None
                if not is_in_call:
                    self.show()

        self._reader.ask(_KIND, read, keep, keep)
        self._reader.take(_WAIT_S)
        is_in_call = False
