"""The list of installations, with what can be done to each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

import ipywidgets as ipw

from ...center.browsing import InstallationUse, describe_place
from ...center.installations import Connection
from ...languages import format_number, lazy, ngettext
from ...languages import gettext as _
from ...states.actions.installations import (
    back_up_installation,
    describe_removal,
    remove_installation,
)
from ...states.dashboard_session import DashboardSession
from ...states.installations import InstallationCheck
from ...states.model_words import translate_word
from ..forms.installation_picker import AddInstallation
from ..icons import render_icon
from ..parts.confirmation import Confirmation
from ..parts.form_inputs import add_classes, button, call_on_change, html
from ..parts.guard import Guard
from ..parts.installation_badge import KIND_ICONS, render_installation_badge
from ..theme import render_time

_HELP = lazy(
    "An installation is a Liferay server, or a database in a file. Passwords are kept "
    "in the keyring of the system and never shown."
)


class InstallationRow(ipw.HBox):
    """One installation: a picture, what is known of it, and its buttons.

    Args:
        connection: The installation.
        guard: Shows the errors of callbacks.
        actions: What the buttons do, by their labels.
    """

    def __init__(
        self,
        connection: Connection,
        guard: Guard,
        actions: dict[str, Callable[[], object]],
    ) -> None:
        self.connection = connection
        self.text = add_classes(html(""), "dmc-installation-text")
        self.buttons = {
            label: button(
                label,
                tooltip=f"{label}: {connection.name}",
            )
            for label in actions
        }
        for label, action in actions.items():
            self.buttons[label].on_click(guard.on_click(action))
        bar = add_classes(ipw.HBox([*self.buttons.values()]), "dmc-installation-bar")
        super().__init__([self.text, bar])
        self.add_class("dmc-installation-row")
        self.show(None, None)

    def show(
        self, check: InstallationCheck | None, use: InstallationUse | None
    ) -> None:
        """Show what is known by now."""
        place = describe_place(self.connection.url)
        user = self.connection.access.user or self.connection.access.client_id
        facts = [
            translate_word(place.kind),
            place.name,
            place.folder,
            user and _("as {user}").format(user=user),
        ]
        where = " · ".join(escape(fact) for fact in facts if fact)
        badge = render_installation_badge(check)
        known = [escape(check.text)] if check and check.state else []
        if use is not None:
            known.append(_describe_use(use))
        reason = f'<p class="dmc-error">{escape(check.reason)}</p>' if check else ""
        self.text.value = (
            f'<div class="dmc-installation-picture">'
            f"{render_icon(KIND_ICONS[place.kind])}</div>"
            f"<div><h3><bdi>{escape(self.connection.name)}</bdi> {badge}</h3>"
            f"<p>{where}</p><p>{' · '.join(known)}</p>{reason}</div>"
        )


class InstallationList(ipw.VBox):
    """All installations of the workspace.

    Args:
        session: The session.
        guard: Shows the errors of callbacks.
        browse: Opens the objects of an installation; None where they are not shown.

    Attributes:
        checks: Asks the installations whether they answer.
        rows: A row by the name of each installation.
    """

    def __init__(
        self,
        session: DashboardSession,
        guard: Guard,
        browse: Callable[[str], object] | None = None,
    ) -> None:
        self._session, self._guard, self._browse = session, guard, browse
        self.checks = session.installation_checks
        self.add = AddInstallation(session, guard)
        self.test_all = button(_("Test All"))
        self.test_all.on_click(guard.on_click(self.ask))
        self.question = Confirmation(_("Remove"), self._remove)
        self._removed = ""
        self.rows: dict[str, InstallationRow] = {}
        self.list = add_classes(ipw.VBox([]), "dmc-installations")
        bar = ipw.HBox([html(_HELP, "dmc-help"), self.test_all, self.add.opener])
        add_classes(bar, "dmc-browser-head")
        super().__init__([bar, self.add, self.question, self.list])
        call_on_change(session.dashboard, "installations", self._list_rows)
        call_on_change(self.checks, ["checks", "uses"], self._show_rows)
        self._list_rows()

    def ask(self) -> None:
        """Ask all installations whether they answer."""
        self.checks.ask([*self.rows])

    def tick(self) -> None:
        """Take over what they have answered; the poller of the page calls it."""
        self.checks.take()

    def _list_rows(self) -> None:
        connections = self._session.dashboard.installations
        rows = {}
        for connection in connections:
            row = self.rows.get(connection.name)
            if row is None or row.connection != connection:
                self.checks.forget(connection.name)
                row = self._build_row(connection)
            rows[connection.name] = row
        is_shown, self.rows = bool(self.rows), rows
        self.list.children = [*rows.values()]
        if is_shown:  # one was added or changed
            self.ask()
        self._show_rows()

    def _build_row(self, connection: Connection) -> InstallationRow:
        name = connection.name
        actions: dict[str, Callable[[], object]] = {}
        if self._browse is not None:
            actions[_("Browse")] = partial(self._browse, name)
        actions |= {
            _("Test"): lambda: self.checks.ask([name]),
            _("Edit"): lambda: self.add.edit(connection),
            _("Back Up"): partial(back_up_installation, self._session, name),
            _("Remove"): partial(self._ask_to_remove, name),
        }
        return InstallationRow(connection, self._guard, actions)

    def _show_rows(self) -> None:
        for name, row in self.rows.items():
            row.show(self.checks.checks.get(name), self.checks.uses.get(name))

    def _ask_to_remove(self, name: str) -> None:
        self._removed = name
        self.question.ask(describe_removal(self._session, name))

    def _remove(self) -> None:
        self.question.hide()
        self._guard.run(remove_installation, self._session, self._removed)
        self.checks.forget(self._removed)


def _describe_use(use: InstallationUse) -> str:
    if not use.tasks:
        return _("no tasks yet")
    tasks = ngettext("{count} task", "{count} tasks", use.tasks).format(
        count=format_number(use.tasks)
    )
    return _("{tasks}, last used {time}").format(
        tasks=tasks, time=render_time(use.last_used)
    )
