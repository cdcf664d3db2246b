"""The page *Objects*: what an installation defines, and its entries."""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...states.actions.exports import open_export_form
from ...states.browsing import ObjectBrowsing
from ...states.dashboard_session import DashboardSession
from ...states.navigation.addresses import format_address
from ..browsing import ObjectBrowser
from ..parts.form_inputs import add_classes, call_on_change, heading
from ..parts.guard import Guard

_PATH = "objects"


class ObjectsPage(ipw.VBox):
    """The object browser at ``objects/INSTALLATION/ENTITY``.

    Attributes:
        browser: The browser.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        browsing = ObjectBrowsing(session.center.installations.connect)
        self.browser = ObjectBrowser(
            browsing,
            guard,
            navigate=lambda parts: session.go(_PATH, *parts),
            export=self._export,
            prefix=f"#/{_PATH}",
        )
        session.pulses.append(self.browser.tick)
        super().__init__([heading(_("Objects"), 1), self.browser])
        add_classes(self, "dmc-stack")
        call_on_change(session.dashboard, "installations", self._offer)
        self._offer()

    def open_page(self, parts: tuple[str, ...]) -> None:
        """Show an installation, an object, an entry or a picklist.

        Without an installation that which the forms work on is shown.

        Raises:
            UnknownName: There is no such installation.
        """
        session = self._session
        names = [x.name for x in session.dashboard.installations]
        if not parts:
            chosen = session.dashboard.installation or next(iter(names), "")
            if chosen:
                session.dashboard.replace_address(object_address(chosen))
                self.browser.browsing.open((chosen,))
            return
        if parts[0] not in names:
            _ = session.center.installations[parts[0]]  # a backup is one, too
        self.browser.browsing.open(parts)

    def _offer(self) -> None:
        self.browser.offer(x.name for x in self._session.dashboard.installations)

    def _export(self) -> None:
        """Open the export form for the entries in view."""
        state, session = self.browser.browsing.state, self._session
        kind = state.entry_type
        session.change_installation(state.installation)
        open_export_form(session)
        if kind is not None:
            session.export_form.entity = kind.key
            session.export_form.filter = state.subject.filter


def object_address(installation: str, entity: str = "") -> str:
    """Return the address of an installation's objects, or of the entries of one.

    >>> object_address("Sample source", "C_Ticket")
    'objects/Sample%20source/C_Ticket'
    """
    return format_address(*filter(None, (_PATH, installation, entity)))
