"""The installation that both forms work on: choosing one, and adding one.

Who signs in at a server, and with what.
"""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as ipw
import traitlets

from ...errors import DmcError
from ...model.access import NO_ACCESS, Access
from ...states.actions.installations import add_installation, is_server_url
from ...states.dashboard_session import DashboardSession
from ..parts.elements import (
    add_classes,
    button,
    button_bar,
    choice_field,
    heading,
    html,
    set_visible,
    text_field,
)
from ..parts.guard import Guard

_PASSWORD, _CLIENT = "password", "client"
_SIGN_IN_KINDS = (("User and Password", _PASSWORD), ("OAuth 2 Client", _CLIENT))
_SIGN_IN_LABELS = {
    _PASSWORD: ("User", "Password"),
    _CLIENT: ("Client ID", "Client Secret"),
}


class SignInFields(ipw.VBox):
    """Asks for a user and a password, or for a client and its secret.

    Attributes:
        value: Who signs in; it changes with every key, and holds no secret.
    """

    value = traitlets.Unicode()

    def __init__(self) -> None:
        self.way = choice_field("Sign In With", _SIGN_IN_KINDS)
        self.user = text_field("User")
        self.secret = add_classes(ipw.Password(description="Password"), "dmc-field")
        self.ca_file = text_field("CA File", placeholder="Only for a CA of your own")
        self.way.observe(lambda change: self._relabel(change["new"]), "chosen")
        self.user.observe(self._follow, "value")
        super().__init__([self.way, self.user, self.secret, self.ca_file])
        set_visible(self, False)

    def chosen(self, url: str) -> tuple[Access, str]:
        """Return who signs in, and their secret; nobody where none is needed.

        Raises:
            InvalidPlan: What was given excludes each other.
        """
        if not is_server_url(url):
            return NO_ACCESS, ""
        name = "client_id" if self.way.chosen == _CLIENT else "user"
        who = {name: self.user.value.strip()}
        access = Access(ca_file=self.ca_file.value.strip(), **who)
        return access, self.secret.value

    def forget(self) -> None:
        """Empty the fields: no secret waits in a page."""
        self.user.value = self.secret.value = self.ca_file.value = ""
        self.way.chosen = _PASSWORD
        set_visible(self, False)

    def _relabel(self, way: str) -> None:
        self.user.description, self.secret.description = _SIGN_IN_LABELS.get(
            way, _SIGN_IN_LABELS[_PASSWORD]
        )

    def _follow(self, change: Any) -> None:
        self.value = change["new"]


_EXAMPLE = "https://liferay.example.com or sqlite:////srv/data/target.db"
_FILE_HELP = "The file is made where there is none; its folder has to be there."
_SERVER_HELP = "What you sign in with is kept in the keyring of the system."


class InstallationPicker(ipw.VBox):
    """Chooses the installation, and offers to add another."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.choice = choice_field("Installation")
        self.address = html("", "dmc-help")
        self.add = AddInstallation(session, guard)
        session.dashboard.observe(
            lambda _change: self._follow(), ["installation", "installations"]
        )
        self.choice.observe(lambda change: self._choose(change["new"]), "chosen")
        self._follow()
        space = add_classes(ipw.Box(), "dmc-spacer")
        line = ipw.HBox([self.choice, self.address, space, self.add.opener])
        super().__init__([add_classes(line, "dmc-card", "dmc-installation"), self.add])

    def focus(self) -> None:
        """Begin with the choice."""
        self.choice.focus()

    def _follow(self) -> None:
        state = self._session.dashboard
        self.choice.offer(
            (installation.name, installation.name)
            for installation in state.installations
        )
        self.choice.chosen = state.installation
        urls = {
            installation.name: installation.url for installation in state.installations
        }
        self.address.value = escape(urls.get(state.installation, ""))

    def _choose(self, name: str) -> None:
        if name and name != self._session.dashboard.installation:
            self._guard.carry_out(self._session.choose_installation, name)


class AddInstallation(ipw.VBox):
    """Asks for a name and an address, and connects.

    Attributes:
        opener: The button that brings this into view.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.opener = button("Add Installation")
        self.name = text_field("Installation Name", "dmc-required")
        self.url = text_field("Address", "dmc-required", placeholder=_EXAMPLE)
        self.signing_in = SignInFields()
        self.refusal = html("", "dmc-error")
        self.cancel = button("Cancel")
        self.connect = button("Connect", "primary", disabled=True)
        self.opener.on_click(lambda _button: self._open())
        self.cancel.on_click(lambda _button: self._close())
        self.connect.on_click(guard.on_click(self._connect))
        for field in (self.name, self.url, self.signing_in):
            field.observe(lambda _change: self._judge(), "value")
        self.help = html(_FILE_HELP, "dmc-help")
        super().__init__(
            [
                heading("Add Installation"),
                self.name,
                self.url,
                self.help,
                self.signing_in,
                self.refusal,
                button_bar(self.cancel, self.connect),
            ]
        )
        add_classes(self, "dmc-card")
        set_visible(self, False)

    def _open(self) -> None:
        self.name.value = self.url.value = self.refusal.value = ""
        self.signing_in.forget()
        set_visible(self, True)
        self.name.focus()

    def _close(self) -> None:
        self.signing_in.forget()
        set_visible(self, False)
        self.opener.focus()

    def _judge(self) -> None:
        needs_user = is_server_url(self.url.value)
        set_visible(self.signing_in, needs_user)
        self.help.value = _SERVER_HELP if needs_user else _FILE_HELP
        self.connect.disabled = not (self.name.value.strip() and self.url.value.strip())
        self.refusal.value = ""

    def _connect(self) -> None:
        try:
            access, secret = self.signing_in.chosen(self.url.value)
            add_installation(
                self._session, self.name.value, self.url.value, access, secret
            )
        except DmcError as exc:
            self.refusal.value = f'<span role="alert">{escape(str(exc))}</span>'
        else:
            self._close()
