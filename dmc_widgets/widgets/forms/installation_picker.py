"""The choice of the installation that the forms work on, and adding another one."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import ipywidgets as ipw
import traitlets

from ...center.browsing import describe_place
from ...center.installations import Connection
from ...errors import DmcError
from ...languages import gettext as _
from ...languages import lazy, resolve
from ...model.access import NO_ACCESS, Access
from ...states.actions.installations import (
    add_installation,
    is_server_url,
    rename_installation,
)
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_word
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    choice_field,
    heading,
    html,
    set_visible,
    spacer,
    text_field,
)
from ..parts.guard import Guard

_PASSWORD, _CLIENT = "password", "client"
_SIGN_IN_KINDS = (
    (lazy("User and Password"), _PASSWORD),
    (lazy("OAuth 2 Client"), _CLIENT),
)
_SIGN_IN_LABELS = {
    _PASSWORD: (lazy("User"), lazy("Password")),
    _CLIENT: (lazy("Client ID"), lazy("Client Secret")),
}
_EXAMPLE = (
    "https://liferay.example.com, postgresql://db.example.com/migration or "
    "sqlite:////srv/data/target.db"
)
_FILE_HELP = lazy("The file is created if it does not exist; its folder has to exist.")
_SERVER_HELP = lazy("The secret is stored in the keyring of the system.")
_KEPT_HELP = lazy(
    "The stored secret stays unless you type another one. It is never shown. For "
    "another address it has to be typed again."
)


class InstallationPicker(ipw.VBox):
    """Selects the installation, and offers to add another one.

    Attributes:
        row: The choice; hidden on pages that select installations themselves.
        add: Adds an installation; those pages show its button, too.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.choice = choice_field(_("Installation"))
        self.address = html("", "dmc-help")
        self.add = AddInstallation(session, guard)
        traits = ["installation", "installations"]
        call_on_change(session.dashboard, traits, self._show_installation)
        call_on_change(self.choice, "selected", self._select)
        self._show_installation()
        row = ipw.HBox([self.choice, self.address, spacer(), self.add.opener])
        self.row = add_classes(row, "dmc-card", "dmc-installation")
        super().__init__([self.row, self.add])

    def focus(self) -> None:
        """Focus the choice."""
        self.choice.focus()

    def _show_installation(self) -> None:
        state = self._session.dashboard
        urls = {connection.name: connection.url for connection in state.installations}
        self.choice.set_options((name, name) for name in urls)
        self.choice.selected = state.installation
        self.address.value = _render_place(urls.get(state.installation, ""))

    def _select(self) -> None:
        name = self.choice.selected
        if name and name != self._session.dashboard.installation:
            self._guard.run(self._session.select_installation, name)


def _render_place(url: str) -> str:
    """Return the kind and the place of an installation, with its address as a hint."""
    if not url:
        return ""
    place = describe_place(url)
    text = f"{escape(translate_word(place.kind))}, <bdi>{escape(place.name)}</bdi>"
    return f'<span title="{escape(url)}">{text}</span>'


