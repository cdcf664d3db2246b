"""The migration form: layout and wiring over MigrationState."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...states.actions.migrations import (
    compare_definitions,
    select_source,
    start_migration,
)
from ...states.dashboard_session import DashboardSession
from ...states.migration_state import MigrationState
from ..controls import Column, PagedTable
from ..parts.difference_panel import DifferencePanel
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
    text_field,
)
from ..parts.guard import Guard
from ..parts.policy_inputs import (
    BACKUP_HELP,
    DELETIONS_HELP,
    ERROR_LIMIT_HELP,
    LAZY_REFERENCES_HELP,
    VERIFY_HELP,
    build_policy_inputs,
)
from ..parts.table_rows import ListRows
from ..theme import render_alert

_INFO = (
    "Folders move first, then picklists, definitions and entries, parents before "
    "their children."
)
_DEPENDENCIES_HELP = (
    "Definitions, picklists, folders and parents that the target has stay as they are."
)
_MATCH_HELP = (
    "A definition, picklist or folder of the target with the same name, but another "
    "external reference code, counts as the same."
)
_SITES_HELP = (
    "Keys of sites, separated by commas, for objects whose entries belong to sites."
)
_TYPE_COLUMNS = (
    Column("label", "Entity Type"),
    Column("kind", "", kind="status"),
)


class MigrationForm(ipw.VBox):
    """The form of the session's MigrationState."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self._state = session.migration_form
        policy_inputs = build_policy_inputs(self._state, "Stop the Migration on Error")
        self.inputs = {**_build_inputs(), **policy_inputs}
        self.source = choice_field("From", [("", "")])
        self.types = _build_type_table(self._state)
        self.comparison = DifferencePanel(self._state)
        self.compare = button("Compare Definitions")
        self.cancel = button("Cancel")
        self.dry_run = button("Dry Run")
        self.migrate = button("Migrate", "primary")
        self.compare.on_click(guard.on_click(compare_definitions, session))
        self.cancel.on_click(guard.on_click(session.show_lists))
        self.dry_run.on_click(guard.on_click(self._start_dry_run))
        self.migrate.on_click(guard.on_click(start_migration, session))
        self._wire()
        super().__init__(self._layout())

    def _wire(self) -> None:
        state = self._state
        link_traits(state, self.inputs)
        call_on_change(self.source, "selected", self._select_source)
        call_on_change(state, "source", self._follow_source)
        call_on_change(state, "entity_types", self.types.restart)
        call_on_change(state, ["source", "target"], self._update_compare)
        dlink((state, "selected"), (self.types, "selected"))
        call_on_change(self.types, "selected", self._select_types)
        dashboard = self._session.dashboard
        call_on_change(dashboard, "installations", self._list_installations)
        self._list_installations()
        self._update_compare()

    def _layout(self) -> list[ipw.Widget]:
        inputs = self.inputs
        installations = card(
            "Installations", self.source, inputs["target"], button_bar(self.compare)
        )
        settings = card(
            "Migration Settings",
            inputs["name"],
            inputs["with_needed"],
            html(_DEPENDENCIES_HELP, "dmc-help"),
            inputs["match_names"],
            html(_MATCH_HELP, "dmc-help"),
            inputs["sites"],
            html(_SITES_HELP, "dmc-help"),
            inputs["stop_on_error"],
            inputs["error_limit"],
            html(ERROR_LIMIT_HELP, "dmc-help"),
            inputs["undo_at_limit"],
            inputs["import_strategy"],
            inputs["update_strategy"],
            inputs["lazy_references"],
            html(LAZY_REFERENCES_HELP, "dmc-help"),
            inputs["allow_deletions"],
            html(DELETIONS_HELP, "dmc-help"),
            inputs["back_up"],
            html(BACKUP_HELP, "dmc-help"),
            inputs["verify"],
            html(VERIFY_HELP, "dmc-help"),
        )
        entity_types = card(
            "Entity Types", html(render_alert(_INFO, "info")), self.types
        )
        columns = add_classes(
            ipw.HBox([ipw.VBox([installations, settings]), entity_types]), "dmc-columns"
        )
        bar = button_bar(self.cancel, self.dry_run, self.migrate)
        title = form_title("Migration")
        return [title, columns, self.comparison, bar]

    def _list_installations(self) -> None:
        connections = self._session.dashboard.installations
        options = [("", ""), *((x.name, x.name) for x in connections)]
        self.source.set_options(options)
        self.inputs["target"].set_options(options)

    def _select_source(self) -> None:
        if self.source.selected != self._state.source:
            self._guard.run(select_source, self._session, self.source.selected)

    def _follow_source(self) -> None:
        self.source.selected = self._state.source

    def _select_types(self) -> None:
        self._state.selected = tuple(self.types.selected)

    def _update_compare(self) -> None:
        self.compare.disabled = not self._state.can_compare

    def _start_dry_run(self) -> None:
        start_migration(self._session, dry_run=True)


def _build_type_row(entity_type: EntityType) -> dict[str, Any]:
    is_entries = entity_type.class_name == OBJECT_ENTRY
    kind = ("Entries", "info") if is_entries else ("Definitions", "secondary")
    return {"key": entity_type.key, "label": entity_type.label, "kind": kind}


def _build_inputs() -> dict[str, ipw.Widget]:
    """Return the inputs by the names of the traits that they are linked to."""
    return {
        "name": text_field("Name"),
        "target": choice_field("To", [("", "")]),
        "with_needed": checkbox("Bring Along What Is Needed"),
        "match_names": checkbox("Match by Name"),
        "sites": text_field("Only These Sites", placeholder="All"),
    }


def _build_type_table(state: MigrationState) -> PagedTable:
    table = PagedTable(
        ListRows(state.find_entity_types, _build_type_row),
        _TYPE_COLUMNS,
        label="Entity Types",
        page_size=None,
        searchable=True,
        search_label="Search Entity Types",
        selectable=True,
        empty_text="Select an installation to see its entity types.",
    )
    table.add_class("dmc-fields")
    return table
