"""Templates inside a form: choosing one, and saving what was chosen as one."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ..errors import RequestError
from ..model.plan import Action
from ..states.session import Session, check_import, recall, save_template
from .guard import Guard
from .wiring import Choice, actions, button, classed, heading, html, show, text_field


class TemplateChoice(Choice):
    """The templates of one direction; choosing one restores what it holds."""

    def __init__(self, session: Session, guard: Guard, action: Action) -> None:
        super().__init__([("", "")], description="Template")
        self.add_class("dmc-field")
        self._session, self._guard, self._action = session, guard, action
        self._form = (
            session.export_form if action is Action.EXPORT else session.import_form
        )
        session.templates.observe(lambda _change: self._list(), "templates")
        self._form.observe(lambda _change: self._follow_form(), "template")
        self.observe(lambda change: self._recall(change["new"]), "chosen")
        self._list()

    def _list(self) -> None:
        names = self._session.templates.named(self._action)
        self.offer([("", ""), *((name, name) for name in names)])

    def _follow_form(self) -> None:
        self.chosen = self._form.template

    def _recall(self, name: str) -> None:
        if name == self._form.template:
            return
        self._guard.carry_out(recall, self._session, name, self._action)
        self._follow_form()  # a template that cannot be recalled is not chosen


class SaveTemplate(ipw.VBox):
    """Asks for a name and saves the form's choices under it.

    Attributes:
        opener: The button that brings this into view; it belongs to the form.
    """

    def __init__(self, session: Session, guard: Guard, action: Action) -> None:
        self._session, self._action = session, action
        self.opener = button("Save as Template", disabled=True)
        self.name = text_field("Name", "dmc-required", placeholder="Template Name")
        self.refusal = html("", "dmc-error")
        self.cancel = button("Cancel")
        self.save = button("Save", "primary", disabled=True)
        self.opener.on_click(guard.on_click(self._open))
        self.cancel.on_click(lambda _button: self._close())
        self.save.on_click(guard.on_click(self._save))
        self.name.observe(lambda _change: self._judge(), "value")
        super().__init__(
            [
                heading("Save as Template"),
                self.name,
                self.refusal,
                actions(self.cancel, self.save),
            ]
        )
        classed(self, "dmc-card", "dmc-save-template")
        show(self, False)

    def _open(self) -> None:
        if self._action is Action.IMPORT:
            check_import(self._session)
        self.name.value = self.refusal.value = ""
        show(self, True)
        self.name.focus()

    def _close(self) -> None:
        show(self, False)
        self.opener.focus()

    def _judge(self) -> None:
        self.save.disabled = not self.name.value.strip()
        self.refusal.value = ""

    def _save(self) -> None:
        try:
            save_template(self._session, self.name.value, self._action)
        except RequestError as exc:
            self.refusal.value = f'<span role="alert">{escape(str(exc))}</span>'
        else:
            self._close()
