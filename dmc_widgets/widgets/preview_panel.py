"""What an import would take out of the file, before it starts."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ..model.preview import Preview
from ..states.dashboard_state import Page
from ..states.session import Session, look_ahead, start_import
from .guard import Guard
from .preview_markup import counts_text, preview_markup
from .theme import alert
from .wiring import Choice, actions, button, card, choice_field, html

_FIRST, _SPREAD = "The first records", "Records from all over the file"


class PreviewPanel(ipw.VBox):
    """Some records, field by field: as they are read, and as they would be written."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self._session = session
        self.choices, self.limit = html(""), html("", "dmc-help")
        self.warnings = html("")
        self.sample: Choice = choice_field("Show", [(_FIRST, False), (_SPREAD, True)])
        self.frame = html("", "dmc-frame", "dmc-preview")
        self.cancel = button("Cancel")
        self.start = button("Start Import", "primary")
        self.cancel.on_click(guard.on_click(self._leave))
        self.start.on_click(guard.on_click(start_import, session))
        self.sample.observe(lambda _: guard.carry_out(self._show), "value")
        bar = actions(self.cancel, self.start)
        shown = card(
            "Preview",
            self.choices,
            self.warnings,
            self.sample,
            self.limit,
            self.frame,
        )
        super().__init__([shown, bar])

    def fill(self) -> None:
        """Make the preview, and bring it into view.

        Raises:
            InvalidPlan: The form is not complete.
            DmcError: The installation does not answer, or the file is gone.
        """
        self._show()
        self._session.dashboard.page = Page.PREVIEW

    def _show(self) -> None:
        preview = look_ahead(self._session, sample=self.sample.value)
        self.choices.value = _choices(self._session)
        self.warnings.value = "".join(
            alert(warning, "warning") for warning in preview.warnings
        )
        self.limit.value = escape(limit_text(preview))
        self.frame.value = preview_markup(
            preview, self._session.import_form.source_labels
        )

    def _leave(self) -> None:
        self._session.dashboard.page = Page.IMPORT


def limit_text(preview: Preview) -> str:
    """Say which records are shown, what would become of them, and what is not told."""
    parts = [preview.sentence, counts_text(preview)]
    if not preview.extent.complete:
        parts.append("The import takes all records.")
    parts += preview.notes
    parts.append("Long values are cut here, not in the import.")
    return " ".join(filter(None, parts))


def _choices(session: Session) -> str:
    form = session.import_form
    label = form.entity_type.label if form.entity_type else form.entity
    parts = [form.import_strategy.label]
    if form.import_strategy != "INSERT":
        parts.append(form.update_strategy.label)
    parts.append("Stop on Error" if form.stop_on_error else "Continue on Error")
    target = escape(f"{label} in {session.dashboard.installation}")
    return f"<p><strong>{target}</strong><br>{escape(' · '.join(parts))}</p>"
