"""The editor of one field of the mapping: one dialog, whose values change."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ...states.actions.mappings import apply_field_mapping
from ...states.dashboard_session import DashboardSession
from ...states.mapping.field_choices import ValueOrigin
from ...states.mapping.field_mapping_state import FieldMappingState, FieldPreviewRow
from ..controls import Dialog
from ..parts.elements import add_classes, button, heading, html
from ..parts.guard import Guard
from ..theme import Kind, render_alert
from .field_inputs import FieldInputs

_NOTHING = "Nothing fills this field. An import leaves it as it is."
_NO_PREVIEW = "There is no preview while the expression cannot be understood."
_NO_FILE = "Upload a file to see what comes of its first records."


class FieldEditor(ipw.VBox):
    """Says how one field is filled, and shows at once what comes of it."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._state = state = session.field_editor
        self.title = html("", "dmc-modal-title")
        self.inputs = FieldInputs(state, guard)
        self.examples, self.preview = html("", "dmc-help"), html("")
        self.dialog = Dialog(on_escape=state.close)
        self.default = button("Back to Default")
        self.cancel = button("Cancel")
        self.apply = button("Apply", "primary")
        self.default.on_click(guard.on_click(state.restore_default))
        self.cancel.on_click(guard.on_click(state.close))
        self.apply.on_click(guard.on_click(apply_field_mapping, session))
        state.observe(lambda _change: self._follow(), "field")
        state.observe(
            lambda _change: self._tell(),
            ["fault", "preview", "summary", "examples", "filling", "field"],
        )
        super().__init__([self._layout(), self.dialog])
        add_classes(self, "dmc-overlay", "dmc-dialog")

    def _layout(self) -> ipw.VBox:
        shown = add_classes(
            ipw.VBox([heading("Preview", 3), self.examples, self.preview]),
            "dmc-field-preview",
        )
        body = add_classes(ipw.HBox([self.inputs, shown]), "dmc-field-body")
        spacer = add_classes(ipw.HTML(), "dmc-spacer")
        bar = ipw.HBox([self.default, spacer, self.cancel, self.apply])
        modal = ipw.VBox([self.title, body, add_classes(bar, "dmc-modal-actions")])
        return add_classes(modal, "dmc-modal", "dmc-modal-wide")

    def _follow(self) -> None:
        field = self._state.field
        if field is not None:
            about = " · ".join(x for x in (field.label, field.type) if x)
            required = " · required" if field.required else ""
            self.title.value = (
                f"<h2>{escape(field.name)}</h2><small>{escape(about)}{required}</small>"
            )
            self.dialog.label = f"How {field.name} is filled"
        self.dialog.shown = field is not None

    def _tell(self) -> None:
        state = self._state
        self.apply.disabled = bool(state.fault)
        self.examples.value = _render_examples(state)
        self.preview.value = _render_preview(state)


def _render_examples(state: FieldMappingState) -> str:
    if not state.examples:
        return ""
    listed = " ".join(f"<code>{escape(example)}</code>" for example in state.examples)
    return f"Most frequent values: {listed}"


def _render_preview(state: FieldMappingState) -> str:
    if state.fault and state.filling is ValueOrigin.EXPRESSION:  # it stands beside it
        return f'<p class="dmc-help">{_NO_PREVIEW}</p>'
    if state.fault:
        return str(render_alert(state.fault, "warning"))
    if state.filling is ValueOrigin.NOTHING:
        return f'<p class="dmc-help">{_NOTHING}</p>'
    if not state.preview:
        return f'<p class="dmc-help">{_NO_FILE}</p>'
    before = state.filling is ValueOrigin.SOURCE
    lines = "".join(_render_row(each, before=before) for each in state.preview)
    head = "<th>In the File</th>" if before else ""
    well: Kind = "info" if state.lookup else "success"
    told: Kind = "warning" if state.failed else well
    return (
        f'<table class="dmc-trial"><thead><tr><th>Record</th>{head}'
        f"<th>Result</th></tr></thead><tbody>{lines}</tbody></table>"
        f"{render_alert(state.summary, told)}"
    )


def _render_row(line: FieldPreviewRow, *, before: bool) -> str:
    source = (
        f"<code>{escape(line.before)}</code>"
        if line.before
        else _render_muted("missing")
    )
    cells = f"<td>{source}</td>" if before else ""
    if line.problem:
        result = f'<span class="dmc-error">{escape(line.problem)}</span>'
    elif line.after:
        result = f"<code>{escape(line.after)}</code>"
    else:
        result = _render_muted("left out")
    return f"<tr><td>{line.number}</td>{cells}<td>{result}</td></tr>"


def _render_muted(text: str) -> str:
    return f'<span class="dmc-muted">{text}</span>'
