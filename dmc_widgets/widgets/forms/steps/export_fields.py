"""The step *Fields* of the export: which fields the file holds."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ....languages import gettext as _
from ....model.entity_type import Field
from ....states.export_state import ExportState
from ....states.model_words import shown_label
from ...controls import Column, PagedTable
from ...parts.form_inputs import add_classes, button, call_on_change, card
from ...parts.guard import Guard
from ...parts.table_rows import ListRows


class ExportFields(ipw.VBox):
    """A table of all fields with their labels and types, and buttons that select some.

    Attributes:
        table: The fields; those that are ticked are exported.
        choices: The buttons that select all, none or the required ones.
    """

    def __init__(self, state: ExportState, guard: Guard) -> None:
        self._state = state
        self.table = _build_table(state)
        self.choices = [
            button(label, tooltip=tooltip)
            for label, tooltip in (
                (_("All"), _("Select all fields")),
                (_("None"), _("Select no field")),
                (_("Required"), _("Select the required fields and the code")),
            )
        ]
        actions = (state.select_all, state.select_none, state.select_required)
        for widget, action in zip(self.choices, actions, strict=True):
            widget.on_click(guard.on_click(action))
        dlink((state, "selected"), (self.table, "selected"))
        self.table.observe(lambda change: state.select(change["new"]), "selected")
        call_on_change(state, ["fields", "format"], self.table.restart)
        bar = add_classes(ipw.HBox(self.choices), "dmc-toolbar")
        super().__init__([card(_("Fields"), bar, self.table)])


def build_field_rows(state: ExportState) -> ListRows[Field]:
    """Return the rows of the table of fields."""
    return ListRows(state.find_fields, lambda field: _build_row(state, field))


def _build_row(state: ExportState, field: Field) -> dict[str, Any]:
    is_supported = state.can_hold(field)
    support = None if is_supported else (_("Not Supported"), "secondary")
    if support is None and field.required:
        support = (_("Required"), "info")
    return {
        "key": field.name,
        "name": field.name,
        "label": "" if shown_label(field) == field.name else shown_label(field),
        "type": describe_type(field.type),
        "support": support,
        "selectable": is_supported,
    }


def describe_type(name: str) -> str:
    """Return the type of a field in words: ``Multiselect Picklist``."""
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in name)
    return words.strip().capitalize() if name.islower() else words.strip()


def _build_table(state: ExportState) -> PagedTable:
    table = PagedTable(
        build_field_rows(state),
        (
            Column("name", _("Attribute Code")),
            Column("label", _("Label")),
            Column("type", _("Type"), width="150px", priority=2),
            Column("support", "", kind="status", width="120px"),
        ),
        label=_("Fields"),
        page_size=None,
        searchable=True,
        search_label=_("Search Fields"),
        selectable=True,
        dense=True,
        empty_text=_("Select an entity type to see its fields."),
    )
    table.add_class("dmc-fields")
    return table
