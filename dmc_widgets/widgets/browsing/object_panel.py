"""An object: its entries, its fields and its relationships."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as ipw

from ...center.browsing import FieldSummary, ObjectSummary
from ...languages import format_number, lazy, ngettext
from ...languages import gettext as _
from ...states.browsing import ObjectBrowsing, Subject
from ...states.browsing.object_facts import (
    describe_object,
    describe_relationship,
    describe_type,
    list_graph_edges,
)
from ..controls import (
    Column,
    GraphNode,
    GraphView,
    LinkGroup,
    LinkItem,
    LinkList,
    PagedTable,
)
from ..parts.form_inputs import add_classes, button, call_on_change, html, set_visible
from ..parts.guard import Guard
from ..parts.table_rows import ListRows
from .browser_links import BrowserLinks
from .entry_table import EntryTable

_FIELD_COLUMNS = (
    Column("label", lazy("Label"), kind="link"),
    Column("name", lazy("Name"), kind="path"),
    Column("type", lazy("Type")),
    Column("required", lazy("Required")),
    Column("unique", lazy("Unique")),
    Column("default", lazy("Default")),
    Column("picklist", lazy("Values From")),
)
_PLAIN_FIELDS = (Column("label", lazy("Label")), *_FIELD_COLUMNS[1:])


class ObjectPanel(ipw.VBox):
    """The object in view.

    Args:
        browsing: Reads the installation.
        guard: Shows the errors of callbacks.
        links: Lead to other parts.
        export: Called to export the entries in view; None where that is not possible.
    """

    def __init__(
        self,
        browsing: ObjectBrowsing,
        guard: Guard,
        links: BrowserLinks,
        export: Callable[[], object] | None = None,
    ) -> None:
        self._state, self._links = browsing.state, links
        self.title = html("")
        self.export = button(_("Export These Entries…"))
        self.reload = button(_("Reload"))
        self.reload.on_click(guard.on_click(browsing.refresh))
        set_visible(self.export, export is not None)
        if export is not None:
            self.export.on_click(guard.on_click(export))
        self.entries = EntryTable(browsing, guard, links)
        self.fields = self._build_fields(guard)
        self.graph = GraphView(_("Relationships of the object"))
        self.graph.on_link = lambda key: guard.run(links.follow, key)
        self.relationships = LinkList(
            _("Relationships"), empty_text=_("No relationships.")
        )
        self.relationships.on_link = self.graph.on_link
        related = ipw.VBox([self.graph, self.relationships])
        tabs = ipw.Tab(
            [self.entries, self.fields, related],
            titles=[_("Entries"), _("Fields"), _("Relationships")],
        )
        self.tabs = add_classes(tabs, "dmc-tabs")
        buttons = add_classes(
            ipw.HBox([self.reload, self.export]), "dmc-browser-buttons"
        )
        head = add_classes(ipw.HBox([self.title, buttons]), "dmc-browser-head")
        super().__init__([head, self.tabs])
        call_on_change(self._state, ["subject", "catalogue"], self._show_object)
        call_on_change(self._state, "counts", self._show_title)
        self._show_object()

    def _build_fields(self, guard: Guard) -> PagedTable:
        return PagedTable(
            ListRows(self._find_fields, self._build_field),
            _PLAIN_FIELDS,
            label=_("Fields"),
            page_size=None,
            searchable=True,
            search_label=_("Search Fields"),
            on_action=lambda _key, action: guard.run(self._links.follow, action),
        )

    def _find_fields(self, query: str) -> list[FieldSummary]:
        found = self._state.shown_object
        pattern = query.strip().casefold()
        return [
            field
            for field in sorted(found.fields if found else (), key=lambda x: x.system)
            if pattern in f"{field.label}\n{field.name}\n{field.type}".casefold()
        ]

    def _build_field(self, field: FieldSummary) -> dict[str, Any]:
        return {
            "key": field.name,
            "label": field.label,
            "name": field.name,
            "type": describe_type(field),
            "required": _("Yes") if field.required else "",
            "unique": _("Yes") if field.unique else "",
            "default": field.default,
            "picklist": self._values_from(field),
            "strong": not field.system,
        }

    def _values_from(self, field: FieldSummary) -> str:
        catalogue = self._state.catalogue
        if catalogue is None:
            return ""
        if field.parent:
            return catalogue.object_label(field.parent)
        names = {x.code: x.name for x in catalogue.picklists}
        return names.get(field.picklist, field.picklist)

    def _show_object(self) -> None:
        found, catalogue = self._state.shown_object, self._state.catalogue
        if self._state.subject.kind != "object" or not (found and catalogue):
            return
        self._show_title()
        self.fields.restart()
        relationships = catalogue.relationships_of(found.code)
        codes = {found.code, *(y for x in relationships for y in (x.source, x.target))}
        objects = [x for x in catalogue.objects if x.code in codes]
        self.graph.show(
            [self._build_node(x, found) for x in objects],
            [
                edge._replace(source=keys[edge.source], target=keys[edge.target])
                for keys in [{x.code: self._key(x) for x in objects}]
                for edge in list_graph_edges(relationships)
                if edge.source in keys and edge.target in keys
            ],
        )
        items = [
            self._build_link(other, describe_relationship(catalogue, x))
            for x in relationships
            for other in [self._other_end(found, x.source, x.target)]
        ]
        picklists = [
            LinkItem(
                key=self._links.key(Subject("picklist", x.code)),
                label=x.name,
                detail=ngettext(
                    "{count} value", "{count} values", len(x.entries)
                ).format(count=len(x.entries)),
                href=self._links.href(Subject("picklist", x.code)),
            )
            for x in catalogue.picklists
            if any(field.picklist == x.code for field in found.fields)
        ]
        groups = [
            LinkGroup(_("Relationships"), items),
            LinkGroup(_("Picklists"), picklists),
        ]
        self.relationships.show([group for group in groups if group.items])

    def _other_end(
        self, found: ObjectSummary, source: str, target: str
    ) -> ObjectSummary:
        code = target if source == found.code else source
        catalogue = self._state.catalogue
        others = catalogue.objects if catalogue else ()
        return next((x for x in others if x.code == code), found)

    def _key(self, found: ObjectSummary) -> str:
        return self._links.key(Subject("object", found.entity))

    def _build_node(self, found: ObjectSummary, current: ObjectSummary) -> GraphNode:
        return GraphNode(
            key=self._key(found),
            label=found.label,
            detail=_count_text(self._state.counts.get(found.entity)),
            kind="current" if found == current else "",
            href=self._links.href(Subject("object", found.entity)),
        )

    def _build_link(self, found: ObjectSummary, label: str) -> LinkItem:
        subject = Subject("object", found.entity)
        return LinkItem(
            key=self._links.key(subject), label=label, href=self._links.href(subject)
        )

    def _show_title(self) -> None:
        found, catalogue = self._state.shown_object, self._state.catalogue
        if found is None or catalogue is None:
            return
        facts = describe_object(catalogue, found, self._state.counts.get(found.entity))
        self.title.value = (
            f"<h2>{escape(found.label)}</h2>"
            f'<p class="dmc-subtitle">{escape(" · ".join(facts))}</p>'
        )


def _count_text(count: int | None) -> str:
    if count is None:
        return ""
    return ngettext("{count} entry", "{count} entries", count).format(
        count=format_number(count)
    )
