"""What the file says of its entity type, with the reason and the other candidates."""

from __future__ import annotations

from html import escape

import ipywidgets as ipw

from ....center.files import EntityTypeSuggestion
from ....languages import gettext as _
from ....states.dashboard_session import DashboardSession
from ....states.paths.file_proposal import describe_suggestion
from ...parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    html,
    set_visible,
)
from ...parts.guard import Guard

_TRAITS = ["sentence", "choices", "target", "target_sentence"]


class ProposalPanel(ipw.VBox):
    """The reason for the entity type, and a button for each of the others.

    Attributes:
        reason: The sentence.
        choices: The buttons of the entity types that suit the file, too.
        target: The button of the installation that the file went to the last time.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self.reason = html("", "dmc-help")
        self.choices = add_classes(ipw.HBox(), "dmc-choices")
        self.target_reason = html("", "dmc-help")
        self.target = button("")
        self.target.on_click(guard.on_click(self._select_target))
        super().__init__([self.reason, self.choices, self.target_reason, self.target])
        add_classes(self, "dmc-proposal")
        call_on_change(session.proposal, _TRAITS, self._show)
        self._show()

    def _show(self) -> None:
        state = self._session.proposal
        self.reason.value = isolate(state.sentence)
        self.choices.children = [self._build_choice(x) for x in state.choices]
        self.target_reason.value = isolate(state.target_sentence)
        self.target.description = _("Use {target}").format(target=state.target)
        has_choices = bool(state.sentence and state.choices)
        set_visible(self.choices, has_choices)
        set_visible(self.target_reason, bool(state.target))
        set_visible(self.target, bool(state.target))
        set_visible(self, bool(state.sentence or state.target))

    def _build_choice(self, suggestion: EntityTypeSuggestion) -> ipw.Button:
        text = _("{name} ({known} of {columns})").format(
            name=suggestion.name, known=suggestion.known, columns=suggestion.columns
        )
        choice = button(text, tooltip=describe_suggestion(suggestion))
        choice.on_click(self._guard.on_click(self._select, suggestion.entity_type))
        return choice

    def _select(self, key: str) -> None:
        self._session.import_form.entity = key

    def _select_target(self) -> None:
        self._session.select_installation(self._session.proposal.target)


def isolate(text: str) -> str:
    """Return a sentence with names from a file, as HTML that they cannot disturb."""
    return f'<span dir="auto" role="status">{escape(text)}</span>' if text else ""
