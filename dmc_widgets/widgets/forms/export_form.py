"""The export form: layout and wiring. Every decision is in ExportState."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ...model.entity_type import Field
from ...model.plan import Action
from ...states.dashboard_session import DashboardSession, start_export
from ...states.export_state import FORMATS, TABLE_FORMATS, ExportState
from ...states.filter_examples import build_sort_example, filter_examples
from ...states.scope_state import SITE_TRAITS
from ..controls import Column, PagedTable
from ..parts.elements import (
    add_classes,
    button,
    button_bar,
    card,
    choice_field,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.template_panel import SaveTemplatePanel, TemplateField
from ..theme import render_alert

_INFO = "Select fields to include in the exported file."
_GUARD_HELP = (
    "Texts that begin like a formula get an apostrophe, so that a spreadsheet does not "
    "run them. Liferay before 2026 and other readers store the apostrophe."
)
_COLUMNS = (
    Column("name", "Attribute Code"),
    Column("label", "Label"),
    Column("support", "", kind="status"),
)


class FieldRows:
    """The fields of *state* as the rows of a table."""

    def __init__(self, state: ExportState) -> None:
        self._state = state

    def count(self, query: str) -> int:
        """Return how many match *query*."""
        return len(self._state.matching(query))

    def rows(
        self, _offset: int, _limit: int, _sort: tuple[str, bool] | None, query: str
    ) -> list[dict[str, Any]]:
        """Return all that match *query*: fields are few enough for one page."""
        return [self._row(each) for each in self._state.matching(query)]

    def _row(self, field: Field) -> dict[str, Any]:
        held = self._state.holds(field)
        return {
            "key": field.name,
            "name": field.name,
            "label": "" if field.label == field.name else field.label,
            "support": None if held else ("Not Supported", "secondary"),
            "selectable": held,
        }


class ExportForm(ipw.VBox):
    """A form over the session's ExportState."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._state = session.export_form
        self.inputs = _build_inputs()
        self.template = TemplateField(session, guard, Action.EXPORT)
        self.save = SaveTemplatePanel(session, guard, Action.EXPORT)
        faulty = ("format", "filter", "sort")
        self.faults = {each: html("", "dmc-error") for each in faulty}
        self.guard_help = html(_GUARD_HELP, "dmc-help")
        self.filter_help = html("", "dmc-help")
        self.sort_help = html("", "dmc-help")
        self.table = _build_table(self._state)
        self.export = button("Export", "primary")
        self.cancel = button("Cancel")
        self.export.on_click(guard.on_click(start_export, session))
        self.cancel.on_click(guard.on_click(session.show_lists))
        self._wire()
        super().__init__(self._layout())

    def _wire(self) -> None:
        state = self._state
        link_traits(state, self.inputs)
        state.observe(lambda _change: self._offer(), "entity_types")
        state.observe(lambda _change: self._list_fields(), ["fields", "format"])
        state.observe(lambda _change: self._offer_sites(), SITE_TRAITS)
        dlink((state, "fields"), (self.export, "disabled"), lambda found: not found)
        dlink((state, "may_save"), (self.save.opener, "disabled"), lambda may: not may)
        dlink((state, "selected"), (self.table, "selected"))
        self.table.observe(lambda change: state.select(change["new"]), "selected")
        for name, fault in self.faults.items():
            dlink((state, f"{name}_fault"), (fault, "value"), _render_fault)
        self._offer()
        self._offer_sites()
        self._list_fields()

    def _layout(self) -> list[ipw.Widget]:
        settings = card(
            "Export Settings",
            self.template,
            self.inputs["entity"],
            self.inputs["scope"],
            self.inputs["format"],
            self.faults["format"],
            self.inputs["include_headers"],
            self.inputs["guard_formulas"],
            self.guard_help,
        )
        which = card(
            "Records",
            self.inputs["filter"],
            self.faults["filter"],
            self.filter_help,
            self.inputs["sort"],
            self.faults["sort"],
            self.sort_help,
            self.inputs["search"],
        )
        fields = card("Fields", html(render_alert(_INFO, "info")), self.table)
        columns = add_classes(
            ipw.HBox([ipw.VBox([settings, which]), fields]), "dmc-columns"
        )
        bar = button_bar(self.cancel, self.save.opener, self.export)
        return [html("<h2>Export</h2>", "dmc-form-title"), columns, self.save, bar]

    def _offer(self) -> None:
        types = [
            (entity_type.label, entity_type.key)
            for entity_type in self._state.entity_types
        ]
        self.inputs["entity"].offer([("", ""), *types])

    def _offer_sites(self) -> None:
        self.inputs["scope"].offer(self._state.scope_options("All Sites"))
        set_visible(self.inputs["scope"], self._state.has_scope_choice)

    def _show_examples(self) -> None:
        """Show filters and an order of the fields of the chosen entity type."""
        examples = filter_examples(self._state.entity_type)
        self.filter_help.value = (
            f"In OData: {_render_codes(examples)}" if examples else ""
        )
        order = build_sort_example(self._state.entity_type)
        self.sort_help.value = _render_codes((order,)) if order else ""

    def _list_fields(self) -> None:
        self._show_examples()
        self.table.restart()
        set_visible(self.inputs["include_headers"], self._state.format in TABLE_FORMATS)
        for widget in (self.inputs["guard_formulas"], self.guard_help):
            set_visible(widget, self._state.format == "CSV")


def _render_codes(examples: Iterable[str]) -> str:
    return " · ".join(f"<code>{escape(example)}</code>" for example in examples)


def _render_fault(text: str) -> str:
    return f'<span role="status">{escape(text)}</span>' if text else ""


def _build_inputs() -> dict[str, ipw.Widget]:
    """Return the inputs under the names of the traits that they are tied to."""
    return {
        "entity": choice_field("Entity Type", [("", "")]),
        "scope": choice_field("Scope", [("All Sites", "")]),
        "format": choice_field("Export File Format", [(f, f) for f in FORMATS]),
        "include_headers": ipw.Checkbox(description="Include Headers", indent=False),
        "guard_formulas": ipw.Checkbox(description="Guard Formulas", indent=False),
        "filter": add_classes(
            text_field("Filter", placeholder="All records"), "dmc-code"
        ),
        "sort": text_field("Order", placeholder="The order of creation"),
        "search": text_field("Search Text"),
    }


def _build_table(state: ExportState) -> PagedTable:
    table = PagedTable(
        FieldRows(state),
        _COLUMNS,
        label="Fields",
        page_size=None,
        searchable=True,
        search_label="Search Fields",
        selectable=True,
        empty_text="Select an entity type to see its fields.",
    )
    table.add_class("dmc-fields")
    return table
