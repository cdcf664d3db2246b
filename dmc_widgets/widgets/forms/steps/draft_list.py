"""The forms in progress: each can be gone on with, or discarded after a question."""

from __future__ import annotations

from functools import partial
from html import escape

import ipywidgets as ipw

from ....center.drafts import Draft
from ....languages import gettext as _
from ....states.actions.drafts import discard_draft, open_draft
from ....states.dashboard_session import DashboardSession
from ...parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    card,
    html,
    set_visible,
    spacer,
)
from ...parts.guard import Guard

_SHOWN = 5


class DraftList(ipw.VBox):
    """Up to five drafts, the latest first; hidden while there is none.

    Attributes:
        rows: The row of each draft that is shown.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.rows = ipw.VBox()
        super().__init__([card(_("Continue"), self.rows)])
        call_on_change(session.draft, ["drafts", "number"], self._show_drafts)
        self._show_drafts()

    def _show_drafts(self) -> None:
        state = self._session.draft
        others = [draft for draft in state.drafts if draft.id != state.number]
        self.rows.children = [self._build_row(draft) for draft in others[:_SHOWN]]
        set_visible(self, bool(others))

    def _build_row(self, draft: Draft) -> ipw.HBox:
        session, guard = self._session, self._guard
        text = _("{title} in {installation}").format(
            title=draft.title, installation=draft.installation
        )
        title = html(f'<span dir="auto">{escape(text)}</span>')
        go_on = button(_("Continue"), tooltip=_("Continue: {text}").format(text=text))
        go_on.on_click(guard.on_click(open_draft, session, draft.id))
        discard = button(_("Discard…"), tooltip=_("Discard: {text}").format(text=text))
        sure = button(_("Discard for Good"), "danger")
        keep = button(_("Keep"))
        question = [sure, keep]

        def ask(*, is_asked: bool) -> None:
            set_visible(discard, not is_asked)
            set_visible(go_on, not is_asked)
            for widget in question:
                set_visible(widget, is_asked)
            (keep if is_asked else discard).focus()

        for widget in question:
            set_visible(widget, False)
        discard.on_click(lambda _button: ask(is_asked=True))
        keep.on_click(lambda _button: ask(is_asked=False))
        sure.on_click(guard.on_click(partial(_discard, session, draft.id)))
        row = ipw.HBox([title, spacer(), discard, keep, sure, go_on])
        return add_classes(row, "dmc-toolbar")


def _discard(session: DashboardSession, number: int) -> None:
    discard_draft(session, number)
