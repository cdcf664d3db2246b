"""The entries of an object as a table: paged, searched, filtered, sorted."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, Literal

import ipywidgets as ipw

from ...center.browsing import choose_columns, find_entry_links
from ...languages import gettext as _
from ...model.entity_type import EntityType, Field, object_short_name
from ...states.browsing import EntryPages, ObjectBrowsing, Subject
from ...states.browsing.browser_state import find_object
from ...states.browsing.object_facts import format_cell
from ...states.filter_examples import build_filter_examples
from ...states.model_words import shown_label
from ..controls import Column, PagedTable, Sort
from ..parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    combo_field,
    html,
    set_visible,
)
from ..parts.guard import Guard
from .browser_links import BrowserLinks

_COLUMNS = 7
_LONG = frozenset({"LongText", "RichText"})
_NUMBERS = frozenset({"Decimal", "Integer", "LongInteger", "PrecisionDecimal"})
_UNSORTED = frozenset({"Attachment", "MultiselectPicklist", "RichText", "array"})
_OPEN = "open"
_CODE = "externalReferenceCode"


class EntryRows:
    """The rows of the table; a :class:`~..controls.RowSource`.

    Args:
        find_pages: Returns the pages of the entries in view.
        build_row: Builds the row of an entry.
    """

    def __init__(
        self,
        find_pages: Callable[[], EntryPages],
        build_row: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> None:
        self._find_pages, self._build_row = find_pages, build_row

    def count(self, query: str) -> int:
        """Return the number of entries that hold a text."""
        return self._find_pages().count(query)

    def rows(
        self, offset: int, limit: int, sort: Sort | None, query: str
    ) -> list[dict[str, Any]]:
        """Return the rows of a page; none while it is being read."""
        order = f"{sort[0]}:{'desc' if sort[1] else 'asc'}" if sort else ""
        page = self._find_pages().page(offset, limit, order, query)
        return [] if page is None else [self._build_row(item) for item in page]


class EntryTable(ipw.VBox):
    """The entries in view, with a filter above them.

    Args:
        browsing: Reads the installation.
        guard: Shows the errors of callbacks.
        links: Lead to an entry and to related ones.

    Attributes:
        filter: The filter, with examples to choose from.
        table: The table.
    """

    def __init__(
        self, browsing: ObjectBrowsing, guard: Guard, links: BrowserLinks
    ) -> None:
        self._browsing, self._links = browsing, links
        self._columns: tuple[Field, ...] = ()
        self.filter = combo_field(_("Filter"), (), placeholder=_("All entries"))
        self.apply, self.clear = button(_("Apply")), button(_("Show All"))
        self.error = html("", "dmc-error")
        self.table = PagedTable(
            EntryRows(lambda: browsing.pages, self._build_row),
            (),
            label=_("Entries"),
            searchable=True,
            search_label=_("Search Entries"),
            dense=True,
            on_link=lambda key: guard.run(self._open, key),
            on_action=lambda key, action: guard.run(self._follow, key, action),
        )
        self.apply.on_click(guard.on_click(self._filter))
        self.clear.on_click(guard.on_click(self._show_all))
        bar = add_classes(
            ipw.HBox([self.filter, self.apply, self.clear]), "dmc-browser-filter"
        )
        super().__init__([bar, self.error, self.table])
        self.table.add_class("dmc-entries")
        call_on_change(browsing.state, ["subject", "entry_type"], self._show_entries)
        call_on_change(browsing.state, "is_loading", self._show_loading)
        self._items: dict[str, dict[str, Any]] = {}
        self._show_entries()

    def restart(self) -> None:
        """Show the first page again."""
        self._items.clear()
        self.table.restart()

    def _show_entries(self) -> None:
        state = self._browsing.state
        kind = state.entry_type
        if state.subject.kind != "object" or kind is None:
            return
        summary = state.shown_object
        title = summary.title_field if summary else ""
        self._columns = choose_columns(kind, title, limit=_COLUMNS)
        self.filter.options = build_filter_examples(kind)
        self.filter.value = state.subject.filter
        set_visible(self.clear, bool(state.subject.filter))
        self.error.value = ""
        self._items.clear()
        self._browsing.pages.show = self.table.refresh
        self.table.show_columns(self._build_columns(kind))
        self.restart()

    def _show_loading(self) -> None:
        is_loading = self._browsing.state.is_loading
        self.table.empty_text = (
            _("Loading…") if is_loading else _("No entries were found.")
        )

    def _build_columns(self, kind: EntityType) -> list[Column]:
        columns = [
            Column(
                field.name,
                self._label(field),
                kind="link" if index == 0 else _cell_kind(field),
                align="end" if field.type in _NUMBERS else "",
                sortable=not (field.parent or field.linked or field.type in _UNSORTED),
                clip=True,
                width="32%" if index == 0 else "",
                priority=_priority(index),
            )
            for index, field in enumerate(self._columns)
        ]
        has_links = bool(kind.children) or any(x.parent for x in kind.fields)
        return [*columns, Column("menu", _("Actions"), kind="actions", width="56px")][
            : None if has_links else -1
        ]

    def _label(self, field: Field) -> str:
        """Return the heading; of a relationship the name of the related object."""
        other = field.parent or field.linked
        if not other:
            return shown_label(field)
        return self._object_label(other.rpartition("#")[2])

    def _object_label(self, entity: str) -> str:
        catalogue = self._browsing.state.catalogue
        summary = find_object(catalogue, entity) if catalogue else None
        return summary.label if summary else object_short_name(entity)

    def _build_row(self, item: dict[str, Any]) -> dict[str, Any]:
        code = str(item.get(_CODE) or "")
        self._items[code] = item
        cells = {
            field.name: format_cell(field, item.get(field.name))
            for field in self._columns
        }
        first = self._columns[0].name
        cells[first] = cells[first] or code or _("Entry")
        subject = Subject("entry", self._browsing.state.subject.name, code)
        return {
            **cells,
            "key": code,
            "strong": True,
            "menu": self._list_links(item),
            "href": self._links.href(subject),
        }

    def _list_links(self, item: dict[str, Any]) -> list[tuple[str, str]]:
        kind = self._browsing.state.entry_type
        if kind is None:
            return []
        actions = [(_OPEN, _("Show Entry"))]
        for number, link in enumerate(find_entry_links(kind, item)):
            label = self._object_label(link.entity)
            one = len(link.codes) == 1
            text = (
                f"{label} {link.codes[0]}"
                if one
                else _("{label} of This Entry").format(label=label)
            )
            actions.append((str(number), text))
        return actions

    def _open(self, code: str) -> None:
        name = self._browsing.state.subject.name
        self._links.open(Subject("entry", name, code))

    def _follow(self, code: str, action: str) -> None:
        kind, item = self._browsing.state.entry_type, self._items.get(code)
        if action == _OPEN or kind is None or item is None:
            self._open(code)
            return
        link = find_entry_links(kind, item)[int(action)]
        if len(link.codes) == 1:
            self._links.open(Subject("entry", link.entity, link.codes[0]))
        else:
            self._links.open(Subject("object", link.entity, filter=link.filter))

    def _filter(self) -> None:
        text = self.filter.value.strip()
        problem = self._browsing.check_filter(text)
        self.error.value = f'<p role="alert">{escape(problem)}</p>' if problem else ""
        if not problem:
            name = self._browsing.state.subject.name
            self._links.open(Subject("object", name, filter=text))

    def _show_all(self) -> None:
        self._links.open(Subject("object", self._browsing.state.subject.name))


def _priority(index: int) -> Literal[1, 2, 3, 4]:
    """Return when a column leaves a narrow table: the last ones go first."""
    if index < 4:
        return 1
    return 2 if index < 6 else 3


def _cell_kind(field: Field) -> Any:
    return "long" if field.type in _LONG else "text"
