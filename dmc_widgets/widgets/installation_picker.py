"""The installation that both forms work on: choosing one, and adding one."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ..errors import DmcError
from ..states.connecting import add_installation, is_server
from ..states.session import Session
from .guard import Guard
from .signing_in import SigningIn
from .wiring import (
    actions,
    button,
    choice_field,
    classed,
    heading,
    html,
    show,
    text_field,
)

_EXAMPLE = "https://liferay.example.com or sqlite:////srv/data/target.db"
_FILE_HELP = "The file is made where there is none; its folder has to be there."
_SERVER_HELP = "What you sign in with is kept in the keyring of the system."


class InstallationPicker(ipw.VBox):
    """Chooses the installation, and offers to add another."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.choice = choice_field("Installation")
        self.address = html("", "dmc-help")
        self.add = AddInstallation(session, guard)
        session.dashboard.observe(
            lambda _change: self._follow(), ["installation", "installations"]
        )
        self.choice.observe(lambda change: self._choose(change["new"]), "chosen")
        self._follow()
        space = classed(ipw.Box(), "dmc-spacer")
        line = ipw.HBox([self.choice, self.address, space, self.add.opener])
        super().__init__([classed(line, "dmc-card", "dmc-installation"), self.add])

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

    def __init__(self, session: Session, guard: Guard) -> None:
        self._session = session
        self.opener = button("Add Installation")
        self.name = text_field("Installation Name", "dmc-required")
        self.url = text_field("Address", "dmc-required", placeholder=_EXAMPLE)
        self.signing_in = SigningIn()
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
                actions(self.cancel, self.connect),
            ]
        )
        classed(self, "dmc-card")
        show(self, False)

    def _open(self) -> None:
        self.name.value = self.url.value = self.refusal.value = ""
        self.signing_in.forget()
        show(self, True)
        self.name.focus()

    def _close(self) -> None:
        self.signing_in.forget()
        show(self, False)
        self.opener.focus()

    def _judge(self) -> None:
        needs_user = is_server(self.url.value)
        show(self.signing_in, needs_user)
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
