"""The entries of an installation, page by page."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from traitlets import Dict, Int, Unicode, observe

from ...center.browsing import choose_columns, format_entry_value, without_contents
from ...model.entity_type import EntityType
from ...states.toolkit.sources import InstallationLike
from ..controls import Column, PagedTable, Sort
from ..parts.form_inputs import add_classes, call_on_change, text_field
from .base import PublicWidget, repr_names
from .entity_picker import EntityPicker

_MAX_COLUMNS = 8
_KEY = "externalReferenceCode"


class ObjectBrowser(PublicWidget):
    """Shows the entries of an object, or definitions and picklists, page by page.

    Only the page in view is read. One that is followed is the value.

    >>> browser = ObjectBrowser("Sample source", "Bicycle", filter="price gt 500")
    >>> browser.observe(lambda change: print(change["new"]), "value")

    Args:
        source: A center, an open installation, an address, or the name of an
            installation of the default workspace. None is the default workspace.
        entity: The entity type that is shown at first, by its name, label or key.
        installation: The name of the installation in a center.
        filter: An OData expression that the entries meet.

    Attributes:
        value: The entry that was followed last, without the contents of its files;
            empty for none.
        entity: The name of the entity type; empty for none.
        filter: An OData expression that the entries meet.
        total: The number of entries that meet it.

    Raises:
        TypeError: The source is something else.
        UnknownName: There is no such installation or entity type.
    """

    value = Dict()
    entity = Unicode()
    filter = Unicode()
    total = Int()

    def __init__(
        self,
        source: InstallationLike = None,
        entity: str = "",
        *,
        installation: str = "",
        filter: str = "",
    ) -> None:
        super().__init__()
        self._picker = EntityPicker(source, installation, value=entity)
        self._filter = text_field("Filter", placeholder="All records")
        self._filter.continuous_update = False
        self._items: dict[str, dict[str, Any]] = {}
        self._table = PagedTable(
            self,
            (),
            label="Entries",
            searchable=True,
            search_label="Search Entries",
            empty_text="Select an entity type to see its entries.",
            on_link=lambda key: self._guard.run(self._follow, key),
        )
        head = ipw.HBox([self._picker, self._filter])
        self._show([add_classes(head, "dmc-toolbar"), self._table])
        self.filter = self._filter.value = filter
        call_on_change(self._picker, ["value", "entity_types"], self._take_entity)
        call_on_change(self._filter, "value", self._take_filter)
        self._take_entity()

    @property
    def entity_type(self) -> EntityType | None:
        """The entity type with its fields, or None."""
        return self._picker.entity_type

    def refresh(self) -> None:
        """Read the page in view again."""
        self._table.refresh()

    def count(self, query: str) -> int:
        """Return the number of entries that hold a text; see :class:`RowSource`."""
        entity_type = self.entity_type
        if entity_type is None:
            return 0
        with self._picker.source.connect() as opened:
            self.total = opened.count(entity_type, filter=self.filter, search=query)
        return self.total

    def rows(
        self, offset: int, limit: int, sort: Sort | None, query: str
    ) -> list[dict[str, Any]]:
        """Return a page of entries as rows; see :class:`RowSource`."""
        entity_type = self.entity_type
        if entity_type is None:
            return []
        order = f"{sort[0]}:{'desc' if sort[1] else 'asc'}" if sort else ""
        with self._picker.source.connect() as opened:
            page = opened.page(
                entity_type,
                offset // limit + 1,
                limit,
                filter=self.filter,
                sort=order,
                search=query,
            )
        items = [without_contents(item) for item in page.items]
        self._items = {
            str(number): item for number, item in enumerate(items, start=offset)
        }
        return [self._build_row(key, item) for key, item in self._items.items()]

    def close(self) -> None:
        """Remove the widget from the page, and close what it has opened."""
        self._picker.close()
        super().close()

    def __repr__(self) -> str:
        return repr_names(self, "entity", "filter", "total")

    def _build_row(self, key: str, item: dict[str, Any]) -> dict[str, Any]:
        values = {
            field.name: format_entry_value(item.get(field.name))
            for field in self._columns()
        }
        return {"key": key, _KEY: str(item.get(_KEY, "")), **values}

    def _columns(self) -> list[Any]:
        entity_type = self.entity_type
        if entity_type is None:
            return []
        columns = choose_columns(entity_type, limit=_MAX_COLUMNS)
        return [field for field in columns if field.name != _KEY]

    def _follow(self, key: str) -> None:
        self.value = self._items.get(key, {})

    def _take_entity(self) -> None:
        self.value = {}
        self.entity = self._picker.value
        columns = [
            Column(field.name, field.label or field.name, sortable=True)
            for field in self._columns()
        ]
        self._table.show_columns([Column(_KEY, "Code", kind="link"), *columns])
        self._table.restart()

    def _take_filter(self) -> None:
        self.filter = self._filter.value

    @observe("filter")
    def _follow_filter(self, change: Any) -> None:
        self._filter.value = change["new"]
        if change["old"] != change["new"]:
            self._table.restart()

    @observe("entity")
    def _follow_name(self, change: Any) -> None:
        if change["new"] != self._picker.value:
            self._picker.value = change["new"]
