"""The settings of the workspace as a page."""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ..parts.form_inputs import add_classes, heading
from ..parts.guard import Guard
from ..settings import SettingsPage


class SettingsOfWorkspace(ipw.VBox):
    """Who gets messages, and what old tasks keep."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.cards = SettingsPage(session, guard)
        self.views = {DashboardPage.SETTINGS: self.cards}
        super().__init__([heading(_("Settings"), 1), self.cards])
        add_classes(self, "dmc-stack")

    def open_page(self, _parts: tuple[str, ...]) -> None:
        """Load what may have changed elsewhere."""
        self._session.load_notifications()
        self._session.dashboard.page = DashboardPage.SETTINGS
