"""What an import would take out of the file, before it starts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import ipywidgets as ipw

from ..states.dashboard_state import Page
from ..states.mapping_words import as_json
from ..states.session import Session, check_import, start_import
from ..tasks.head import FileHead
from .guard import Guard
from .wiring import actions, button, card, html

if TYPE_CHECKING:  # pandas loads in a second; the page does not wait for it
    import pandas as pd


class PreviewPanel(ipw.VBox):
    """The first records, field by field, as the mapping turns them out."""

    def __init__(self, session: Session, guard: Guard) -> None:
        self._session = session
        self.choices, self.limit = html(""), html("", "dmc-help")
        self.frame = html("", "dmc-frame")
        self.cancel = button("Cancel")
        self.start = button("Start Import", "primary")
        self.cancel.on_click(guard.on_click(self._leave))
        self.start.on_click(guard.on_click(start_import, session))
        bar = actions(self.cancel, self.start)
        shown = card("Preview", self.choices, self.limit, self.frame)
        super().__init__([shown, bar])

    def fill(self) -> None:
        """Make the preview, and bring it into view.

        Raises:
            InvalidPlan: The form is not complete.
        """
        session = self._session
        head = check_import(session).head
        plan = session.import_form.plan()
        installation = session.dashboard.installation
        frame = session.center.preview(installation, plan, head)
        self.choices.value = _choices(session)
        self.limit.value = escape(limit_text(head))
        self.frame.value = frame_markup(frame)
        session.dashboard.page = Page.PREVIEW

    def _leave(self) -> None:
        self._session.dashboard.page = Page.IMPORT


def limit_text(head: FileHead) -> str:
    """Say how much of the file the preview shows."""
    number = len(head.records)
    if head.complete:
        text = f"Shown are all {number:,} records of {head.name}."
    else:
        text = (
            f"Shown are the first {number:,} records of {head.name}; "
            "the import takes all of them."
        )
    if head.unreadable:
        text += f" {head.unreadable:,} more could not be read, and will be reported."
    return f"{text} Long values are cut here, not in the import."


def frame_markup(frame: pd.DataFrame) -> str:
    """Return *frame* as a table with JSON texts in it, every one escaped."""
    import pandas as pd

    texts = frame.map(lambda value: "" if value is pd.NA else as_json(value))
    texts.index.name = None
    with pd.option_context("display.max_colwidth", None):
        return str(texts.to_html(escape=True, border=0, max_rows=None))


def _choices(session: Session) -> str:
    form = session.import_form
    label = form.entity_type.label if form.entity_type else form.entity
    parts = [form.import_strategy.label]
    if form.import_strategy != "INSERT":
        parts.append(form.update_strategy.label)
    parts.append("Stop on Error" if form.stop_on_error else "Continue on Error")
    target = escape(f"{label} in {session.dashboard.installation}")
    return f"<p><strong>{target}</strong><br>{escape(' · '.join(parts))}</p>"
