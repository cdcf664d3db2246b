"""The migration form: layout and wiring. Every decision is in MigrationState."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...objects.comparison.differences import ChangeType, Difference
from ...states.actions.migrations import (
    compare_definitions,
    select_source,
    start_migration,
)
from ...states.dashboard_session import DashboardSession
from ...states.migration_state import MigrationState
from ...tasks.installation_comparison import format_value
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
from ..theme import render_alert

_INFO = (
    "Folders move first, then picklists, definitions and entries, parents before "
    "their children."
)
_NEEDED = (
    "Definitions, picklists, folders and parents that the target has stay as they are."
)
_MATCHED = (
    "A definition, picklist or folder of the target that has the name, but another "
    "external reference code, is taken as the same."
)
_SITES = "Keys of sites, separated by commas, for objects whose entries are of sites."
_DELETED = (
    "Overwriting a definition or picklist deletes the fields, relationships and keys "
    "that only the target has, with the values of its entries."
)
_ALIKE = "Folders, picklists and definitions are alike."
_TYPE_COLUMNS = (
    Column("label", "Entity Type"),
    Column("kind", "", kind="status"),
)
_DIFFERENCE_COLUMNS = (
    Column("type", "Type"),
    Column("name", "Name"),
    Column("change", "Change", kind="status"),
    Column("path", "Property"),
    Column("source", "Source"),
    Column("target", "Target"),
    Column("kept", "Kept Because"),
)
_CHANGE_KINDS = {
    ChangeType.ADDED: "success",
    ChangeType.REMOVED: "danger",
    ChangeType.CHANGED: "warning",
}


class TypeRows:
    """The entity types of the source as the rows of a table."""

    def __init__(self, state: MigrationState) -> None:
        self._state = state

    def count(self, query: str) -> int:
        """Return how many match *query*."""
        return len(self._state.matching(query))

    def rows(
        self, _offset: int, _limit: int, _sort: tuple[str, bool] | None, query: str
    ) -> list[dict[str, Any]]:
        """Return all that match *query*."""
        return [_build_type_row(each) for each in self._state.matching(query)]


class DifferenceRows:
    """The differences that were found as the rows of a table."""

    def __init__(self, state: MigrationState) -> None:
        self._state = state

    def count(self, query: str) -> int:
        """Return how many match *query*."""
        return len(self._matching(query))

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, query: str
    ) -> list[dict[str, Any]]:
        """Return some of those that match *query*."""
        found = self._matching(query)[offset : offset + limit]
        return [_build_difference_row(offset + n, each) for n, each in enumerate(found)]

    def _matching(self, query: str) -> list[Difference]:
        wanted = query.strip().casefold()
        return [
            difference
            for difference in self._state.differences or ()
            if wanted in f"{difference.name} {difference.path}".casefold()
        ]


class MigrationForm(ipw.VBox):
    """A form over the session's MigrationState."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self._state = session.migration_form
        self.inputs = _build_inputs()
        self.source = choice_field("From", [("", "")])
        self.types = _build_type_table(self._state)
        self.differences = _build_difference_table(self._state)
        self.alike = html(render_alert(_ALIKE, "success"))
        self.compared = card("Differences", self.alike, self.differences)
        self.compare = button("Compare Definitions")
        self.cancel = button("Cancel")
        self.dry_run = button("Dry Run")
        self.migrate = button("Migrate", "primary")
        self.compare.on_click(guard.on_click(compare_definitions, session))
        self.cancel.on_click(guard.on_click(session.show_lists))
        self.dry_run.on_click(guard.on_click(self._rehearse))
        self.migrate.on_click(guard.on_click(start_migration, session))
        self._wire()
        super().__init__(self._layout())

    def _wire(self) -> None:
        state = self._state
        link_traits(state, self.inputs)
        self.source.observe(lambda change: self._choose(change["new"]), "chosen")
        state.observe(lambda _change: self._follow_source(), "source")
        state.observe(lambda _change: self.types.restart(), "entity_types")
        state.observe(lambda _change: self._show_differences(), "differences")
        state.observe(lambda _change: self._judge(), ["source", "target"])
        dlink((state, "selected"), (self.types, "selected"))
        self.types.observe(lambda change: self._select(change["new"]), "selected")
        dlink(
            (state, "import_strategy"),
            (self.inputs["update_strategy"], "disabled"),
            lambda chosen: chosen is ImportStrategy.INSERT,
        )
        self._session.dashboard.observe(lambda _change: self._offer(), "installations")
        self._offer()
        self._judge()
        self._show_differences()

    def _layout(self) -> list[ipw.Widget]:
        inputs = self.inputs
        where = card(
            "Installations", self.source, inputs["target"], button_bar(self.compare)
        )
        rules = card(
            "Migration Settings",
            inputs["name"],
            inputs["with_needed"],
            html(_NEEDED, "dmc-help"),
            inputs["match_names"],
            html(_MATCHED, "dmc-help"),
            inputs["sites"],
            html(_SITES, "dmc-help"),
            inputs["stop_on_error"],
            inputs["import_strategy"],
            inputs["update_strategy"],
            inputs["allow_deletions"],
            html(_DELETED, "dmc-help"),
        )
        what = card("Entity Types", html(render_alert(_INFO, "info")), self.types)
        columns = add_classes(ipw.HBox([ipw.VBox([where, rules]), what]), "dmc-columns")
        bar = button_bar(self.cancel, self.dry_run, self.migrate)
        title = html("<h2>Migration</h2>", "dmc-form-title")
        return [title, columns, self.compared, bar]

    def _offer(self) -> None:
        known = self._session.dashboard.installations
        names = [(each.name, each.name) for each in known]
        self.source.offer([("", ""), *names])
        self.inputs["target"].offer([("", ""), *names])

    def _choose(self, name: str) -> None:
        if name != self._state.source:
            self._guard.carry_out(select_source, self._session, name)

    def _follow_source(self) -> None:
        self.source.chosen = self._state.source

    def _select(self, keys: tuple[str, ...]) -> None:
        self._state.selected = tuple(keys)

    def _judge(self) -> None:
        self.compare.disabled = not self._state.can_compare

    def _show_differences(self) -> None:
        found = self._state.differences
        set_visible(self.compared, found is not None)
        set_visible(self.alike, not found)
        set_visible(self.differences, bool(found))
        self.differences.restart()

    def _rehearse(self) -> None:
        start_migration(self._session, dry_run=True)


