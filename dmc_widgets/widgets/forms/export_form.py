"""The export form: layout and wiring over ExportState."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from html import escape
from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ...formats import FORMATS
from ...languages import gettext as _
from ...languages import lazy
from ...model.entity_type import Field
from ...model.plan import Action
from ...states.actions.exports import start_export
from ...states.dashboard_session import DashboardSession
from ...states.export_state import ExportState
from ...states.filter_examples import build_filter_examples, build_sort_example
from ...states.scope_state import SITE_TRAITS
from ...states.toolkit.calls import export_code
from ..controls import CodeButtons, Column, PagedTable
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    card,
    checkbox,
    choice_field,
    form_title,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ..parts.guard import Guard
from ..parts.table_rows import ListRows
from ..parts.template_panel import SaveTemplatePanel, TemplateField
from ..theme import render_alert

_INFO = lazy("Select fields to include in the exported file.")
_GUARD_HELP = lazy(
    "Texts that begin like a formula get an apostrophe, so that a spreadsheet does not "
    "run them. Liferay before 2026 and other readers store the apostrophe."
)
_COLUMNS = (
    Column("name", lazy("Attribute Code")),
    Column("label", lazy("Label")),
    Column("support", "", kind="status"),
)


class ExportForm(ipw.VBox):
    """The form of the session's ExportState."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._state = session.export_form
        self.inputs = _build_inputs(self._state)
        self.template = TemplateField(session, guard, Action.EXPORT)
        self.save = SaveTemplatePanel(session, guard, Action.EXPORT)
        checked = ("format", "filter", "sort")
        self.problems = {name: html("", "dmc-error") for name in checked}
        self.guard_help = html(_GUARD_HELP, "dmc-help")
        self.filter_help = html("", "dmc-help")
        self.sort_help = html("", "dmc-help")
        self.table = _build_table(self._state)
        self.export = button(_("Export"), "primary")
        self.code = CodeButtons(partial(export_code, session))
        self.cancel = button(_("Cancel"))
        self.export.on_click(guard.on_click(start_export, session))
        self.cancel.on_click(guard.on_click(session.show_lists))
        self._wire()
        super().__init__(self._layout())

    def _wire(self) -> None:
        state = self._state
        link_traits(state, self.inputs)
        call_on_change(state, "entity_types", self._list_entity_types)
        call_on_change(state, ["fields", "format"], self._show_fields)
        call_on_change(state, SITE_TRAITS, self._list_sites)
        dlink((state, "fields"), (self.export, "disabled"), lambda fields: not fields)
        dlink((state, "can_save"), (self.save.opener, "disabled"), lambda can: not can)
        dlink((state, "selected"), (self.table, "selected"))
        self.table.observe(lambda change: state.select(change["new"]), "selected")
        for name, problem in self.problems.items():
            dlink((state, f"{name}_problem"), (problem, "value"), _render_problem)
        self._list_entity_types()
        self._list_sites()
        self._show_fields()

    def _layout(self) -> list[ipw.Widget]:
        settings = card(
            _("Export Settings"),
            self.template,
            self.inputs["entity"],
            self.inputs["scope"],
            self.inputs["format"],
            self.problems["format"],
            self.inputs["include_headers"],
            self.inputs["guard_formulas"],
            self.guard_help,
            self.inputs["for_version"],
        )
        records = card(
            _("Records"),
            self.inputs["filter"],
            self.problems["filter"],
            self.filter_help,
            self.inputs["sort"],
            self.problems["sort"],
            self.sort_help,
            self.inputs["search"],
        )
        fields = card(_("Fields"), html(render_alert(_INFO, "info")), self.table)
        columns = add_classes(
            ipw.HBox([ipw.VBox([settings, records]), fields]), "dmc-columns"
        )
        bar = button_bar(self.cancel, self.save.opener, self.export)
        return [form_title(_("Export")), columns, self.save, bar, self.code]

    def _list_entity_types(self) -> None:
        self.inputs["entity"].set_options(self._state.entity_type_options())

    def _list_sites(self) -> None:
        self.inputs["scope"].set_options(self._state.scope_options(_("All Sites")))
        set_visible(self.inputs["scope"], self._state.has_scope_choice)

    def _show_examples(self) -> None:
        """Show example filters and an example order below their inputs."""
        examples = build_filter_examples(self._state.entity_type)
        self.filter_help.value = (
            _("In OData: {codes}").format(codes=_render_codes(examples))
            if examples
            else ""
        )
        order = build_sort_example(self._state.entity_type)
        self.sort_help.value = _render_codes((order,)) if order else ""

    def _show_fields(self) -> None:
        self._show_examples()
        self.table.restart()
        selected = FORMATS.get(self._state.format)
        options = selected.info.writing_options if selected else frozenset()
        set_visible(self.inputs["include_headers"], "include_headers" in options)
        for widget in (self.inputs["guard_formulas"], self.guard_help):
            set_visible(widget, "guard_formulas" in options)


def build_field_rows(state: ExportState) -> ListRows[Field]:
    """Return the rows of the table of fields."""
    return ListRows(state.find_fields, lambda field: _build_row(state, field))


def _build_row(state: ExportState, field: Field) -> dict[str, Any]:
    is_supported = state.can_hold(field)
    return {
        "key": field.name,
        "name": field.name,
        "label": "" if field.label == field.name else field.label,
        "support": None if is_supported else (_("Not Supported"), "secondary"),
        "selectable": is_supported,
    }


def _render_codes(examples: Iterable[str]) -> str:
    return " · ".join(f"<code>{escape(example)}</code>" for example in examples)


def _render_problem(text: str) -> str:
    return f'<span role="status">{escape(text)}</span>' if text else ""


def _build_format_options() -> list[tuple[str, str]]:
    return [(name, name) for name in FORMATS.writable_names()]


def _build_inputs(state: ExportState) -> dict[str, ipw.Widget]:
    """Return the inputs by the names of the traits that they are linked to."""
    return {
        "entity": choice_field(_("Entity Type"), [("", "")]),
        "scope": choice_field(_("Scope"), [(_("All Sites"), "")]),
        "format": choice_field(_("Export File Format"), _build_format_options()),
        "include_headers": checkbox(_("Include Headers")),
        "guard_formulas": checkbox(_("Guard Formulas")),
        "for_version": choice_field(_("Target Version"), state.version_options()),
        "filter": add_classes(
            text_field(_("Filter"), placeholder=_("All records")), "dmc-code"
        ),
        "sort": text_field(_("Order"), placeholder=_("The order of creation")),
        "search": text_field(_("Search Text")),
    }


def _build_table(state: ExportState) -> PagedTable:
    table = PagedTable(
        build_field_rows(state),
        _COLUMNS,
        label=_("Fields"),
        page_size=None,
        searchable=True,
        search_label=_("Search Fields"),
        selectable=True,
        empty_text=_("Select an entity type to see its fields."),
    )
    table.add_class("dmc-fields")
    return table
