"""The form that compares two installations: layout over VerificationState."""

from __future__ import annotations

from functools import partial

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...states.actions.verifications import start_verification
from ...states.dashboard_session import DashboardSession
from ...states.toolkit.calls import verification_code
from ..controls import CodeButtons
from ..parts.form_inputs import add_classes, button, button_bar, card, form_title, html
from ..parts.guard import Guard
from ..parts.installation_pair import SITES_HELP, InstallationPair
from ..parts.match_key_fields import MatchKeyFields
from ..theme import render_alert

_INFO = lazy(
    "Nothing is written. Entries are compared by their external reference codes, or by "
    "fields of your choice, field by field, attachments by their contents, definitions "
    "and picklists part by part."
)
_MATCH_HELP = lazy(
    "An entry is compared with the one that has its values of these fields, whatever "
    "external reference code that has. Without fields, the code decides."
)
_TYPES_HELP = lazy("Without a selection everything that the first installation has.")


class VerificationForm(ipw.VBox):
    """The form of the session's VerificationState.

    Args:
        session: The session.
        guard: Shows errors.
        add: The button that opens the panel to add an installation.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, add: ipw.Button
    ) -> None:
        self._add = add
        labels = _("What Is Expected"), _("Installation to Verify")
        pair = InstallationPair(session, guard, session.verification_form, labels)
        self.source, self.target, self.types = pair.source, pair.target, pair.types
        self.name, self.sites = pair.name, pair.sites
        traits = ["selected", "entity_types"]
        self.match = MatchKeyFields(
            session.verification_form, *traits, help_text=_MATCH_HELP
        )
        self.code = CodeButtons(partial(verification_code, session))
        self.cancel, self.verify = button(_("Cancel")), button(_("Verify"), "primary")
        self.cancel.on_click(guard.on_click(session.show_lists))
        self.verify.on_click(guard.on_click(start_verification, session))
        super().__init__(self._layout())

    def _layout(self) -> list[ipw.Widget]:
        installations = card(
            _("Installations"), self.source, self.target, button_bar(self._add)
        )
        settings = card(
            _("Verification Settings"),
            self.name,
            self.match,
            self.sites,
            html(SITES_HELP, "dmc-help"),
        )
        entity_types = card(
            _("Entity Types"), html(_TYPES_HELP, "dmc-help"), self.types
        )
        left = ipw.VBox([installations, settings])
        columns = add_classes(ipw.HBox([left, entity_types]), "dmc-columns")
        return [
            form_title(_("Verification")),
            html(render_alert(_INFO, "info")),
            columns,
            button_bar(self.cancel, self.verify),
            self.code,
        ]
