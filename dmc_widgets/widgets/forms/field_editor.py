"""The editor of one field mapping: a dialog over FieldMappingState."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy
from ...states.actions.mappings import apply_field_mapping
from ...states.dashboard_session import DashboardSession
from ...states.mapping.field_choices import ValueOrigin
from ...states.mapping.field_mapping_state import FieldMappingState
from ...states.mapping.field_preview import FieldPreviewRow
from ...states.model_words import shown_label
from ...states.task_list_state import StatusKind
from ..controls import Dialog
from ..parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    heading,
    html,
    spacer,
)
from ..parts.guard import Guard
from ..theme import render_alert
from .field_inputs import FieldInputs

_NOTHING = lazy("Nothing fills this field. An import leaves it as it is.")
_NO_PREVIEW = lazy("There is no preview while the expression cannot be understood.")
_NO_FILE = lazy("Upload a file to see what its first records become.")


class FieldEditor(ipw.VBox):
    """Edits how one field is filled, and previews the first records."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._state = state = session.field_editor
        self.title = html("", "dmc-modal-title")
        self.inputs = FieldInputs(state, guard)
        self.examples, self.preview = html("", "dmc-help"), html("")
        self.dialog = Dialog(on_escape=state.close)
        self.default = button(_("Back to Default"))
        self.cancel = button(_("Cancel"))
        self.apply = button(_("Apply"), "primary")
        self.default.on_click(guard.on_click(state.restore_default))
        self.cancel.on_click(guard.on_click(state.close))
        self.apply.on_click(guard.on_click(apply_field_mapping, session))
        call_on_change(state, "field", self._show_field)
        preview_traits = [
            "problem",
            "preview",
            "summary",
            "examples",
            "origin",
            "field",
        ]
        call_on_change(state, preview_traits, self._show_preview)
        super().__init__([self._layout(), self.dialog])
        add_classes(self, "dmc-overlay", "dmc-dialog")

    def _layout(self) -> ipw.VBox:
        preview = add_classes(
            ipw.VBox([heading(_("Preview"), 3), self.examples, self.preview]),
            "dmc-field-preview",
        )
        body = add_classes(ipw.HBox([self.inputs, preview]), "dmc-field-body")
        bar = ipw.HBox([self.default, spacer(), self.cancel, self.apply])
        modal = ipw.VBox([self.title, body, add_classes(bar, "dmc-modal-actions")])
        return add_classes(modal, "dmc-modal", "dmc-modal-wide")

    def _show_field(self) -> None:
        field = self._state.field
        if field is not None:
            required = _("required") if field.required else ""
            label = shown_label(field) if field.label else ""
            details = " · ".join(filter(None, (label, field.type, required)))
            name = f"<h2><bdi>{escape(field.name)}</bdi></h2>"
            self.title.value = f"{name}<small>{escape(details)}</small>"
            self.dialog.label = _("How {name} is filled").format(name=field.name)
        self.dialog.is_open = field is not None

    def _show_preview(self) -> None:
        state = self._state
        self.apply.disabled = bool(state.problem)
        self.examples.value = _render_examples(state)
        self.preview.value = _render_preview(state)


def _render_examples(state: FieldMappingState) -> str:
    if not state.examples:
        return ""
    codes = " ".join(f"<code>{escape(value)}</code>" for value in state.examples)
    return _("Most frequent values: {codes}").format(codes=codes)


def _render_preview(state: FieldMappingState) -> str:
    if state.problem and state.origin is ValueOrigin.EXPRESSION:  # shown beside it
        return f'<p class="dmc-help">{_NO_PREVIEW}</p>'
    if state.problem:
        return str(render_alert(state.problem, "warning"))
    if state.origin is ValueOrigin.NOTHING:
        return f'<p class="dmc-help">{_NOTHING}</p>'
    if not state.preview:
        return f'<p class="dmc-help">{_NO_FILE}</p>'
    has_source = state.origin is ValueOrigin.SOURCE
    rows = "".join(_render_row(row, has_source=has_source) for row in state.preview)
    before, place, after = _("In the File"), _("Record"), _("Result")
    head = f"<th>{before}</th>" if has_source else ""
    success: StatusKind = "info" if state.lookup else "success"
    kind: StatusKind = "warning" if state.failed else success
    return (
        f'<table class="dmc-trial"><thead><tr><th>{place}</th>{head}'
        f"<th>{after}</th></tr></thead><tbody>{rows}</tbody></table>"
        f"{render_alert(state.summary, kind)}"
    )


def _render_row(row: FieldPreviewRow, *, has_source: bool) -> str:
    source = (
        f"<code>{escape(row.before)}</code>"
        if row.before
        else _render_muted(_("missing"))
    )
    cells = f"<td>{source}</td>" if has_source else ""
    if row.problem:
        result = f'<span class="dmc-error">{escape(row.problem)}</span>'
    elif row.after:
        result = f"<code>{escape(row.after)}</code>"
    else:
        result = _render_muted(_("left out"))
    return f"<tr><td>{row.number}</td>{cells}<td>{result}</td></tr>"


def _render_muted(text: str) -> str:
    return f'<span class="dmc-muted">{text}</span>'
