"""An installation as a whole, its relationships as a graph; and a picklist of it."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as ipw

from ...center.browsing import ObjectSummary
from ...languages import format_number, isolate, ngettext
from ...languages import gettext as _
from ...states.browsing import ObjectBrowsing, Subject
from ...states.browsing.object_facts import (
    describe_fields,
    describe_relationship,
    describe_size,
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
from ..parts.form_inputs import call_on_change, html
from ..parts.guard import Guard
from ..parts.table_rows import ListRows
from .browser_links import BrowserLinks


class OverviewPanel(ipw.VBox):
    """All objects of the installation with their relationships.

    Args:
        browsing: Reads the installation.
        guard: Shows the errors of callbacks.
        links: Lead to other parts.
    """

    def __init__(
        self, browsing: ObjectBrowsing, guard: Guard, links: BrowserLinks
    ) -> None:
        self._state, self._links = browsing.state, links
        self.title = html("")
        self.graph = GraphView(
            _("Objects and their relationships"),
            empty_text=_("There are no objects yet."),
        )
        self.relationships = LinkList(
            _("Relationships"), empty_text=_("No relationships between objects.")
        )
        follow = lambda key: guard.run(links.follow, key)  # noqa: E731
        self.graph.on_link = self.relationships.on_link = follow
        super().__init__([self.title, self.graph, self.relationships])
        call_on_change(self._state, ["catalogue", "counts"], self._show)
        self._show()

    def _show(self) -> None:
        catalogue = self._state.catalogue
        if catalogue is None:
            return
        self.title.value = (
            f"<h2>{escape(self._state.installation)}</h2>"
            f'<p class="dmc-subtitle">{escape(describe_size(catalogue))}</p>'
        )
        keys = {found.code: self._key(found) for found in catalogue.objects}
        self.graph.show(
            [self._build_node(found) for found in catalogue.objects],
            [
                edge._replace(source=keys[edge.source], target=keys[edge.target])
                for edge in list_graph_edges(catalogue.relationships)
                if edge.source in keys and edge.target in keys
            ],
        )
        by_code = {found.code: found for found in catalogue.objects}
        items = [
            LinkItem(
                key=self._key(by_code[x.source]),
                label=describe_relationship(catalogue, x),
                hint=x.name,
                href=self._links.href(Subject("object", by_code[x.source].entity)),
            )
            for x in catalogue.relationships
            if x.source in by_code
        ]
        self.relationships.show([LinkGroup(_("Relationships"), items)] if items else [])

    def _key(self, found: ObjectSummary) -> str:
        return self._links.key(Subject("object", found.entity))

    def _build_node(self, found: ObjectSummary) -> GraphNode:
        count = self._state.counts.get(found.entity)
        entries = ngettext("{count} entry", "{count} entries", count or 0).format(
            count=format_number(count or 0)
        )
        detail = describe_fields(len(found.own_fields))
        return GraphNode(
            key=self._key(found),
            label=found.label,
            detail=detail if count is None else f"{entries}, {detail}",
            kind="" if found.is_published else "muted",
            href=self._links.href(Subject("object", found.entity)),
        )


class PicklistPanel(ipw.VBox):
    """The picklist in view, and the fields that take its values.

    Args:
        browsing: Reads the installation.
        guard: Shows the errors of callbacks.
        links: Lead to other parts.
    """

    def __init__(
        self, browsing: ObjectBrowsing, guard: Guard, links: BrowserLinks
    ) -> None:
        self._state, self._links = browsing.state, links
        self.title = html("")
        self.table = PagedTable(
            ListRows(self._find, _build_row),
            (Column("name", _("Name")), Column("value", _("Key"), kind="path")),
            label=_("Values"),
            page_size=None,
            searchable=True,
            search_label=_("Search Values"),
        )
        self.users = LinkList(
            _("Used By"), empty_text=_("No field uses this picklist.")
        )
        self.users.on_link = lambda key: guard.run(links.follow, key)
        super().__init__([self.title, self.table, self.users])
        call_on_change(self._state, ["catalogue", "subject"], self._show)
        self._show()

    def _find(self, query: str) -> list[tuple[str, str]]:
        found = self._state.shown_picklist
        pattern = query.strip().casefold()
        entries = found.entries if found else ()
        return [x for x in entries if pattern in f"{x[0]}\n{x[1]}".casefold()]

    def _show(self) -> None:
        found, catalogue = self._state.shown_picklist, self._state.catalogue
        if found is None or catalogue is None:
            return
        kind = escape(_("Picklist"))
        self.title.value = (
            f"<h2>{escape(found.name)}</h2>"
            f'<p class="dmc-subtitle">{kind} · '
            f"<bdi>{escape(found.code)}</bdi></p>"
        )
        self.table.restart()
        items = [
            LinkItem(
                key=self._links.key(Subject("object", user.entity)),
                label=f"{isolate(user.label)}: {isolate(field.label)}",
                href=self._links.href(Subject("object", user.entity)),
            )
            for user, field in catalogue.users_of(found.code)
        ]
        self.users.show([LinkGroup(_("Used By"), items)] if items else [])


def _build_row(entry: tuple[str, str]) -> dict[str, Any]:
    return {"key": entry[0], "value": entry[0], "name": entry[1], "strong": True}
