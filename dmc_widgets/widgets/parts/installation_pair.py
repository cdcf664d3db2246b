"""The inputs for two installations and entity types of the first, which two forms have.

They are the inputs of an
:class:`~dmc_widgets.states.comparing.installation_pair_state.InstallationPairState`.
"""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
from traitlets import dlink

from ...languages import gettext as _
from ...languages import lazy
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...states.actions.migrations import select_source
from ...states.comparing.installation_pair_state import InstallationPairState
from ...states.dashboard_session import DashboardSession
from ...states.type_names import format_type_name
from ..controls import Column, PagedTable
from .form_inputs import call_on_change, choice_field, link_traits, text_field
from .guard import Guard
from .table_rows import ListRows

SITES_HELP = lazy(
    "Keys of sites, separated by commas, for objects whose entries belong to sites."
)
_TYPE_COLUMNS = (
    Column("label", lazy("Entity Type")),
    Column("kind", "", kind="status", width="150px"),
)


class InstallationPair:
    """The wired inputs, for a form to lay out.

    Args:
        session: The session.
        guard: Shows the error of an installation that does not answer.
        state: The state of the form.
        labels: The labels of source and target.

    Attributes:
        source: The choice of the installation that is read.
        target: The choice of the other one.
        types: A table of the entity types of the source, with check boxes.
        name: The name of the task.
        sites: The keys of the sites.
    """

    def __init__(
        self,
        session: DashboardSession,
        guard: Guard,
        state: InstallationPairState,
        labels: tuple[str, str] = (lazy("From"), lazy("To")),
    ) -> None:
        self._session, self._guard, self._state = session, guard, state
        self.source = choice_field(labels[0], [("", "")])
        self.target = choice_field(labels[1], [("", "")])
        self.name = text_field(_("Name"))
        self.sites = text_field(_("Only These Sites"), placeholder=_("All"))
        self.types = _build_type_table(state)
        self._wire()

    @property
    def linked(self) -> dict[str, ipw.Widget]:
        """The inputs by the names of the traits that they are linked to."""
        return {"name": self.name, "target": self.target, "sites": self.sites}

    def _wire(self) -> None:
        state, dashboard = self._state, self._session.dashboard
        link_traits(state, self.linked)
        call_on_change(self.source, "selected", self._select_source)
        call_on_change(state, "source", self._follow_source)
        call_on_change(state, "entity_types", self.types.restart)
        dlink((state, "selected"), (self.types, "selected"))
        call_on_change(self.types, "selected", self._select_types)
        call_on_change(dashboard, "installations", self._list_installations)
        self._list_installations()

    def _list_installations(self) -> None:
        connections = self._session.dashboard.installations
        options = [("", ""), *((x.name, x.name) for x in connections)]
        self.source.set_options(options)
        self.target.set_options(options)

    def _select_source(self) -> None:
        name = self.source.selected
        if name != self._state.source:
            self._guard.run(select_source, self._session, self._state, name)

    def _follow_source(self) -> None:
        self.source.selected = self._state.source

    def _select_types(self) -> None:
        self._state.selected = tuple(self.types.selected)


def _build_type_row(entity_type: EntityType) -> dict[str, Any]:
    is_entries = entity_type.class_name == OBJECT_ENTRY
    kind = (_("Entries"), "info") if is_entries else (_("Definitions"), "secondary")
    return {
        "key": entity_type.key,
        "label": format_type_name(entity_type.name),
        "kind": kind,
    }


def _build_type_table(state: InstallationPairState) -> PagedTable:
    table = PagedTable(
        ListRows(state.find_entity_types, _build_type_row),
        _TYPE_COLUMNS,
        label=_("Entity Types"),
        page_size=None,
        searchable=True,
        search_label=_("Search Entity Types"),
        selectable=True,
        empty_text=_("Select an installation to see its entity types."),
    )
    table.add_class("dmc-fields")
    return table