class AddInstallation(ipw.VBox):
    """Asks for a name and an address, and adds the installation.

    Attributes:
        opener: The button that shows this panel; the picker holds it.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.opener = button(_("Add Installation"))
        self.name = text_field(_("Installation Name"), "dmc-required")
        self.url = text_field(_("Address"), "dmc-required", placeholder=_EXAMPLE)
        self.sign_in = SignInFields()
        self.error = html("", "dmc-error")
        self.cancel = button(_("Cancel"))
        self.connect = button(_("Connect"), "primary", disabled=True)
        self.opener.on_click(lambda _button: self._open())
        self.cancel.on_click(lambda _button: self._close())
        self.connect.on_click(guard.on_click(self._connect))
        for field in (self.name, self.url, self.sign_in):
            call_on_change(field, "value", self._check_inputs)
        self.help = html(_FILE_HELP, "dmc-help")
        self._title = html("")
        self._edited: Connection | None = None
        super().__init__(
            [
                self._title,
                self.name,
                self.url,
                self.help,
                self.sign_in,
                self.error,
                button_bar(self.cancel, self.connect),
            ]
        )
        add_classes(self, "dmc-card")
        set_visible(self, False)

    def edit(self, connection: Connection) -> None:
        """Offer name, address and user of an installation to be changed."""
        self._show(connection)
        self.name.value, self.url.value = connection.name, connection.url
        self.sign_in.show(connection.access)
        self._check_inputs()
        self.url.focus()

    def _open(self) -> None:
        self._show(None)
        self.name.focus()

    def _show(self, edited: Connection | None) -> None:
        self._edited = edited
        title = (
            _("Edit {name}").format(name=edited.name)
            if edited
            else _("Add Installation")
        )
        self._title.value = heading(title).value
        self._title.add_class("dmc-card-title")
        self.connect.description = _("Save") if edited else _("Connect")
        self.name.value = self.url.value = self.error.value = ""
        self.sign_in.clear()
        set_visible(self, True)

    def _close(self) -> None:
        self.sign_in.clear()
        set_visible(self, False)
        self.opener.focus()

    def _check_inputs(self) -> None:
        needs_user = is_server_url(self.url.value)
        set_visible(self.sign_in, needs_user)
        server_help = _(_KEPT_HELP) if self._edited else _(_SERVER_HELP)
        self.help.value = server_help if needs_user else _(_FILE_HELP)
        self.connect.disabled = not (self.name.value.strip() and self.url.value.strip())
        self.error.value = ""

    def _connect(self) -> None:
        try:
            access, secret = self.sign_in.credentials(self.url.value)
            if self._edited is None:
                add_installation(
                    self._session, self.name.value, self.url.value, access, secret
                )
            else:
                self._save(self._edited, access, secret)
        except DmcError as exc:
            self.error.value = f'<span role="alert">{escape(str(exc))}</span>'
        else:
            self._close()

    def _save(self, edited: Connection, access: Access, secret: str) -> None:
        """Rename the installation, and connect again if more than that was changed."""
        name, url = self.name.value.strip(), self.url.value.strip()
        if name != edited.name:
            rename_installation(self._session, edited.name, name)
            self._edited = replace(edited, name=name)  # the address may still fail
        if (url, access) != (edited.url, edited.access) or secret:
            add_installation(self._session, name, url, access, secret)
            self._session.dashboard.report_success(
                _("{name} was changed.").format(name=name)
            )


class SignInFields(ipw.VBox):
    """Asks for a user and a password, or for a client and its secret.

    Attributes:
        value: The user as typed; it changes with every key, and holds no secret.
    """

    value = traitlets.Unicode()

    def __init__(self) -> None:
        self._kept = NO_ACCESS
        self.kind = choice_field(_("Sign In With"), _SIGN_IN_KINDS)
        self.user = text_field(_("User"))
        self.secret = add_classes(ipw.Password(description=_("Password")), "dmc-field")
        self.ca_file = text_field(
            _("CA File"), placeholder=_("Only for a CA of your own")
        )
        call_on_change(self.kind, "selected", self._update_labels)
        call_on_change(self.user, "value", self._update_value)
        super().__init__([self.kind, self.user, self.secret, self.ca_file])
        set_visible(self, False)

    def credentials(self, url: str) -> tuple[Access, str]:
        """Return the access for *url* and its secret; none for a file.

        Raises:
            InvalidPlan: The inputs exclude each other.
        """
        if not is_server_url(url):
            return NO_ACCESS, ""
        name = "client_id" if self.kind.selected == _CLIENT else "user"
        user = {name: self.user.value.strip()}
        access = Access(
            ca_file=self.ca_file.value.strip(),
            insecure_http=self._kept.insecure_http,
            at_once=self._kept.at_once,
            **user,
        )
        return access, self.secret.value

    def show(self, access: Access) -> None:
        """Show who signs in; the secret stays empty."""
        self.kind.selected = _CLIENT if access.client_id else _PASSWORD
        self.user.value = access.client_id or access.user
        self.ca_file.value = access.ca_file
        self._kept = access

    def clear(self) -> None:
        """Clear and hide the fields, so that no secret stays in the page."""
        self._kept = NO_ACCESS
        self.user.value = self.secret.value = self.ca_file.value = ""
        self.kind.selected = _PASSWORD
        set_visible(self, False)

    def _update_labels(self) -> None:
        labels = _SIGN_IN_LABELS.get(self.kind.selected, _SIGN_IN_LABELS[_PASSWORD])
        self.user.description, self.secret.description = map(resolve, labels)

    def _update_value(self) -> None:
        self.value = self.user.value
