"""The page *Installations*."""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...states.dashboard_session import DashboardSession
from ..installations import InstallationList
from ..parts.form_inputs import add_classes, heading
from ..parts.guard import Guard


class InstallationsPage(ipw.VBox):
    """The list of installations.

    Attributes:
        list: The list.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.list = InstallationList(
            session, guard, lambda name: session.go("objects", name)
        )
        session.pulses.append(self.list.tick)
        super().__init__([heading(_("Installations"), 1), self.list])
        add_classes(self, "dmc-stack")

    def open_page(self, _parts: tuple[str, ...]) -> None:
        """Load the list, and ask each installation whether it answers."""
        found = tuple(self._session.center.installations.list())
        self._session.dashboard.installations = found
        self.list.ask()