def _build_type_row(entity_type: EntityType) -> dict[str, Any]:
    is_entries = entity_type.class_name == OBJECT_ENTRY
    word = "Entries" if is_entries else "Definitions"
    return {
        "key": entity_type.key,
        "label": entity_type.label,
        "kind": (word, "info" if is_entries else "secondary"),
    }


def _build_difference_row(number: int, found: Difference) -> dict[str, Any]:
    return {
        "key": str(number),
        "type": found.kind,
        "name": found.name,
        "change": (found.change.value, _CHANGE_KINDS[found.change]),
        "path": found.path,
        "source": format_value(found.source),
        "target": format_value(found.target),
        "kept": found.kept or "",
    }


def _build_inputs() -> dict[str, ipw.Widget]:
    """Return the inputs under the names of the traits that they are tied to."""
    needed = ipw.Checkbox(description="Bring Along What Is Needed", indent=False)
    match = ipw.Checkbox(description="Match by Name", indent=False)
    delete = ipw.Checkbox(description="Allow Deletions", indent=False)
    stop = ipw.Checkbox(description="Stop the Migration on Error", indent=False)
    return {
        "name": text_field("Name"),
        "target": choice_field("To", [("", "")]),
        "with_needed": needed,
        "match_names": match,
        "allow_deletions": delete,
        "sites": text_field("Only These Sites", placeholder="All"),
        "stop_on_error": stop,
        "import_strategy": choice_field(
            "Import Strategy", [(each.label, each) for each in ImportStrategy]
        ),
        "update_strategy": choice_field(
            "Update Strategy", [(each.label, each) for each in UpdateStrategy]
        ),
    }


def _build_type_table(state: MigrationState) -> PagedTable:
    table = PagedTable(
        TypeRows(state),
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


def _build_difference_table(state: MigrationState) -> PagedTable:
    return PagedTable(
        DifferenceRows(state),
        _DIFFERENCE_COLUMNS,
        label="Differences",
        searchable=True,
        search_label="Search Differences",
    )
