"""A question before something that cannot be taken back, with its two buttons."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as ipw

from ...languages import gettext as _
from ..theme import render_alert
from .form_inputs import button, button_bar, html, set_visible


class Confirmation(ipw.VBox):
    """A question that is hidden until it is asked.

    Args:
        label: The label of the button that confirms.
        act: Called when the person has confirmed.
    """

    def __init__(self, label: str, act: Callable[[], object]) -> None:
        self.question = html("")
        self.confirm, self.decline = button(label, "danger"), button(_("Cancel"))
        self.decline.on_click(lambda _button: self.hide())
        self.confirm.on_click(lambda _button: act())
        super().__init__([self.question, button_bar(self.decline, self.confirm)])
        self.hide()

    def ask(self, question: str) -> None:
        """Show the question; the button that does nothing gets the focus."""
        self.question.value = render_alert(question, "warning")
        set_visible(self, True)
        self.decline.focus()

    def hide(self) -> None:
        """Take the question away."""
        set_visible(self, False)
