"""The migration form: layout and wiring over MigrationState."""

from __future__ import annotations

from functools import partial
from html import escape

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...states.actions.migrations import compare_definitions, start_migration
from ...states.dashboard_session import DashboardSession
from ...states.toolkit.calls import migration_code
from ..controls import CodeButtons
from ..parts.difference_panel import DifferencePanel
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    card,
    checkbox,
    form_title,
    html,
    link_traits,
)
from ..parts.guard import Guard
from ..parts.installation_pair import SITES_HELP, InstallationPair
from ..parts.match_key_fields import MatchKeyFields
from ..parts.migration_order import MigrationOrderPanel
from ..parts.policy_inputs import (
    AT_ONCE_HELP,
    BACKUP_HELP,
    DELETIONS_HELP,
    ERROR_LIMIT_HELP,
    LAZY_REFERENCES_HELP,
    VERIFY_HELP,
    build_policy_inputs,
)
from ..parts.rehearsal import RehearsalPanel
from ..theme import render_alert

_INFO = lazy(
    "Folders move first, then picklists, definitions and entries, parents before "
    "their children."
)
_DEPENDENCIES_HELP = lazy(
    "Definitions, picklists, folders and parents that the target has stay as they are."
)
_MATCH_HELP = lazy(
    "A definition, picklist or folder of the target with the same name, but another "
    "external reference code, counts as the same."
)


class MigrationForm(ipw.VBox):
    """The form of the session's MigrationState.

    Args:
        session: The session.
        guard: Shows errors.
        add: The button that opens the panel to add an installation.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, add: ipw.Button
    ) -> None:
        self._session, self._guard, self._add = session, guard, add
        self._state = session.migration_form
        policy_inputs = build_policy_inputs(
            self._state, _("Stop the Migration on Error")
        )
        pair = InstallationPair(session, guard, self._state)
        self.source, self.types = pair.source, pair.types
        own_inputs = {**_build_inputs(), **policy_inputs}
        link_traits(self._state, own_inputs)
        self.inputs = {**pair.linked, **own_inputs}
        self.match = MatchKeyFields(self._state, "selected")
        self.comparison = DifferencePanel(self._state)
        self.order = MigrationOrderPanel(session, self._state)
        self.rehearsal = RehearsalPanel(session, guard, self._state)
        self.compare = button(_("Compare Definitions"))
        self.compared = html("", "dmc-help")
        self.cancel = button(_("Cancel"))
        self.dry_run = button(_("Dry Run"))
        self.migrate = button(_("Migrate"), "primary")
        self.code = CodeButtons(partial(migration_code, session))
        self.compare.on_click(guard.on_click(compare_definitions, session))
        self.cancel.on_click(guard.on_click(session.show_lists))
        self.dry_run.on_click(guard.on_click(self._start_dry_run))
        self.migrate.on_click(guard.on_click(start_migration, session))
        traits = ["source", "target", "differences", "is_comparing"]
        call_on_change(self._state, traits, self._update_compare)
        call_on_change(session.background, "is_busy", self._end_comparison)
        self._update_compare()
        super().__init__(self._layout())

    def _layout(self) -> list[ipw.Widget]:
        installations = card(
            _("Installations"),
            self.source,
            self.inputs["target"],
            button_bar(self._add, self.compare),
            self.compared,
        )
        entity_types = card(
            _("Entity Types"), html(render_alert(_INFO, "info")), self.types
        )
        choices = ipw.VBox([installations, entity_types])
        bar = button_bar(self.cancel, self.dry_run, self.migrate)
        beside = ipw.VBox([self.order, self.rehearsal, bar])
        add_classes(beside, "dmc-migration-beside")
        parts = [choices, beside, self._settings()]
        columns = add_classes(ipw.GridBox(parts), "dmc-migration")
        parts = [form_title(_("Migration")), columns, self.order.graph, self.comparison]
        return [*parts, self.code]

    def _settings(self) -> ipw.Widget:
        inputs = self.inputs
        return card(
            _("Migration Settings"),
            inputs["name"],
            inputs["with_needed"],
            html(_DEPENDENCIES_HELP, "dmc-help"),
            inputs["match_names"],
            html(_MATCH_HELP, "dmc-help"),
            self.match,
            inputs["sites"],
            html(SITES_HELP, "dmc-help"),
            inputs["stop_on_error"],
            inputs["error_limit"],
            html(ERROR_LIMIT_HELP, "dmc-help"),
            inputs["undo_at_limit"],
            inputs["at_once"],
            html(AT_ONCE_HELP, "dmc-help"),
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

    def _update_compare(self) -> None:
        state = self._state
        self.compare.disabled = state.is_comparing or not state.can_compare
        text = escape(state.describe_comparison())
        self.compared.value = f'<span role="status">{text}</span>'

    def _end_comparison(self) -> None:
        """Also where it has failed, which the message of the page says."""
        if not self._session.background.is_busy:
            self._state.is_comparing = False

    def _start_dry_run(self) -> None:
        start_migration(self._session, dry_run=True)


def _build_inputs() -> dict[str, ipw.Widget]:
    """Return the inputs by the names of the traits that they are linked to."""
    return {
        "with_needed": checkbox(_("Bring Along What Is Needed")),
        "match_names": checkbox(_("Match by Name")),
    }
