"""What the list of tasks can start: a menu, and the question of a backup."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy, resolve
from ...states.actions.exports import open_export_form
from ...states.actions.imports import open_import_form
from ...states.actions.installations import back_up_installation
from ...states.actions.migrations import open_migration_form
from ...states.actions.verifications import open_verification_form
from ...states.dashboard_session import DashboardSession
from ..controls import MenuButton
from .form_inputs import (
    add_classes,
    button,
    call_on_change,
    card,
    choice_field,
    html,
    set_visible,
)
from .guard import Guard

_OPENERS: tuple[tuple[str, str, Callable[[DashboardSession], object]], ...] = (
    ("export", lazy("Export File"), open_export_form),
    ("import", lazy("Import File"), open_import_form),
    ("migration", lazy("Migration"), open_migration_form),
    ("verification", lazy("Verification"), open_verification_form),
    ("comparison", lazy("Comparison"), lambda session: session.go("compare")),
)
_BACKUP = "backup"
_BACKUP_HELP = lazy(
    "Everything that the installation holds is copied into the workspace. It can be "
    "brought back from there, or looked into."
)


class BackupPanel(ipw.VBox):
    """Asks which installation is backed up; hidden until it is opened.

    Args:
        session: The session.
        guard: Shows errors.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.installation = choice_field(_("Installation"))
        self.start, self.cancel = button(_("Back Up"), "primary"), button(_("Cancel"))
        self.start.on_click(guard.on_click(self._start))
        self.cancel.on_click(lambda _button: self.hide())
        bar = add_classes(ipw.HBox([self.cancel, self.start]), "dmc-toolbar")
        parts = [html(resolve(_BACKUP_HELP), "dmc-help"), self.installation, bar]
        super().__init__([card(_("Backup"), *parts)])
        self.hide()
        call_on_change(session.dashboard, "page", self.hide)

    def open_panel(self) -> None:
        """Ask; the choice of the installation gets the focus."""
        dashboard = self._session.dashboard
        names = [connection.name for connection in dashboard.installations]
        self.installation.set_options((name, name) for name in names)
        self.installation.selected = dashboard.installation
        set_visible(self, True)
        self.installation.focus()

    def hide(self) -> None:
        """Take the question away."""
        set_visible(self, False)

    def _start(self) -> None:
        back_up_installation(self._session, self.installation.selected)


class NewMenu(MenuButton):
    """The menu *New*: the forms of all tasks, and the question of a backup.

    Args:
        session: The session.
        guard: Shows errors.
        backup: Asks for the installation of a backup.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, backup: BackupPanel
    ) -> None:
        openers = {key: opener for key, _label, opener in _OPENERS}

        def choose(key: str) -> None:
            if key == _BACKUP:
                backup.open_panel()
            else:
                guard.run(openers[key], session)

        items = [(key, resolve(label)) for key, label, _opener in _OPENERS]
        super().__init__(_("New"), [*items, (_BACKUP, _("Backup"))], choose)
