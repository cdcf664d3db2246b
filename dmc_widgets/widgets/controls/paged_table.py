"""A table that is paged in the kernel: only the page in view is sent to the browser."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol

import traitlets
from traitlets import Bool, Dict, Int, List, Tuple, Unicode, observe

from ...errors import DmcError
from ...languages import lazy, resolve
from .control import UNEXPECTED_ERROR, Control, read_scripts, read_styles

_PAGE_SIZES = [10, 20, 50, 100]

Sort = tuple[str, bool]
"""The key of a column, and True for descending order."""


class RowSource(Protocol):
    """The rows of a table. Both methods are called often and should be fast."""

    def count(self, query: str) -> int:
        """Return the number of rows that match *query* as typed; all if it is empty."""
        ...

    def rows(
        self, offset: int, limit: int, sort: Sort | None, query: str
    ) -> list[dict[str, Any]]:
        """Return at most *limit* of the matching rows from *offset* on, sorted.

        A row has ``key``, a text that is unique in the table, and a value for each
        column: a text or None (*text*, *path*, *long*, *link*), a number or None, a
        time in ISO 8601 (*time*, shown in words; *moment*, to the second), a pair of
        text and colour (*status*; a third value ``{"percent": 40, "text": "…"}`` is a
        bar below, without a known end if the percentage is None), a list of pairs of
        key and label (*actions*; empty: no menu), or what :func:`input_cell` returns
        (*input*; None: nothing to type).
        The colours are success, info, warning, danger and secondary. It may have
        ``selectable`` (False: no check box), ``strong`` (True: the first cell is
        bold) and ``href`` (the address that its link leads to).
        """
        ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        key: The key of its values in the rows, and in *Sort*.
        label: The heading. For an *actions* column only screen readers get it.
        kind: How the values are shown.
        align: The alignment; empty for numbers at the end, all else at the start.
        sortable: The heading is a button, and the source can sort by the key.
        clip: A long text is cut to one line, and shown whole under the pointer, so that
            it makes neither the row higher nor the table wider.
        width: The width as in CSS; empty for what the values need.
        priority: 1 for a column that always stays; the others leave a narrow table, 4
            first.
    """

    key: str
    label: str
    kind: Literal[
        "text",
        "path",
        "long",
        "status",
        "number",
        "link",
        "actions",
        "input",
        "time",
        "moment",
    ] = field(default="text", kw_only=True)
    align: Literal["", "start", "center", "end"] = field(default="", kw_only=True)
    sortable: bool = field(default=False, kw_only=True)
    clip: bool = field(default=False, kw_only=True)
    width: str = field(default="", kw_only=True)
    priority: Literal[1, 2, 3, 4] = field(default=1, kw_only=True)


