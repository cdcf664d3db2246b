"""Who signs in at a server, and with what."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
import traitlets

from ..model.access import NO_ACCESS, Access
from ..states.connecting import is_server
from .wiring import choice_field, classed, show, text_field

_PASSWORD, _CLIENT = "password", "client"
_WAYS = (("User and Password", _PASSWORD), ("OAuth 2 Client", _CLIENT))
_LABELS = {_PASSWORD: ("User", "Password"), _CLIENT: ("Client ID", "Client Secret")}


class SigningIn(ipw.VBox):
    """Asks for a user and a password, or for a client and its secret.

    Attributes:
        value: Who signs in; it changes with every key, and holds no secret.
    """

    value = traitlets.Unicode()

    def __init__(self) -> None:
        self.way = choice_field("Sign In With", _WAYS)
        self.user = text_field("User")
        self.secret = classed(ipw.Password(description="Password"), "dmc-field")
        self.ca_file = text_field("CA File", placeholder="Only for a CA of your own")
        self.way.observe(lambda change: self._relabel(change["new"]), "chosen")
        self.user.observe(self._follow, "value")
        super().__init__([self.way, self.user, self.secret, self.ca_file])
        show(self, False)

    def chosen(self, url: str) -> tuple[Access, str]:
        """Return who signs in, and their secret; nobody where none is needed.

        Raises:
            InvalidPlan: What was given excludes each other.
        """
        if not is_server(url):
            return NO_ACCESS, ""
        name = "client_id" if self.way.chosen == _CLIENT else "user"
        who = {name: self.user.value.strip()}
        access = Access(ca_file=self.ca_file.value.strip(), **who)
        return access, self.secret.value

    def forget(self) -> None:
        """Empty the fields: no secret waits in a page."""
        self.user.value = self.secret.value = self.ca_file.value = ""
        self.way.chosen = _PASSWORD
        show(self, False)

    def _relabel(self, way: str) -> None:
        self.user.description, self.secret.description = _LABELS.get(
            way, _LABELS[_PASSWORD]
        )

    def _follow(self, change: Any) -> None:
        self.value = change["new"]
