"""The template field of a form, and the panel that saves its choices as a template."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ...errors import RequestError
from ...languages import gettext as _
from ...model.plan import Action
from ...states.actions.imports import require_complete_import
from ...states.actions.templates import (
    apply_template,
    restore_template,
    save_template,
    update_template,
)
from ...states.dashboard_session import DashboardSession
from .form_inputs import (
    ChoiceField,
    add_classes,
    button,
    button_bar,
    call_on_change,
    heading,
    html,
    set_visible,
    spacer,
    text_field,
)
from .guard import Guard


class TemplateField(ChoiceField):
    """The templates of one direction; selecting one applies it to the form."""

    def __init__(self, session: DashboardSession, guard: Guard, action: Action) -> None:
        super().__init__([("", "")], description=_("Template"))
        self.add_class("dmc-field")
        self._session, self._guard, self._action = session, guard, action
        self._form = (
            session.export_form if action is Action.EXPORT else session.import_form
        )
        session.templates.observe(lambda _change: self._list_templates(), "templates")
        self._form.observe(lambda _change: self._follow_form(), "template")
        self.observe(lambda change: self._apply(change["new"]), "selected")
        self._list_templates()

    def _list_templates(self) -> None:
        names = self._session.templates.list_names(self._action)
        self.set_options([("", ""), *((name, name) for name in names)])

    def _follow_form(self) -> None:
        self.selected = self._form.template

    def _apply(self, name: str) -> None:
        if name == self._form.template:
            return
        self._guard.run(apply_template, self._session, name, self._action)
        self._follow_form()  # a template that cannot be applied is not selected


class SaveTemplatePanel(ipw.VBox):
    """Asks for a name, and saves the choices of the form as a template.

    Attributes:
        opener: The button that shows this panel; it is a part of the form.
    """

    def __init__(self, session: DashboardSession, guard: Guard, action: Action) -> None:
        self._session, self._action = session, action
        self.opener = button(_("Save as Template"), disabled=True)
        self.name = text_field(
            _("Name"), "dmc-required", placeholder=_("Template Name")
        )
        self.error = html("", "dmc-error")
        self.cancel = button(_("Cancel"))
        self.save = button(_("Save"), "primary", disabled=True)
        self.opener.on_click(guard.on_click(self._open))
        self.cancel.on_click(lambda _button: self._close())
        self.save.on_click(guard.on_click(self._save))
        self.name.observe(lambda _change: self._check_name(), "value")
        super().__init__(
            [
                heading(_("Save as Template")),
                self.name,
                self.error,
                button_bar(self.cancel, self.save),
            ]
        )
        add_classes(self, "dmc-card", "dmc-save-template")
        set_visible(self, False)

    def _open(self) -> None:
        if self._action is Action.IMPORT:
            require_complete_import(self._session)
        self.name.value = self.error.value = ""
        set_visible(self, True)
        self.name.focus()

    def _close(self) -> None:
        set_visible(self, False)
        self.opener.focus()

    def _check_name(self) -> None:
        self.save.disabled = not self.name.value.strip()
        self.error.value = ""

    def _save(self) -> None:
        try:
            save_template(self._session, self.name.value, self._action)
        except RequestError as exc:
            self.error.value = f'<span role="alert">{escape(str(exc))}</span>'
        else:
            self._close()


class TemplateChanges(ipw.HBox):
    """Says that a form differs from its template, and saves or takes back what does.

    Attributes:
        save: The button that saves the changes in the template.
        restore: The button that takes them back.
    """

    def __init__(self, session: DashboardSession, guard: Guard, action: Action) -> None:
        is_export = action is Action.EXPORT
        self._form = session.export_form if is_export else session.import_form
        self.text = html("")
        self.restore, self.save = button(_("Undo Changes")), button(_("Save Changes"))
        self.restore.on_click(guard.on_click(restore_template, session, action))
        self.save.on_click(guard.on_click(update_template, session, action))
        super().__init__([self.text, spacer(), self.restore, self.save])
        add_classes(self, "dmc-toolbar", "dmc-card", "dmc-template-changes")
        call_on_change(self._form, ["template", "origin", "can_save"], self._show)
        self._show()

    def _show(self) -> None:
        form = self._form
        set_visible(self, bool(form.origin and not form.template))
        name = f"<strong><bdi>{escape(form.origin)}</bdi></strong>"
        text = escape(_("The form differs from the template {name}."))
        self.text.value = f'<span role="status">{text.format(name=name)}</span>'
        self.save.disabled = not form.can_save