def input_cell(
    text: str,
    *,
    state: Literal["", "wrong", "changed"] = "",
    note: str = "",
    hint: str = "",
    locked: bool = False,
) -> dict[str, Any]:
    """Return the value of an *input* column.

    Args:
        text: The text in the input.
        state: How the input is marked.
        note: What the mark means, such as a message; shown under the pointer, and read
            by screen readers.
        hint: What an empty input says.
        locked: The text can be read and copied, not changed.
    """
    marks = {"state": state, "note": note, "hint": hint, "locked": locked}
    return {"text": text, **{name: mark for name, mark in marks.items() if mark}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageRequest:
    """The rows that the page requests; *request* tells the answer from older ones."""

    request: str = ""
    offset: int = 0
    limit: int
    sort: Sort | None
    query: str = ""


class PagedTable(Control):
    """A table over a source of rows, which is read one page at a time.

    A DmcError raised by the source is shown in place of the rows; any other error
    propagates, and the table shows "Unexpected Error."

    Args:
        source: The rows; the first page is read at once.
        columns: The columns from left to right.
        sort: The initial order.
        traits: Initial values of the attributes.

    Attributes:
        label: The name of the table, for screen readers.
        page_size: The number of rows on a page; None for all rows without a pager.
        searchable: There is a search box.
        search_label: The label of the search box.
        selectable: Rows have check boxes.
        dense: Rows are as low as their texts allow, for long lists.
        selected: The keys of the selected rows on all pages; may be set.
        empty_text: The text in place of the rows if there are none.
        on_action: Called with the key of a row and the key of the selected action.
        on_edit: Called with the keys of a row and a column, and what was typed there.
        on_link: Called with the key of a row when its link is followed.
        on_select: Called with all selected keys when they change.
    """

    _esm = read_scripts(
        "elements.js", "table_menu.js", "table_row.js", "paged_table.js"
    )
    _css = read_styles("table_menu.css", "paged_table.css", "paged_table_narrow.css")

    label = Unicode().tag(sync=True)
    columns = List(Dict()).tag(sync=True)
    page_size = Int(20, allow_none=True).tag(sync=True)
    page_sizes = List(Int(), _PAGE_SIZES).tag(sync=True)
    searchable = Bool().tag(sync=True)
    search_label = Unicode(lazy("Search")).tag(sync=True)
    selectable = Bool().tag(sync=True)
    dense = Bool().tag(sync=True)
    selected = Tuple().tag(sync=True)
    empty_text = Unicode(lazy("No items were found.")).tag(sync=True)
    page = Dict().tag(sync=True)

    on_action = traitlets.Callable(None, allow_none=True)
    on_edit = traitlets.Callable(None, allow_none=True)
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
        # Messages may be handled on any thread, even two at once.
        self._lock = threading.RLock()
        super().__init__(columns=_describe_columns(columns), **traits)
        self._request = _PageRequest(limit=self.page_size or 0, sort=sort)
        self.refresh()

    def refresh(self) -> None:
        """Read the rows again; what did not change is not sent again.

        The page, the search, the selection, the focus and open menus stay.
        """
        with self._lock:
            self._show(self._request)

    def restart(self) -> None:
        """Read the rows again, and go to the first page."""
        with self._lock:
            self._show(replace(self._request, offset=0))

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns; the rows are read again."""
        with self._lock, self.hold_sync():
            self.columns = _describe_columns(columns)
            self._show(self._request)

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {"kind": "ask", "view": asked}:
                sort = tuple(asked["sort"]) if asked["sort"] else None
                with self._lock:
                    self._show(_PageRequest(**{**asked, "sort": sort}))
            case {"kind": "action", "key": key, "action": action}:
                if self.on_action is not None:
                    self.on_action(key, action)
            case {"kind": "edit", "key": key, "column": column, "text": str(text)}:
                if self.on_edit is not None:
                    self.on_edit(key, column, text)
            case {"kind": "link", "key": key}:
                if self.on_link is not None:
                    self.on_link(key)

    @observe("selected")
    def _report_selection(self, change: Any) -> None:
        if self.on_select is not None:
            self.on_select(change["new"])

    def _show(self, request: _PageRequest) -> None:
        try:
            page = self._read_page(request)
        except DmcError as exc:
            page = _build_failed_page(request, str(exc))
        except BaseException:
            # Without an answer the page would wait forever.
            page = _build_failed_page(request, resolve(UNEXPECTED_ERROR))
            raise
        finally:
            self._request = replace(request, offset=page["offset"])
            self.page = page  # nothing is sent if it equals the last one

    def _read_page(self, request: _PageRequest) -> dict[str, Any]:
        total = self._source.count(request.query)
        limit = request.limit or max(1, total)
        last = max(0, total - 1) // limit * limit
        offset = min(request.offset, last)  # the number of rows may have shrunk
        rows = self._source.rows(offset, limit, request.sort, request.query)
        page = {"offset": offset, "total": total, "rows": rows, "error": ""}
        return asdict(request) | page


def _describe_columns(columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [{**asdict(column), "label": resolve(column.label)} for column in columns]


def _build_failed_page(request: _PageRequest, reason: str) -> dict[str, Any]:
    return asdict(request) | {"total": 0, "rows": [], "error": reason}
