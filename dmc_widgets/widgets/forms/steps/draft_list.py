"""The forms in progress: each can be gone on with, or discarded after a question."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ....center.drafts import Draft
from ....languages import gettext as _
from ....model.plan import Action
from ....states.actions.drafts import discard_draft, open_draft
from ....states.dashboard_session import DashboardSession
from ....states.drafts.drafted_forms import describe_draft
from ....states.model_words import translate_word
from ...icons import render_icon
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
from ...theme import render_time

_SHOWN = 5
_ICONS: dict[str, str] = {
    Action.EXPORT: "export",
    Action.IMPORT: "import",
    Action.MIGRATION: "migrate",
    Action.VERIFICATION: "verify",
}


class DraftList(ipw.VBox):
    """Up to five drafts, the latest first; hidden while there is none.

    Args:
        session: The session with the list.
        guard: Shows errors.
        action: Only drafts of this kind, and without that of the form in view; None
            for all drafts.

    Attributes:
        rows: The row of each draft that is shown.
    """

    def __init__(
        self, session: DashboardSession, guard: Guard, action: Action | None = None
    ) -> None:
        self._session, self._guard, self._action = session, guard, action
        self.rows = add_classes(ipw.VBox(), "dmc-drafts")
        super().__init__([card(_("Continue"), self.rows)])
        call_on_change(session.drafts, "drafts", self._show_drafts)
        call_on_change(session.draft, "number", self._show_drafts)
        self._show_drafts()

    def _list_drafts(self) -> list[Draft]:
        drafts = [*self._session.drafts.drafts]
        if self._action is None:
            return drafts
        open_one = self._session.draft.number
        return [
            draft
            for draft in drafts
            if draft.action == self._action and draft.id != open_one
        ]

    def _show_drafts(self) -> None:
        drafts = self._list_drafts()
        self.rows.children = [self._build_row(draft) for draft in drafts[:_SHOWN]]
        set_visible(self, bool(drafts))

    def _build_row(self, draft: Draft) -> ipw.HBox:
        session, guard = self._session, self._guard
        text = describe_draft(draft)
        title = html(_render_draft(draft, text))
        go_on = button(_("Continue"), tooltip=_("Continue: {draft}").format(draft=text))
        go_on.on_click(guard.on_click(open_draft, session, draft.id))
        discard = button(
            _("Discard…"), tooltip=_("Discard: {draft}").format(draft=text)
        )
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
        sure.on_click(guard.on_click(discard_draft, session, draft.id))
        row = ipw.HBox([title, spacer(), discard, keep, sure, go_on])
        return add_classes(row, "dmc-toolbar")


def _render_draft(draft: Draft, text: str) -> str:
    icon = render_icon(_ICONS[draft.action])
    kind = escape(translate_word(draft.action))
    when = render_time(draft.modified)
    return (
        f'<div class="dmc-draft">{icon}<span><bdi>{escape(text)}</bdi>'
        f"<small>{kind} · {when}</small></span></div>"
    )
