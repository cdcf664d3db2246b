"""A table that is paged in the kernel: the page in view travels, nothing else."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol

import anywidget
import traitlets
from traitlets import Bool, Dict, Int, List, Tuple, Unicode, observe

from ...errors import DmcError
from .control import read_script, read_style

_PAGE_SIZES = [10, 20, 50, 100]
_UNEXPECTED = "Unexpected Error."

Sort = tuple[str, bool]
"""A column's key, and whether the greatest comes first."""


class RowSource(Protocol):
    """What a table shows. Both methods are asked often and should be quick."""

    def count(self, query: str) -> int:
        """How many rows match *query*, a text as typed; all if it is empty."""
        ...

    def rows(
        self, offset: int, limit: int, sort: Sort | None, query: str
    ) -> list[dict[str, Any]]:
        """Return the matching rows from *offset* on, *limit* at most, sorted.

        A row has ``key``, a text that is unique in the table, and a value for
        each column: a text or None (*text*, *link*), a number or None, a pair
        of word and colour (*status*), a list of pairs of key and label
        (*actions*; empty: no menu). The colours are success, info, warning,
        danger and secondary. It may have ``selectable`` (False: no check mark)
        and ``strong`` (True: its first cell is bold).
        """
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        key: Of its values in the rows, and in *Sort*.
        label: Its heading. That of an *actions* column is heard, not seen.
        kind: How its values are shown.
        align: Empty: numbers at the end, all else at the start.
        sortable: The heading is a button; the source understands its key.
    """

    key: str
    label: str
    kind: Literal["text", "status", "number", "link", "actions"] = field(
        default="text", kw_only=True
    )
    align: Literal["", "start", "center", "end"] = field(default="", kw_only=True)
    sortable: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageRequest:
    """What the page asks to see; *request* tells its answer from older ones."""

    request: str = ""
    offset: int = 0
    limit: int
    sort: Sort | None
    query: str = ""


class PagedTable(anywidget.AnyWidget):
    """A table over a *source* that is asked for one page at a time.

    A DmcError raised by the source is shown in place of the rows; any other
    error propagates, and the table says "Unexpected Error."

    Args:
        source: Asked at once for the first page.
        columns: From left to right.
        sort: At first.
        traits: First values of the attributes.

    Attributes:
        label: What the table is, for those who cannot see it.
        page_size: Rows a page; None: all on one page, without a pager.
        searchable: There is a search box.
        search_label: Of the box.
        selectable: Rows have check boxes.
        selected: Keys, on whichever page; may be set.
        empty_text: In place of the rows when there are none.
        on_action: Called with the row's key and the key of the action chosen.
        on_link: Called with the row's key when its link is followed.
        on_select: Called with all the selected keys when they change.
    """

    _esm = read_script("elements.js", "menu.js", "line.js", "table.js")
    _css = read_style("table.css")

    label = Unicode().tag(sync=True)
    columns = List(Dict()).tag(sync=True)
    page_size = Int(20, allow_none=True).tag(sync=True)
    page_sizes = List(Int(), _PAGE_SIZES).tag(sync=True)
    searchable = Bool().tag(sync=True)
    search_label = Unicode("Search").tag(sync=True)
    selectable = Bool().tag(sync=True)
    selected = Tuple().tag(sync=True)
    empty_text = Unicode("No items were found.").tag(sync=True)
    page = Dict().tag(sync=True)

    on_action = traitlets.Callable(None, allow_none=True)
    on_link = traitlets.Callable(None, allow_none=True)
    on_select = traitlets.Callable(None, allow_none=True)

    def __init__(
        self,
        source: RowSource,
        columns: Sequence[Column],
        *,
        sort: Sort | None = None,
        **traits: Any,
    ) -> None:
        self._source = source
        # Messages of the page may be handled on any thread, even two at once.
        self._lock = threading.RLock()
        super().__init__(columns=[asdict(column) for column in columns], **traits)
        self._view = _PageRequest(limit=self.page_size or 0, sort=sort)
        self.refresh()
        self.on_msg(self._on_message)

    def refresh(self) -> None:
        """Ask the source again; what did not change is not sent again.

        Keeps the page, the search, the selection, the focus and open menus.
        """
        with self._lock:
            self._show(self._view)

    def restart(self) -> None:
        """Ask the source again, from the first page on."""
        with self._lock:
            self._show(replace(self._view, offset=0))

    def _on_message(
        self, _widget: object, content: dict[str, Any], _buffers: object
    ) -> None:
        match content:
            case {"kind": "ask", "view": asked}:
                sort = tuple(asked["sort"]) if asked["sort"] else None
                with self._lock:
                    self._show(_PageRequest(**{**asked, "sort": sort}))
            case {"kind": "action", "key": key, "action": action}:
                if self.on_action is not None:
                    self.on_action(key, action)
            case {"kind": "link", "key": key}:
                if self.on_link is not None:
                    self.on_link(key)

    @observe("selected")
    def _tell_selected(self, change: Any) -> None:
        if self.on_select is not None:
            self.on_select(change["new"])

    def _show(self, view: _PageRequest) -> None:
        try:
            page = self._page(view)
        except DmcError as exc:
            page = _build_failed_page(view, str(exc))
        except BaseException:
            page = _build_failed_page(
                view, _UNEXPECTED
            )  # else the page would wait for ever
            raise
        finally:
            self._view = replace(view, offset=page["offset"])
            self.page = page  # equal to the last one: nothing is sent

    def _page(self, view: _PageRequest) -> dict[str, Any]:
        total = self._source.count(view.query)
        limit = view.limit or max(1, total)
        last = max(0, total - 1) // limit * limit
        offset = min(view.offset, last)  # rows may have gone since it was asked
        rows = self._source.rows(offset, limit, view.sort, view.query)
        found = {"offset": offset, "total": total, "rows": rows, "error": ""}
        return asdict(view) | found


def _build_failed_page(view: _PageRequest, reason: str) -> dict[str, Any]:
    return asdict(view) | {"total": 0, "rows": [], "error": reason}
