"""Templates inside a form: choosing one, and saving what was chosen as one."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ...errors import RequestError
from ...model.plan import Action
from ...states.dashboard_session import (
    DashboardSession,
    apply_template,
    require_complete_import,
    save_template,
)
from .elements import (
    ChoiceField,
    add_classes,
    button,
    button_bar,
    heading,
    html,
    set_visible,
    text_field,
)
from .guard import Guard


class TemplateField(ChoiceField):
    """The templates of one direction; choosing one restores what it holds."""

    def __init__(self, session: DashboardSession, guard: Guard, action: Action) -> None:
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
        self._guard.carry_out(apply_template, self._session, name, self._action)
        self._follow_form()  # a template that cannot be recalled is not chosen


class SaveTemplatePanel(ipw.VBox):
    """Asks for a name and saves the form's choices under it.

    Attributes:
        opener: The button that brings this into view; it belongs to the form.
    """

    def __init__(self, session: DashboardSession, guard: Guard, action: Action) -> None:
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
                button_bar(self.cancel, self.save),
            ]
        )
        add_classes(self, "dmc-card", "dmc-save-template")
        set_visible(self, False)

    def _open(self) -> None:
        if self._action is Action.IMPORT:
            require_complete_import(self._session)
        self.name.value = self.refusal.value = ""
        set_visible(self, True)
        self.name.focus()

    def _close(self) -> None:
        set_visible(self, False)
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
