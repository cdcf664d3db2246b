"""What stands at an address that leads nowhere."""

from __future__ import annotations

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ..parts.form_inputs import add_classes, heading, html
from ..theme import render_alert

MISSING_TITLE = lazy("Page Not Found")


class MissingPage(ipw.VBox):
    """Says that an address leads nowhere, and offers *Home*."""

    def __init__(self) -> None:
        self.reason = html("")
        home = html(_('<p><a href="#/">Go to Home</a></p>'))
        super().__init__([heading(MISSING_TITLE, 1), self.reason, home])
        add_classes(self, "dmc-stack")

    def explain(self, address: str, reason: str = "") -> None:
        """Show the reason why nothing stands at an address."""
        text = reason or _("There is no page at the address #/{address}.").format(
            address=address[:200]
        )
        self.reason.value = render_alert(text, "warning")
